/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The screen of one request: its operations, the window of time, the details. */
#include "tui/app.h"

#include <locale.h>

#include "tui/app_fixture.h"
#include "tui/keys.h"

static void test_focus_goes_in_and_out_step_by_step(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	press(&f, "\r\r");
	assert_shows(&f, "requests > GET /api/report/7  200");
	press(&f, "j\rj\r");
	assert_shows(&f, "requests > GET /api/report/7 > crypto pbkdf2  200");
	assert_hides(&f, "[net.");
	press(&f, "\x1b");
	assert_shows(&f, "> net.connect 10.0.0.5:5432  200");
	press(&f, "\x1b");
	assert_shows(&f, "requests > GET /api/report/7  200");
	assert_shows(&f, "-- net.connect 10.0.0.5:5432 --");
	press(&f, "\x1b");
	assert_shows(&f, "6 requests");
	teardown(&f);
}

static void test_operations_that_are_alike_are_one_until_each_is_asked_for(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = sample_request(1, "GET", "/many", 0, 1000);
	uint32_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		sample_op(request, OP_PARENT_REQUEST, "fs.stat", "/tmp/a", 100 * i, 100 * i + 50);
	sample_op(request, 0, "immediate", "", 60, 70);
	assert_int_equal(store_add(f.store, request), 0);
	press(&f, "\rj");
	assert_shows(&f, "-- fs.stat /tmp/a (x4) --");
	assert_shows(&f, "4 operations took 200.0us, 50.0us to 50.0us each");
	assert_shows(&f, "1 not shown, 10.0us together");
	assert_hides(&f, "immediate");
	press(&f, "cj");
	assert_shows(&f, "-- fs.stat /tmp/a --");
	assert_shows(&f, "5 ops");
	press(&f, "q\rj");
	assert_shows(&f, "-- fs.stat /tmp/a --");
	press(&f, "cj");
	assert_shows(&f, "(x4)");
	teardown(&f);
}

/* A chain that is deeper than what can be remembered. */
static void test_deep_focus_still_leads_out_to_the_request(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = sample_request(1, "GET", "/deep", 0, 1000);
	uint32_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		sample_op(request, i ? i - 1 : OP_PARENT_REQUEST, "timer", "1", i, 1000);
	assert_int_equal(store_add(f.store, request), 0);
	press(&f, "\r");
	for (i = 0; i < 100; i++)
		press(&f, "j\r");
	assert_shows(&f, "operation 1099");
	for (i = 0; i < 32; i++)
		press(&f, "\x1b");
	assert_shows(&f, "requests > GET /deep  200");
	press(&f, "\x1b");
	assert_shows(&f, "1 request  newest");
	teardown(&f);
}

static void test_zoomed_window_follows_the_selection(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	press(&f, "\rj+++");
	assert_shows(&f, "|10ms");
	assert_hides(&f, "[timer 200ms");
	press(&f, "jjjj");
	assert_shows(&f, "[timer 200ms");
	press(&f, "0");
	assert_shows(&f, "|0ms");
	assert_shows(&f, "|300ms");
	teardown(&f);
}

static void test_time_of_the_request_is_shown_and_more_on_demand(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = sample_request(1, "GET", "/", 1000, 2000);

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "timer", "9", 1000, 4000);
	sample_op(request, 0, "late", "", 4100, 5000);
	assert_int_equal(store_add(f.store, request), 0);
	press(&f, "\r");
	assert_shows(&f, "|800us");
	assert_shows(&f, ">\n[GET / ");
	assert_shows(&f, "t>\n");
	assert_hides(&f, "[late");
	press(&f, "--");
	assert_hides(&f, ">\n");
	assert_shows(&f, "[late");
	press(&f, "0");
	assert_hides(&f, "[late");
	press(&f, "jj");
	assert_shows(&f, "[late");
	teardown(&f);
}

static void test_flame_has_the_request_at_the_bottom(void **state)
{
	struct fixture f = setup(1 << 30);
	const char *request, *connect;

	(void)state;
	scene_fill(f.store);
	press(&f, "\ri");
	request = strstr(f.text, "[GET /api");
	connect = strstr(f.text, "[net.co");
	assert_non_null(request);
	assert_non_null(connect);
	assert_true(connect < request);
	press(&f, "k");
	assert_shows(&f, "-- net.connect 10.0.0.5:5432 --");
	press(&f, "ij");
	assert_hides(&f, "-- net.connect 10.0.0.5:5432 --");
	teardown(&f);
}

