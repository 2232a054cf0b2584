/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Every screen that shows requests, of events that were recorded: two seconds of the demo under load on
 * node 22, as `ntrace-bpf view tests/tui/shop.node22.ntr` shows them. What the engine finds in them changes
 * these screens too.
 */
#include "aggregator/engine.h"

#include <locale.h>

#include "aggregator/replay.h"
#include "aggregator/store.h"
#include "symbolizer/base.h"
#include "tui/golden.h"

#define MAX_OPS       5000
#define REQUEST_BYTES 4096 /* of each: what it occupies depends on who compiled us */

static struct store *store;
static struct app_status status;

static void on_request(void *user, struct request *request)
{
	(void)user;
	if (request->end_ns > status.now_ns)
		status.now_ns = request->end_ns;
	status.errors += request->status >= 500 || request->flags & REQUEST_ABORTED;
	request->bytes = REQUEST_BYTES;
	assert_int_equal(store_add(store, request), 0);
}

static void on_unowned(void *user, const struct op *op)
{
	(void)user;
	(void)op;
}

static void feed(struct replay *replay, struct engine *engine)
{
	uint64_t last_ns = 0;
	struct event event;
	int n;

	while ((n = replay_next(replay, &event)) > 0) {
		assert_int_equal(engine_feed(engine, &event), 0);
		last_ns = event.ts;
	}
	assert_int_equal(n, 0);
	engine_finish(engine, last_ns);
	engine_totals(engine, &status.totals);
}

/* The stacks of the requests live as long as the replay. */
static struct replay *replay_into_store(FILE *file)
{
	const struct engine_output output = {.on_request = on_request, .on_unowned = on_unowned};
	struct engine_options options = {.max_ops = MAX_OPS,
					 .linger_ns = NS_PER_SEC,
					 .max_memory = 256ull << 20,
					 .around = true};
	struct engine *engine;
	struct replay *replay;

	assert_int_equal(replay_new(file, &replay), 0);
	options.pid = replay_header(replay)->pid;
	status = (struct app_status){
		.state = APP_REPLAY,
		.pid = options.pid,
		.node_version = replay_header(replay)->node_version,
		.script = "shop.node22.ntr",
		.request_rate = -1,
		.event_rate = -1,
		.own_cpu = -1,
		.loop_busy = -1,
		.gc = -1,
	};
	assert_int_equal(engine_new(&options, &output, &engine), 0);
	feed(replay, engine);
	engine_free(engine);
	return replay;
}

static bool check(const char *name, const char *keys)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, 0};
	bool same = true;
	size_t i;

	for (i = 0; i < N_SETTINGS; i++) {
		struct app *app;
		char *text;

		assert_int_equal(app_new(&options, store, &app), 0);
		app_set_status(app, &status);
		text = draw(app, &settings[i], keys);
		same = compare(name, &settings[i], text) && same;
		free(text);
		app_free(app);
	}
	return same;
}

static void test_screens_of_a_recording_look_as_they_did(void **state)
{
	/* Of the slowest request: itself, one of its operations, its critical path. */
	static const struct {
		const char *name;
		const char *keys;
	} screens[] = {
		{"replayed-requests", ""},    {"replayed-slowest", "s"},
		{"replayed-request", "s\r"},  {"replayed-operation", "s\rjj"},
		{"replayed-path", "s\r\tjj"}, {"replayed-routes", "R"},
		{"replayed-tree", "Rj\tjj"},  {"replayed-loop", "L"},
	};
	FILE *file;
	char path[4096];
	struct replay *replay;
	bool same = true;
	size_t i;

	(void)state;
	(void)snprintf(path, sizeof(path), "%.*s/tui/shop.node22.ntr", TESTS_LEN, NT_TEST_DATA);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(store_new(1 << 30, &store), 0);
	replay = replay_into_store(file);
	for (i = 0; i < ARRAY_SIZE(screens); i++)
		same = check(screens[i].name, screens[i].keys) && same;
	store_free(store);
	replay_free(replay);
	assert_int_equal(fclose(file), 0);
	assert_true(same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screens_of_a_recording_look_as_they_did),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
