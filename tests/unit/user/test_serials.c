/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Requests are named by process and serial: by whom they kept waiting, and in the view. A process that is traced
 * again after a pause must not use the serials of before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/replay.h"
#include "symbolizer/base.h"
#include "user/engine_setup.h"
#include "user/tracees.h"

#define TESTS_LEN    ((int)(sizeof(NT_TEST_DATA) - sizeof("/data")))
#define PID          4121
#define MAX_REQUESTS 256

struct seen {
	uint64_t serials[MAX_REQUESTS];
	size_t n;
};

static void on_request(void *user, struct request *request)
{
	struct seen *seen = user;

	assert_true(seen->n < MAX_REQUESTS);
	seen->serials[seen->n++] = request->serial;
	request_free(request);
}

static void on_unowned(void *user, const struct op *op)
{
	(void)user;
	(void)op;
}

/* What an engine tells that is made when these were there. */
static void trace(const struct tracees *tracees, struct seen *seen)
{
	const struct engine_output output = {
		.user = seen, .on_request = on_request, .on_unowned = on_unowned};
	const struct options options = {.max_nodes = 100, .view = true};
	struct engine *engine;
	struct replay *replay;
	struct event event;
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%.*s/replay/keepalive.node22.ntr", TESTS_LEN,
		       NT_TEST_DATA);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(replay_new(file, &replay), 0);
	assert_int_equal(engine_setup(&options, PID, tracees_serial_base(tracees, PID), &output,
				      &engine),
			 0);
	while (replay_next(replay, &event) > 0)
		(void)engine_feed(engine, &event);
	engine_finish(engine, replay_end_ns(replay));
	engine_free(engine);
	replay_free(replay);
	assert_int_equal(fclose(file), 0);
}

static void test_no_serial_is_given_twice_after_pauses(void **state)
{
	struct tracee one = {.pid = PID}, other = {.pid = PID + 1}, two = {.pid = PID};
	struct tracee *items[] = {&one, &other, &two};
	struct seen seen = {.n = 0};
	size_t each;

	(void)state;
	trace(&(struct tracees){.items = items, .n = 0}, &seen);
	each = seen.n;
	assert_true(each > 10);
	assert_int_equal(seen.serials[0], 1);
	trace(&(struct tracees){.items = items, .n = 2}, &seen);
	trace(&(struct tracees){.items = items, .n = 3}, &seen);
	assert_int_equal(seen.n, 3 * each);
	for (size_t i = 0; i < seen.n; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(seen.serials[i], seen.serials[j]);
}

static void test_serials_leave_room_for_the_process(void **state)
{
	struct tracee tracee = {.pid = PID};
	struct tracee *items[TRACEES_MAX];

	(void)state;
	for (size_t i = 0; i < TRACEES_MAX; i++)
		items[i] = &tracee;
	assert_int_equal(tracees_serial_base(&(struct tracees){.items = items, .n = 0}, PID), 0);
	assert_int_equal(
		tracees_serial_base(&(struct tracees){.items = items, .n = TRACEES_MAX}, PID) >> 40,
		0);
	assert_int_equal(tracees_serial_base(&(struct tracees){.items = items, .n = TRACEES_MAX},
					     PID + 1),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_serial_is_given_twice_after_pauses),
		cmocka_unit_test(test_serials_leave_room_for_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