static void test_details_tell_what_is_known(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	resize(&f, 36, 120);
	press(&f, "\rG");
	assert_shows(&f, "http.client  async id unknown  operation 6005");
	assert_shows(&f, "created +380.0ms  had not ended when the request was closed");
	assert_shows(&f, "derived:stream  flags open");
	assert_shows(&f, "parent     timer 200ms");
	assert_shows(&f, "callbacks  none was seen");
	assert_shows(&f, "created at unknown");
	press(&f, "g");
	assert_shows(&f, "status 200  38.0KiB");
	assert_shows(&f, "handler called +300.0us  response written +412.7ms  ended +412.8ms");
	press(&f, "]]]]");
	assert_shows(&f, "status none  0B  flags aborted, lossy");
	teardown(&f);
}

static void test_details_scroll_and_show_the_frames_of_the_user(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	resize(&f, 36, 80);
	press(&f, "\rjj");
	assert_shows(&f, "created at pbkdf2  node:internal/crypto/pbkdf2:41:9");
	resize(&f, 18, 80);
	draw(&f);
	assert_shows(&f, "1-5 of 11, PgUp PgDn");
	assert_hides(&f, "/srv/app/auth.js:12:21");
	assert_int_equal(app_key(f.app, KEY_PAGE_DOWN), APP_CONTINUE);
	draw(&f);
	assert_shows(&f, "6-10 of 11, PgUp PgDn");
	assert_shows(&f, "derive  /srv/app/auth.js:12:21");
	assert_int_equal(app_key(f.app, KEY_PAGE_DOWN), APP_CONTINUE);
	draw(&f);
	assert_shows(&f, "7-11 of 11, PgUp PgDn");
	assert_int_equal(app_key(f.app, KEY_PAGE_UP), APP_CONTINUE);
	draw(&f);
	assert_shows(&f, "2-6 of 11, PgUp PgDn");
	/* Another operation begins at its start. */
	assert_int_equal(app_key(f.app, KEY_PAGE_DOWN), APP_CONTINUE);
	press(&f, "k");
	assert_shows(&f, "type       net.connect");
	teardown(&f);
}

static void test_frames_of_node_are_one_line_unless_there_are_no_others(void **state)
{
	static const struct stack mixed = {
		.id = 1,
		.n_frames = 6,
		.frames = {{"uv_fs_open", NULL, 1, 0, 0, FRAME_NATIVE},
			   {"node::fs::Open", NULL, 2, 0, 0, FRAME_NATIVE},
			   {"open", "node:fs", 3, 7, 9, FRAME_JS},
			   {"mine", "/srv/app.js", 4, 1, 2, FRAME_JS},
			   {"Builtins_X", NULL, 5, 0, 0, FRAME_BUILTIN},
			   {"js", NULL, 0x66, 0, 0, FRAME_UNKNOWN}},
	};
	static const struct stack native = {
		.id = 2,
		.n_frames = 2,
		.frames = {{"uv_fs_open", NULL, 0xabc, 0, 0, FRAME_NATIVE},
			   {"open", "node:fs", 3, 7, 9, FRAME_JS}},
	};
	static const struct stack waited_for = {
		.id = 3,
		.n_frames = 4,
		.frames = {{"load", "/srv/app.js", 1, 7, 9, FRAME_JS_ASYNC},
			   {"uv_run", NULL, 2, 0, 0, FRAME_NATIVE},
			   {"Promise.all (index 1)", NULL, 0, 0, 0, FRAME_ASYNC},
			   {"handler", "/srv/app.js", 0, 38, 3, FRAME_ASYNC}},
	};
	static const struct stack inexact = {
		.id = 4,
		.n_frames = 2,
		.frames = {{"hot", "/srv/app.js", 1, 7, 9, FRAME_JS, true},
			   {"(truncated)", NULL, 0, 0, 0, FRAME_CUT}},
	};
	struct fixture f = setup(1 << 30);
	struct request *request = sample_request(1, "GET", "/s", 0, 1000);

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "fs.open", "/a", 0, 1000)->stack = &mixed;
	sample_op(request, 0, "fs.open", "/b", 0, 1000)->stack = &native;
	sample_op(request, 1, "fs.open", "/c", 0, 1000)->stack = &waited_for;
	sample_op(request, 2, "fs.open", "/d", 0, 1000)->stack = &inexact;
	assert_int_equal(store_add(f.store, request), 0);
	press(&f, "\rj");
	assert_shows(&f, "created at (3 frames of node)\n"
			 "            mine  /srv/app.js:1:2\n"
			 "            Builtins_X  0x5\n"
			 "            js  0x66\n");
	press(&f, "j");
	assert_shows(&f, "created at uv_fs_open  0xabc\n"
			 "            open  node:fs:7:9\n");
	press(&f, "j");
	assert_shows(&f, "created at load  /srv/app.js:7:9\n"
			 "            uv_run  0x2\n"
			 "            async Promise.all (index 1)\n"
			 "            async handler (/srv/app.js:38:3)\n");
	press(&f, "j");
	assert_shows(&f, "created at hot  /srv/app.js (the function's line 7)\n"
			 "            (truncated: there are more frames than are kept)\n");
	teardown(&f);
}

