/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What keys and time do to the screens, told from what they show. */
#include "tui/app.h"

#include <locale.h>

#include "tui/app_fixture.h"
#include "tui/keys.h"
#include "tui/request_index.h"

static void test_screens_are_a_stack(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	press(&f, "\rj?");
	assert_shows(&f, "Keys on every screen");
	press(&f, "?");
	assert_shows(&f, "Keys on every screen");
	press(&f, "\x1b");
	assert_shows(&f, "-- net.connect 10.0.0.5:5432 --");
	assert_int_equal(app_key(f.app, KEY_ERASE), APP_CONTINUE);
	draw(&f);
	assert_shows(&f, "6 requests");
	/* Esc on the lowest screen does not quit. */
	press(&f, "\x1b");
	assert_int_equal(app_key(f.app, 'q'), APP_QUIT);
	assert_int_equal(app_key(f.app, 'Q'), APP_QUIT);
	assert_int_equal(app_key(f.app, KEY_FUNCTION + 10), APP_QUIT);
	assert_int_equal(app_key(f.app, KEY_CTRL_L), APP_REDRAW);
	assert_int_equal(app_key(f.app, KEY_UNKNOWN), APP_CONTINUE);
	teardown(&f);
}

static void test_header_is_honest(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	draw(&f);
	assert_shows(&f, "lost 0  attributed 99.86%  cost 1.9%  unknown 2  of no request 12");
	assert_hides(&f, "dropped");
	f.status.totals.lost = 123456;
	f.status.shed = 7;
	f.status.totals.forgotten = 9;
	f.status.message = "the target has ended";
	app_set_status(f.app, &f.status);
	resize(&f, 24, 120);
	draw(&f);
	assert_shows(&f, " the target has ended  lost 123k  attributed 99.86%  cost 1.9%  dropped 7"
			 "  forgotten 9");
	teardown(&f);
}

static void test_several_processes_are_told_apart(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	add(&f, 1, "/one", 1000);
	resize(&f, 24, 120);
	draw(&f);
	assert_shows(&f, "pid 4121  node");
	assert_hides(&f, "    PID");
	f.status.n_pids = 4;
	app_set_status(f.app, &f.status);
	draw(&f);
	assert_shows(&f, "pid 4121 and 3 more  node");
	assert_shows(&f, "    PID METHOD");
	assert_shows(&f, "   4121 GET     /one");
	teardown(&f);
}

/* Every size, with every screen and some odd requests. */
static void test_any_size_is_drawn(void **state)
{
	struct fixture f = setup(1 << 30);
	int rows, cols;

	(void)state;
	scene_fill(f.store);
	for (rows = 1; rows < 60; rows += rows < 14 ? 1 : 9) {
		for (cols = 1; cols < 300; cols += cols < 80 ? 3 : 43) {
			resize(&f, rows, cols);
			press(&f, "gzsz\rGjlk+]j\r?G\x1b\x1b\x1b\x1b");
			if (rows < APP_MIN_ROWS || cols < APP_MIN_COLS)
				assert_int_equal(strncmp(f.text, "needs 40x10",
							 cols < 11 ? (size_t)cols - 1 : 11),
						 0);
			else
				assert_shows(&f, "lost 0");
		}
	}
	resize(&f, 9, 80);
	draw(&f);
	assert_shows(&f, "needs 40x10, is 80x9\n\n");
	teardown(&f);
}

static void test_odd_requests_are_drawn(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = sample_request(1, "GET", "", 5000, 5000);
	struct op *op;

	(void)state;
	/* Without length, with operations before and after it and times that cannot be. */
	op = sample_op(request, OP_PARENT_REQUEST, "timer", "", 6000, 5500);
	sample_run(request, op, 9000, 8000);
	op = sample_op(request, 7, "fs.stat", "", 0, 0);
	op->queued_ns = 1;
	op->finished_ns = UINT64_MAX;
	sample_op(request, 1, "", "", 0, 4000)->count = 9;
	request->ops[2].flags = OP_FOLDED | OP_TRUNCATED;
	assert_int_equal(store_add(f.store, request), 0);
	press(&f, "\r++--0");
	assert_shows(&f, "0.0us  3 ops");
	press(&f, "j+l+j+j+G+h\r+\x1bgG");
	assert_shows(&f, "stands for 9 operations");
	teardown(&f);
}

static int count_one(void *user, const struct request *request)
{
	uint64_t *ids = user;

	*ids = *ids * 10 + request->id;
	return 0;
}

static uint64_t exported(const struct fixture *f)
{
	uint64_t ids = 0;
	size_t n = 0;

	assert_int_equal(app_export(f->app, count_one, &ids, &n), 0);
	return ids;
}

static void test_export_has_what_is_tagged_or_shown(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	add(&f, 1, "/a", 1000);
	add(&f, 2, "/b", 2000);
	add(&f, 3, "/c", 3000);
	draw(&f);
	assert_int_equal(exported(&f), 321);
	press(&f, ":path=~[ac]\r");
	assert_int_equal(exported(&f), 31);
	press(&f, "j \x1b");
	assert_int_equal(exported(&f), 1);
	press(&f, "g\r");
	assert_int_equal(exported(&f), 3);
	press(&f, "x");
	assert_shows(&f, "export to: ntrace-4121-1.ndjson");
	press(&f, "\x15"
		  "a.txt");
	assert_int_equal(app_key(f.app, '\r'), APP_EXPORT);
	assert_string_equal(app_export_path(f.app), "a.txt");
	app_tell(f.app, "it went well");
	draw(&f);
	assert_shows(&f, "it went well");
	press(&f, "jx");
	assert_hides(&f, "it went well");
	assert_shows(&f, "export to: ntrace-4121-2.ndjson");
	press(&f, "\x15\r");
	assert_hides(&f, "export to");
	teardown(&f);
}

