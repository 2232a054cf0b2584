/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a capture without a view says of a loop that is stuck. */
#include "user/stuck_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "symbolizer/base.h"
#include "symbolizer/stacks.h"

static const struct frame place = {
	.function = "stuck", .file = "/srv/hang.js", .line = 6, .kind = FRAME_JS};

static void test_it_is_told_once_and_at_the_end(void **state)
{
	struct stuck_loop now = {.pid = 7, .tid = 7, .frame = &place};
	struct stuck_watch watch = {.told = 0};
	char text[STUCK_NEWS_LEN];

	(void)state;
	assert_false(stuck_watch_news(&watch, &now, false, text));
	now.busy_ns = 1100 * NS_PER_MS;
	assert_true(stuck_watch_news(&watch, &now, false, text));
	assert_string_equal(text, "the loop of pid 7 is stuck for 1.10s in stuck (hang.js:6)");
	now.busy_ns = 6 * NS_PER_SEC;
	assert_false(stuck_watch_news(&watch, &now, false, text));
	assert_true(stuck_watch_news(&watch, &now, true, text));
	assert_string_equal(text, "the loop of pid 7 is stuck for 6.00s in stuck (hang.js:6)");
}

/* Whether its end was looked at in between, or not. */
static void test_the_next_one_is_told_again(void **state)
{
	struct stuck_loop now = {.busy_ns = 3 * NS_PER_SEC, .pid = 7, .tid = 7, .frame = &place};
	struct stuck_watch watch = {.told = 0};
	char text[STUCK_NEWS_LEN];

	(void)state;
	assert_true(stuck_watch_news(&watch, &now, false, text));
	now.busy_ns = 0;
	assert_false(stuck_watch_news(&watch, &now, false, text));
	now.busy_ns = 4 * NS_PER_SEC;
	assert_true(stuck_watch_news(&watch, &now, false, text));
	now.busy_ns = 1500 * NS_PER_MS;
	assert_true(stuck_watch_news(&watch, &now, false, text));
	assert_string_equal(text, "the loop of pid 7 is stuck for 1.50s in stuck (hang.js:6)");
	now.busy_ns = 1600 * NS_PER_MS;
	assert_false(stuck_watch_news(&watch, &now, false, text));
}

static void test_it_does_not_go_on_for_ever(void **state)
{
	struct stuck_loop now = {.pid = 7, .tid = 7, .frame = &place};
	struct stuck_watch watch = {.told = 0};
	char text[STUCK_NEWS_LEN] = "";
	int i;

	(void)state;
	for (i = 0; i < STUCK_NEWS_MAX; i++) {
		now.busy_ns = 2 * NS_PER_SEC;
		assert_null(strstr(text, "no more"));
		assert_true(stuck_watch_news(&watch, &now, false, text));
		now.busy_ns = 0;
		assert_false(stuck_watch_news(&watch, &now, false, text));
	}
	assert_non_null(strstr(text, "; no more of this is told"));
	now.busy_ns = 2 * NS_PER_SEC;
	assert_false(stuck_watch_news(&watch, &now, false, text));
	assert_true(stuck_watch_news(&watch, &now, true, text));
	assert_null(strstr(text, "no more"));
}

static void test_a_loop_that_goes_round_at_the_end_is_no_news(void **state)
{
	const struct stuck_loop now = {.pid = 7, .tid = 7};
	struct stuck_watch watch = {.told = 1};
	char text[STUCK_NEWS_LEN];

	(void)state;
	assert_false(stuck_watch_news(&watch, &now, true, text));
}

/* It sleeps in a call: where it started something last is not where it is. */
static void test_a_place_that_is_only_the_last_one_says_so(void **state)
{
	const struct stuck_loop now = {.busy_ns = 2 * NS_PER_SEC,
				       .pid = 7,
				       .tid = 7,
				       .frame = &place,
				       .is_last_seen = true};
	struct stuck_watch watch = {.told = 0};
	char text[STUCK_NEWS_LEN];

	(void)state;
	assert_true(stuck_watch_news(&watch, &now, false, text));
	assert_string_equal(text,
			    "the loop of pid 7 is stuck for 2.00s, last seen in stuck (hang.js:6)");
}

static void test_a_worker_is_named(void **state)
{
	const struct stuck_loop now = {.busy_ns = 2 * NS_PER_SEC, .pid = 7, .tid = 9};
	struct stuck_watch watch = {.told = 0};
	char text[STUCK_NEWS_LEN];

	(void)state;
	assert_true(stuck_watch_news(&watch, &now, true, text));
	assert_string_equal(text,
			    "the loop of worker 9 of pid 7 is stuck for 2.00s, place not known");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_told_once_and_at_the_end),
		cmocka_unit_test(test_the_next_one_is_told_again),
		cmocka_unit_test(test_it_does_not_go_on_for_ever),
		cmocka_unit_test(test_a_loop_that_goes_round_at_the_end_is_no_news),
		cmocka_unit_test(test_a_place_that_is_only_the_last_one_says_so),
		cmocka_unit_test(test_a_worker_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