static void test_critical_path_tells_who_had_the_loop(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	resize(&f, 36, 120);
	press(&f, "\r");
	assert_shows(&f, "117.7ms  28.51%  t timer: timer 200ms");
	assert_shows(&f, "91.0ms  22.04%  p waits for a thread of the pool: derive auth.js:12  "
			 "crypto pbkdf2");
	assert_shows(&f,
		     "83.0ms  20.10%  q event loop busy with POST /api/login  render render.js:88");
	press(&f, "\tjj");
	assert_shows(&f, "\n> 83.0ms");
	/* The operation that waited is the selected one. */
	assert_shows(&f, "-- timer 200ms --");
	press(&f, "\r");
	assert_shows(&f, "requests > POST /api/login");
	press(&f, "q");
	assert_shows(&f, "6 requests");
	teardown(&f);
}

/* Nothing that it started was open: what ended the wait was somebody else's. */
static void test_wait_inside_the_program_is_told_from_one_of_its_own(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = sample_request(1, "GET", "/pooled", 0, 1000);
	struct label_span *span = arena_alloc(request->arena, sizeof(*span));

	(void)state;
	assert_non_null(span);
	*span = (struct label_span){.start_ns = request->start_ns,
				    .end_ns = request->end_ns,
				    .label = LABEL_IO,
				    .op = LABEL_OP_REQUEST};
	request->labels = span;
	request->n_labels = 1;
	request->label_ns[LABEL_IO] = span->end_ns - span->start_ns;
	assert_int_equal(store_add(f.store, request), 0);
	resize(&f, 36, 120);
	press(&f, "\r");
	assert_shows(&f,
		     "n network of others: it waits inside the program (for a pool's connection?)");
	teardown(&f);
}

static void test_enter_leads_to_the_operation_of_the_first_line_too(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	resize(&f, 36, 120);
	press(&f, "\r\t");
	assert_shows(&f, "\n>117.7ms  28.51%  t timer: timer 200ms");
	press(&f, "\r");
	assert_shows(&f, "-- timer 200ms --");
	teardown(&f);
}

static void test_culprit_that_is_gone_is_said_to_be(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	assert_int_equal(store_add(f.store, scene_report(6, 1000)), 0);
	resize(&f, 36, 120);
	press(&f, "\r\t");
	assert_shows(&f, "event loop busy with request 4  render render.js:88");
	press(&f, "jj\r");
	assert_shows(&f, "request 4 is not kept");
	press(&f, "jjjjjjjjjjjjjjjjjjjGg\r");
	press(&f, "\tj");
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_focus_goes_in_and_out_step_by_step),
		cmocka_unit_test(test_deep_focus_still_leads_out_to_the_request),
		cmocka_unit_test(test_zoomed_window_follows_the_selection),
		cmocka_unit_test(test_time_of_the_request_is_shown_and_more_on_demand),
		cmocka_unit_test(test_details_tell_what_is_known),
		cmocka_unit_test(test_details_scroll_and_show_the_frames_of_the_user),
		cmocka_unit_test(test_frames_of_node_are_one_line_unless_there_are_no_others),
		cmocka_unit_test(test_operations_that_are_alike_are_one_until_each_is_asked_for),
		cmocka_unit_test(test_flame_has_the_request_at_the_bottom),
		cmocka_unit_test(test_critical_path_tells_who_had_the_loop),
		cmocka_unit_test(test_wait_inside_the_program_is_told_from_one_of_its_own),
		cmocka_unit_test(test_enter_leads_to_the_operation_of_the_first_line_too),
		cmocka_unit_test(test_culprit_that_is_gone_is_said_to_be),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