static void test_setup_holds_at_once(void **state)
{
	struct fixture f = setup(1 << 30);
	struct setup chosen = {{0}};

	(void)state;
	scene_fill(f.store);
	chosen.choice[SETUP_SORT] = SORT_DURATION;
	chosen.choice[SETUP_FOLLOW] = 2;
	app_set_setup(f.app, &chosen);
	draw(&f);
	assert_shows(&f, "slowest first\n");
	assert_hides(&f, "following");
	assert_int_equal(app_key(f.app, KEY_FUNCTION + 2), APP_CONTINUE);
	press(&f, "jjj");
	assert_shows(&f, "[time]");
	assert_int_equal(app_key(f.app, 'l'), APP_SETUP);
	assert_int_equal(app_key(f.app, 'j'), APP_CONTINUE);
	assert_int_equal(app_key(f.app, '\r'), APP_SETUP);
	draw(&f);
	assert_shows(&f, "[cpu]");
	assert_shows(&f, "[smallest]");
	assert_int_equal(app_setup(f.app)->choice[SETUP_ORDER], 1);
	assert_int_equal(app_key(f.app, 'h'), APP_SETUP);
	press(&f, "q");
	assert_shows(&f, "most cpu first");
	teardown(&f);
}

/* The words of the setup stand in the order of the columns. */
static void test_setup_knows_every_column(void **state)
{
	(void)state;
	assert_int_equal(setup_words(SETUP_SORT), SORT_COLUMN_COUNT);
}

static void test_routes_tell_what_their_requests_waited_for(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	assert_int_equal(store_add(f.store, scene_report(7, SCENE_NOW_US - 1000000)), 0);
	resize(&f, 36, 120);
	press(&f, "R");
	assert_shows(&f, "5 routes");
	press(&f, "/report\r");
	assert_shows(&f, "\n> GET /api/report/:id                  2 ");
	assert_shows(&f, "critical of the last 2 requests of GET /api/report/:id");
	assert_shows(&f, "[GET /api/report/:id 825.6ms");
	/* The login had the loop, twice. */
	assert_shows(&f, "worst  83.0ms       2 times  POST /api/login  render render.js:88");
	press(&f, "w");
	assert_shows(&f, "cpu of the last 2 requests");
	press(&f, "w");
	assert_shows(&f, "[GET /api/report/:id 166.0ms");
	press(&f, "ww");
	assert_shows(&f, "[GET /api/report/:id 12 ");
	/* Enter goes to the slowest one; R and q come back. */
	press(&f, "\r");
	assert_shows(&f, "requests > GET /api/report/7");
	press(&f, "R");
	assert_shows(&f, "5 routes");
	press(&f, "R");
	assert_shows(&f, "7 requests");
	teardown(&f);
}

static void test_loop_screen_tells_who_had_it(void **state)
{
	struct fixture f = setup(1 << 30);
	int i;

	(void)state;
	scene_fill(f.store);
	resize(&f, 36, 120);
	for (i = 0; i < 300; i++) {
		f.status.now_ns += 500000000;
		f.status.loop_busy = i < 298 ? 0.1 : 1;
		f.status.gc = i < 298 ? 0 : 0.2;
		app_set_status(f.app, &f.status);
	}
	press(&f, "L");
	assert_shows(&f, "  83.0ms  83.0ms        1  POST /api/login  render render.js:88");
	assert_shows(&f, "  83.0ms 141.0ms        1  POST /api/login  render render.js:88");
	/* One second was busy: the newest. */
	assert_shows(&f, "   #\n   75%");
	assert_shows(&f, "in all: 91.0ms for a thread");
	press(&f, "jkGgL");
	assert_shows(&f, "6 requests");
	teardown(&f);
}

static void test_tree_of_a_route_is_zoomed(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	resize(&f, 36, 120);
	press(&f, "R/report\r\tj");
	assert_shows(&f, "Enter: zoom");
	press(&f, "\r");
	assert_hides(&f, "[GET /api/report/:id 4");
	assert_shows(&f, "[net.connect 10.0.0.5:5432 ");
	press(&f, "\x1b");
	assert_shows(&f, "[GET /api/report/:id 412.8ms");
	press(&f, "jlhkjjjjllllllhhhhkkkk\r\x1b");
	assert_shows(&f, "5 routes");
	press(&f, "\x1b");
	assert_shows(&f, "6 requests");
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screens_are_a_stack),
		cmocka_unit_test(test_header_is_honest),
		cmocka_unit_test(test_several_processes_are_told_apart),
		cmocka_unit_test(test_export_has_what_is_tagged_or_shown),
		cmocka_unit_test(test_setup_holds_at_once),
		cmocka_unit_test(test_setup_knows_every_column),
		cmocka_unit_test(test_routes_tell_what_their_requests_waited_for),
		cmocka_unit_test(test_loop_screen_tells_who_had_it),
		cmocka_unit_test(test_tree_of_a_route_is_zoomed),
		cmocka_unit_test(test_any_size_is_drawn),
		cmocka_unit_test(test_odd_requests_are_drawn),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
