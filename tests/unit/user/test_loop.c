/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "symbolizer/base.h"
#include "user/loop.h"

struct seen {
	struct loop *loop;
	int fd;
	int n_calls;
	int quit_after;
	uint32_t events;
	int result;
};

static int on_event(void *user, uint32_t events)
{
	struct seen *seen = user;

	seen->events = events;
	if (++seen->n_calls >= seen->quit_after)
		loop_quit(seen->loop);
	return seen->result;
}

static void test_a_readable_descriptor_is_reported(void **state)
{
	struct seen seen = {.quit_after = 1};
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(loop_new(&seen.loop), 0);
	assert_int_equal(loop_watch(seen.loop, fds[0], EPOLLIN, on_event, &seen), 0);
	assert_int_equal(loop_run(seen.loop), 0);
	assert_int_equal(seen.n_calls, 1);
	assert_true(seen.events & EPOLLIN);
	loop_free(seen.loop);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void test_a_reader_that_left_is_reported_without_asking(void **state)
{
	struct seen seen = {.quit_after = 1};
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	(void)close(fds[0]);
	assert_int_equal(loop_new(&seen.loop), 0);
	assert_int_equal(loop_watch(seen.loop, fds[1], 0, on_event, &seen), 0);
	assert_int_equal(loop_run(seen.loop), 0);
	assert_true(seen.events & EPOLLERR);
	loop_free(seen.loop);
	(void)close(fds[1]);
}

static void test_timers_repeat(void **state)
{
	struct seen seen = {.quit_after = 3};

	(void)state;
	assert_int_equal(loop_new(&seen.loop), 0);
	assert_int_equal(loop_timer(seen.loop, NS_PER_MS, NS_PER_MS, on_event, &seen), 0);
	assert_int_equal(loop_run(seen.loop), 0);
	assert_int_equal(seen.n_calls, 3);
	loop_free(seen.loop);
}

static void test_a_failing_callback_ends_the_loop_with_its_error(void **state)
{
	struct seen seen = {.quit_after = 100, .result = -EIO};

	(void)state;
	assert_int_equal(loop_new(&seen.loop), 0);
	assert_int_equal(loop_timer(seen.loop, 1, 0, on_event, &seen), 0);
	assert_int_equal(loop_run(seen.loop), -EIO);
	assert_int_equal(seen.n_calls, 1);
	loop_free(seen.loop);
}

static void test_an_unwatched_descriptor_is_silent(void **state)
{
	struct seen silent = {.quit_after = 1}, timer = {.quit_after = 2};
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(loop_new(&timer.loop), 0);
	silent.loop = timer.loop;
	assert_int_equal(loop_watch(timer.loop, fds[0], EPOLLIN, on_event, &silent), 0);
	loop_unwatch(timer.loop, fds[0]);
	loop_unwatch(timer.loop, fds[0]);
	loop_unwatch(timer.loop, -1);
	assert_int_equal(loop_timer(timer.loop, NS_PER_MS, NS_PER_MS, on_event, &timer), 0);
	assert_int_equal(loop_run(timer.loop), 0);
	assert_int_equal(silent.n_calls, 0);
	loop_free(timer.loop);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* Two descriptors that are ready at once: whoever is called first gives the other one's place away. */
struct swap {
	struct seen seen;       /* of the timer that comes … */
	struct seen quiet_seen; /* … and of the descriptor that has nothing to say */
	int fds[2];
	int quiet;
	int n_calls;
};

static int on_swap(void *user, uint32_t events)
{
	struct swap *swap = user;

	(void)events;
	if (swap->n_calls++)
		return 0;
	loop_unwatch(swap->seen.loop, swap->fds[0]);
	loop_unwatch(swap->seen.loop, swap->fds[1]);
	assert_int_equal(loop_timer(swap->seen.loop, NS_PER_MS, 0, on_event, &swap->seen), 0);
	return loop_watch(swap->seen.loop, swap->quiet, EPOLLIN, on_event, &swap->quiet_seen);
}

static void test_an_event_of_one_that_was_unwatched_is_not_another_ones(void **state)
{
	struct swap swap = {.seen = {.quit_after = 1}, .quiet_seen = {.quit_after = 2}};

	(void)state;
	assert_int_equal(loop_new(&swap.seen.loop), 0);
	swap.quiet_seen.loop = swap.seen.loop;
	swap.quiet = eventfd(0, EFD_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(swap.fds); i++) {
		swap.fds[i] = eventfd(1, EFD_CLOEXEC);
		assert_int_equal(loop_watch(swap.seen.loop, swap.fds[i], EPOLLIN, on_swap, &swap),
				 0);
	}
	assert_int_equal(loop_run(swap.seen.loop), 0);
	assert_int_equal(swap.n_calls, 1);
	assert_int_equal(swap.seen.n_calls, 1);
	assert_int_equal(swap.quiet_seen.n_calls, 0);
	loop_free(swap.seen.loop);
	for (size_t i = 0; i < ARRAY_SIZE(swap.fds); i++)
		(void)close(swap.fds[i]);
	(void)close(swap.quiet);
}

static void test_what_cannot_be_watched_is_told(void **state)
{
	struct seen seen = {.quit_after = 1};
	char path[] = "/tmp/ntrace-test-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(loop_new(&seen.loop), 0);
	assert_int_equal(loop_watch(seen.loop, fd, 0, on_event, &seen), -EPERM);
	assert_int_equal(loop_watch(seen.loop, -1, EPOLLIN, on_event, &seen), 0);
	loop_free(seen.loop);
	(void)close(fd);
	(void)unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_readable_descriptor_is_reported),
		cmocka_unit_test(test_a_reader_that_left_is_reported_without_asking),
		cmocka_unit_test(test_timers_repeat),
		cmocka_unit_test(test_a_failing_callback_ends_the_loop_with_its_error),
		cmocka_unit_test(test_an_unwatched_descriptor_is_silent),
		cmocka_unit_test(test_an_event_of_one_that_was_unwatched_is_not_another_ones),
		cmocka_unit_test(test_what_cannot_be_watched_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
