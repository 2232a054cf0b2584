/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What keys and time do to the screens, told from what they show. */
#include "tui/app.h"

#include <locale.h>

#include "aggregator/compress.h"
#include "tui/keys.h"
#include "tui/memory_canvas.h"
#include "tui/mouse.h"
#include "tui/request_index.h"
#include "tui/scene.h"

struct fixture {
	struct store *store;
	struct app *app;
	struct memory_canvas *memory;
	struct app_status status;
	char *text; /* of the last drawing */
};

static void resize(struct fixture *f, int rows, int cols)
{
	memory_canvas_free(f->memory);
	assert_int_equal(memory_canvas_new(rows, cols, true, &f->memory), 0);
}

static struct fixture setup(size_t max_bytes)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, COMPRESS_ALL};
	struct fixture f = {.status = scene_status()};

	assert_int_equal(store_new(max_bytes, &f.store), 0);
	assert_int_equal(app_new(&options, f.store, &f.app), 0);
	app_set_status(f.app, &f.status);
	resize(&f, 24, 80);
	return f;
}

static void teardown(struct fixture *f)
{
	app_free(f->app);
	store_free(f->store);
	memory_canvas_free(f->memory);
	free(f->text);
}

static void draw(struct fixture *f)
{
	size_t len = 0;
	FILE *out;

	free(f->text);
	f->text = NULL;
	out = open_memstream(&f->text, &len);
	assert_non_null(out);
	app_draw(f->app, memory_canvas_canvas(f->memory));
	memory_canvas_dump(f->memory, MEMORY_DUMP_TEXT, out);
	assert_int_equal(fclose(out), 0);
}

static void press(struct fixture *f, const char *keys)
{
	for (; *keys; keys++) {
		draw(f);
		assert_int_equal(app_key(f->app, *keys), APP_CONTINUE);
	}
	draw(f);
}

static void assert_shows(const struct fixture *f, const char *text)
{
	if (!strstr(f->text, text))
		print_message("missing: %s\n%s", text, f->text);
	assert_non_null(strstr(f->text, text));
}

static void assert_hides(const struct fixture *f, const char *text)
{
	if (strstr(f->text, text))
		print_message("unexpected: %s\n%s", text, f->text);
	assert_null(strstr(f->text, text));
}

/* The path in the row of the selection. */
static void assert_selected(const struct fixture *f, const char *path)
{
	const char *line = strstr(f->text, "\n>");
	size_t len;

	assert_non_null(line);
	len = strcspn(line + 1, "\n");
	assert_true(len > strlen(path));
	assert_int_equal(strncmp(line + 1 + len - strlen(path), path, strlen(path)), 0);
}

static void add(struct fixture *f, uint64_t id, const char *url, uint64_t end_us)
{
	struct request *request = sample_request(id, "GET", url, end_us - 100, end_us);

	request->bytes = 1000;
	assert_int_equal(store_add(f->store, request), 0);
}

static void test_selection_follows_the_newest_until_it_is_moved(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	add(&f, 1, "/a", 1000);
	add(&f, 2, "/b", 2000);
	draw(&f);
	assert_selected(&f, "/b");
	add(&f, 3, "/c", 3000);
	draw(&f);
	assert_selected(&f, "/c");
	press(&f, "j");
	assert_selected(&f, "/b");
	add(&f, 4, "/d", 4000);
	draw(&f);
	assert_selected(&f, "/b");
	press(&f, "f");
	assert_selected(&f, "/d");
	teardown(&f);
}

static void test_selection_stays_on_its_request_when_others_come_and_go(void **state)
{
	struct fixture f = setup(40 * (1000 + sizeof(void *)));
	uint64_t id;

	(void)state;
	for (id = 1; id <= 30; id++)
		add(&f, id, id == 20 ? "/mine" : "/other", id * 1000);
	press(&f, "jjjjjjjjjj");
	assert_selected(&f, "/mine");
	for (; id <= 59; id++) {
		add(&f, id, "/other", id * 1000);
		draw(&f);
		assert_selected(&f, "/mine");
	}
	/* And is somewhere when that is gone. */
	add(&f, 60, "/other", 60000);
	draw(&f);
	assert_selected(&f, "/other");
	teardown(&f);
}

static void test_frozen_list_does_not_change(void **state)
{
	struct fixture f = setup(1 << 30);
	char *before;

	(void)state;
	add(&f, 1, "/a", 1000);
	press(&f, "z");
	assert_shows(&f, "FROZEN");
	before = strdup(f.text);
	f.status.now_ns += 5000000000;
	app_set_status(f.app, &f.status);
	add(&f, 2, "/b", 2000);
	draw(&f);
	assert_string_equal(f.text, before);
	press(&f, "z");
	assert_selected(&f, "/b");
	assert_hides(&f, "FROZEN");
	free(before);
	teardown(&f);
}

static void test_frozen_list_says_what_is_no_longer_kept(void **state)
{
	struct fixture f = setup(2 * (1000 + sizeof(void *)));

	(void)state;
	add(&f, 1, "/a", 1000);
	add(&f, 2, "/b", 2000);
	press(&f, "jz");
	add(&f, 3, "/c", 3000);
	draw(&f);
	assert_shows(&f, "(no longer kept)");
	assert_shows(&f, "1 older ones gone");
	press(&f, "\r"); /* nothing to open */
	assert_shows(&f, "(no longer kept)");
	press(&f, "sIkjgG");
	teardown(&f);
}

static void test_open_request_that_is_shed_says_so(void **state)
{
	struct fixture f = setup(2 * (1000 + sizeof(void *)));

	(void)state;
	add(&f, 1, "/a", 1000);
	press(&f, "\r");
	assert_shows(&f, "requests > GET /a");
	add(&f, 2, "/b", 2000);
	add(&f, 3, "/c", 3000);
	draw(&f);
	assert_shows(&f, "made room for newer ones");
	press(&f, "jklhgG+-0\r");
	assert_shows(&f, "made room for newer ones");
	press(&f, "[");
	assert_shows(&f, "requests > GET /");
	press(&f, "\x1b");
	assert_shows(&f, "2 requests");
	teardown(&f);
}

static void test_neighbours_are_those_of_the_list(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	add(&f, 1, "/a", 1000);
	add(&f, 2, "/b", 2000);
	add(&f, 3, "/c", 3000);
	press(&f, "j\r");
	assert_shows(&f, "requests > GET /b");
	press(&f, "]");
	assert_shows(&f, "requests > GET /a");
	press(&f, "]");
	assert_shows(&f, "requests > GET /a");
	press(&f, "[[");
	assert_shows(&f, "requests > GET /c");
	press(&f, "q");
	assert_selected(&f, "/c");
	teardown(&f);
}

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
				assert_int_equal(strncmp(f.text, "too small: ",
							 cols < 11 ? (size_t)cols - 1 : 11),
						 0);
			else
				assert_shows(&f, "lost 0");
		}
	}
	resize(&f, 9, 80);
	draw(&f);
	assert_shows(&f, "too small: 80x9, needs 40x10\n\n");
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

static void test_filter_is_typed_and_its_mistakes_are_told_at_once(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	press(&f, ":dur>");
	assert_shows(&f, "filter: dur>");
	assert_shows(&f, "at character 5: ");
	/* A filter that is wrong is not taken. */
	press(&f, "\r");
	assert_shows(&f, "filter: dur>");
	press(&f, "20");
	assert_hides(&f, "at character");
	press(&f, "\r");
	assert_shows(&f, "3 requests of 6");
	assert_shows(&f, "filter dur>20");
	assert_hides(&f, "DELETE");
	/* What comes later has to pass, too. */
	add(&f, 9, "/quick", SCENE_NOW_US);
	draw(&f);
	assert_shows(&f, "3 requests of 7");
	press(&f, "\x1b");
	assert_shows(&f, "7 requests ");
	assert_shows(&f, "DELETE");
	teardown(&f);
}

static void test_filter_is_edited_and_given_up(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	press(&f, ":status>=500\r");
	assert_shows(&f, "1 request of 6");
	press(&f, ":");
	assert_shows(&f, "filter: status>=500");
	press(&f, "\x15nonsense");
	press(&f, "\x1b");
	assert_shows(&f, "1 request of 6");
	press(&f, ":\x15\r");
	assert_shows(&f, "6 requests ");
	press(&f, ":dur>1h\x1b:dur>99m\r");
	assert_shows(&f, "No request passes the filter");
	teardown(&f);
}

static void test_search_goes_round_in_the_list(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	press(&f, "n");
	assert_shows(&f, "nothing was searched for yet");
	press(&f, "/API/(poll|login)\r");
	assert_selected(&f, "/api/login");
	press(&f, "n");
	assert_selected(&f, "/api/poll");
	press(&f, "n");
	assert_selected(&f, "/api/login");
	press(&f, "N");
	assert_selected(&f, "/api/poll");
	press(&f, "/\x15 401\r");
	assert_selected(&f, "/api/login");
	press(&f, "/\x15nowhere\r");
	assert_shows(&f, "nothing here matches 'nowhere'");
	assert_selected(&f, "/api/login");
	press(&f, "/\x15(");
	assert_shows(&f, "<- ");
	press(&f, "\r");
	assert_shows(&f, "search: (");
	teardown(&f);
}

static void test_search_finds_operations_by_label_and_by_stack(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	press(&f, "\r/auth\\.js\r");
	assert_shows(&f, "-- crypto pbkdf2 --");
	press(&f, "/\x15"
		  "fs\r");
	assert_shows(&f, "-- fs.readfile /srv/app/templates/report.html --");
	press(&f, "n");
	assert_shows(&f, "-- fs.stat /etc/hosts --");
	press(&f, "N");
	assert_shows(&f, "-- fs.readfile /srv/app/templates/report.html --");
	teardown(&f);
}

static void test_search_finds_lines_of_the_help(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	press(&f, "?/freeze the display\r");
	assert_shows(&f, "freeze the display");
	press(&f, "/\x15network\r");
	assert_shows(&f, "network");
	press(&f, "nN");
	assert_shows(&f, "network");
	teardown(&f);
}

static void test_requests_are_tagged_one_by_one_and_by_route(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	add(&f, 1, "/a", 1000);
	add(&f, 2, "/a?x", 2000);
	add(&f, 3, "/ab", 3000);
	press(&f, " ");
	assert_shows(&f, "1 tagged");
	assert_shows(&f, ">*");
	press(&f, " ");
	assert_hides(&f, "tagged");
	press(&f, "j*");
	assert_shows(&f, "2 more requests are tagged");
	press(&f, "k");
	assert_shows(&f, "2 tagged");
	assert_hides(&f, ">*");
	press(&f, "\r ");
	assert_shows(&f, "the request is tagged");
	press(&f, "q");
	assert_shows(&f, "3 tagged");
	teardown(&f);
}

static void test_selection_follows_the_slowest(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request;

	(void)state;
	add(&f, 1, "/quick", 1000);
	press(&f, "f");
	assert_shows(&f, "slowest first  following the first");
	request = sample_request(2, "GET", "/slow", 1000, 900000);
	request->bytes = 1000;
	assert_int_equal(store_add(f.store, request), 0);
	draw(&f);
	assert_selected(&f, "/slow");
	add(&f, 3, "/other", 2000000);
	draw(&f);
	assert_selected(&f, "/slow");
	press(&f, "f");
	assert_hides(&f, "following");
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

static struct request *in_flight(uint64_t id, const char *url, uint64_t start_us, uint64_t now_us)
{
	struct request *request = sample_request(id, "GET", url, start_us, now_us);
	struct op *op;

	request->flags = REQUEST_OPEN;
	request->status = 0;
	request->bytes = 1000;
	sample_own_run(request, start_us, start_us + 100);
	op = sample_op(request, OP_PARENT_REQUEST, "http.client", "GET http://10.0.0.9/a",
		       start_us + 50, 0);
	op->flags = OP_OPEN;
	op->id = 77;
	return request;
}

static void test_requests_in_flight_are_listed_until_they_finish(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *requests[2];

	(void)state;
	add(&f, 1, "/done", 1000);
	requests[0] = in_flight(2, "/stuck", 2000, 90000);
	requests[1] = in_flight(3, "/young", 80000, 90000);
	app_set_open(f.app, 0, requests, 2);
	draw(&f);
	assert_shows(&f, "1 request and 2 in flight");
	assert_shows(&f, "runs  88.0ms");
	/* It is the newest one that has finished that is followed. */
	assert_selected(&f, "/done");
	press(&f, "kk");
	requests[0] = in_flight(2, "/stuck", 2000, 190000);
	app_set_open(f.app, 0, requests, 1);
	draw(&f);
	assert_selected(&f, "/stuck");
	assert_hides(&f, "/young");
	add(&f, 4, "/other", 200000);
	requests[0] = in_flight(2, "/stuck", 2000, 290000);
	requests[0]->end_ns = 300000000;
	assert_int_equal(store_add(f.store, requests[0]), 0);
	/* The last copy was made before it had finished. */
	requests[0] = in_flight(2, "/stuck", 2000, 290000);
	app_set_open(f.app, 0, requests, 1);
	draw(&f);
	assert_hides(&f, "in flight,");
	assert_shows(&f, "3 requests  ");
	assert_selected(&f, "/stuck");
	teardown(&f);
}

static void test_request_in_flight_is_watched_to_its_end(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = in_flight(2, "/stuck", 2000, 90000);

	(void)state;
	app_set_open(f.app, 0, &request, 1);
	press(&f, "k\r");
	assert_shows(&f, "requests > GET /stuck");
	assert_shows(&f, "waits for  n network  since 88.0ms: http.client GET http://10.0.0.9/a");
	press(&f, "j");
	assert_shows(&f, "-- http.client GET http://10.0.0.9/a --");
	assert_shows(&f, "had not ended when the request was looked at");
	request = in_flight(2, "/stuck", 2000, 190000);
	app_set_open(f.app, 0, &request, 1);
	draw(&f);
	assert_shows(&f, "-- http.client GET http://10.0.0.9/a --");
	press(&f, "k");
	assert_shows(&f, "since 188.0ms");
	request = in_flight(2, "/stuck", 2000, 250000);
	request->flags = 0;
	request->status = 200;
	request->ops[0].end_ns = 249000000;
	request->ops[0].flags = 0;
	assert_int_equal(store_add(f.store, request), 0);
	app_set_open(f.app, 0, NULL, 0);
	draw(&f);
	assert_shows(&f, "GET /stuck  200  248.0ms");
	assert_hides(&f, "waits for");
	teardown(&f);
}

static void test_focus_and_zoom_stay_while_the_request_goes_on(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = in_flight(2, "/stuck", 2000, 90000);
	struct op *op;

	(void)state;
	app_set_open(f.app, 0, &request, 1);
	press(&f, "k\rj\r");
	assert_shows(&f, "requests > GET /stuck > http.client");
	request = in_flight(2, "/stuck", 2000, 190000);
	/* One that was created before it is given to the request only now: indices move. */
	request->ops[1] = request->ops[0];
	op = &request->ops[0];
	*op = (struct op){.id = 70,
			  .type = "timer",
			  .detail = "5",
			  .start_ns = 2010000,
			  .end_ns = 8000000,
			  .parent = OP_PARENT_REQUEST,
			  .count = 1};
	request->n_ops = 2;
	app_set_open(f.app, 0, &request, 1);
	draw(&f);
	assert_shows(&f, "requests > GET /stuck > http.client");
	press(&f, "\x1b");
	assert_hides(&f, "requests > GET /stuck >");
	assert_shows(&f, "-- http.client GET http://10.0.0.9/a --");
	/* It is gone, and was not kept. */
	app_set_open(f.app, 0, NULL, 0);
	draw(&f);
	assert_shows(&f, "made room for newer ones");
	press(&f, "jklhgG+-0\r[]");
	teardown(&f);
}

/* Two keys at once, just when what was in flight has ended: nothing was drawn in between. */
static void test_list_has_nothing_that_is_gone_when_keys_come(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = in_flight(2, "/stuck", 2000, 90000);

	(void)state;
	add(&f, 1, "/done", 1000);
	app_set_open(f.app, 0, &request, 1);
	draw(&f);
	app_set_open(f.app, 0, NULL, 0);
	assert_int_equal(app_key(f.app, 'g'), APP_CONTINUE);
	assert_int_equal(app_key(f.app, '\r'), APP_CONTINUE);
	draw(&f);
	assert_shows(&f, "requests > GET /done");
	teardown(&f);
}

static void test_frozen_screen_keeps_what_was_in_flight(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = in_flight(2, "/stuck", 2000, 90000);

	(void)state;
	app_set_open(f.app, 0, &request, 1);
	press(&f, "kz");
	request = in_flight(3, "/new", 3000, 190000);
	app_set_open(f.app, 0, &request, 1);
	press(&f, "ss");
	assert_selected(&f, "/stuck");
	assert_hides(&f, "/new");
	teardown(&f);
}

/* Clicks at the first place of the screen where this text stands. */
static enum app_verdict click_at(struct fixture *f, const char *text)
{
	struct mouse_event event = {.button = MOUSE_CLICK};
	const char *found = strstr(f->text, text);
	const char *at;
	enum app_verdict verdict;

	assert_non_null(found);
	for (at = f->text; at < found; at++) {
		event.col = *at == '\n' ? 0 : event.col + 1;
		event.row += *at == '\n';
	}
	verdict = app_mouse(f->app, &event);
	draw(f);
	return verdict;
}

static void test_list_is_used_with_the_mouse(void **state)
{
	struct fixture f = setup(1 << 30);
	struct mouse_event event = {.button = MOUSE_WHEEL_DOWN, .row = 7, .col = 3};

	(void)state;
	scene_fill(f.store);
	draw(&f);
	click_at(&f, "/api/login");
	assert_selected(&f, "/api/login");
	click_at(&f, "CPU");
	assert_shows(&f, "most cpu first");
	click_at(&f, "CPU v");
	assert_shows(&f, "least cpu first");
	click_at(&f, "PATH");
	assert_shows(&f, "by path, A to Z");
	click_at(&f, "WHERE");
	assert_shows(&f, "by path, A to Z");
	press(&f, "g");
	assert_int_equal(app_mouse(f.app, &event), APP_CONTINUE);
	draw(&f);
	assert_selected(&f, "/api/poll");
	click_at(&f, "/api/report");
	click_at(&f, "/api/report");
	assert_shows(&f, "requests > GET /api/report/7");
	click_at(&f, "q back");
	assert_shows(&f, "6 requests");
	assert_int_equal(click_at(&f, "q quit"), APP_QUIT);
	teardown(&f);
}

static void test_icicle_is_used_with_the_mouse(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	scene_fill(f.store);
	press(&f, "\r");
	click_at(&f, "[timer 200");
	assert_shows(&f, "-- timer 200ms --");
	click_at(&f, "[timer 200");
	assert_shows(&f, " > timer 200ms");
	click_at(&f, "Esc");
	press(&f, "i");
	click_at(&f, "[net.co");
	assert_shows(&f, "-- net.connect 10.0.0.5:5432 --");
	teardown(&f);
}

static void click_everywhere(struct fixture *f, int but_row)
{
	struct mouse_event event = {.button = MOUSE_CLICK};

	for (event.row = 0; event.row < 60; event.row++) {
		for (event.col = 0; event.col < 200 && event.row != but_row; event.col += 7)
			assert_int_equal(app_mouse(f->app, &event), APP_CONTINUE);
	}
}

static void test_clicks_outside_of_everything_do_nothing(void **state)
{
	struct fixture f = setup(1 << 30);
	const struct mouse_event event = {.button = MOUSE_CLICK};
	static const char *const ways[] = {"", "\r", "?", "/"};
	size_t i;

	(void)state;
	/* Nothing was drawn yet. */
	assert_int_equal(app_mouse(f.app, &event), APP_CONTINUE);
	scene_fill(f.store);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		press(&f, i ? ways[i] : "");
		click_everywhere(&f, 23); /* not at the keys at the bottom */
		draw(&f);
		press(&f, "\x1b\x1b\x1b\x1b\x1b");
		if (i + 1 < sizeof(ways) / sizeof(ways[0]))
			press(&f, "g");
	}
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
		cmocka_unit_test(test_selection_follows_the_newest_until_it_is_moved),
		cmocka_unit_test(test_selection_stays_on_its_request_when_others_come_and_go),
		cmocka_unit_test(test_frozen_list_does_not_change),
		cmocka_unit_test(test_frozen_list_says_what_is_no_longer_kept),
		cmocka_unit_test(test_open_request_that_is_shed_says_so),
		cmocka_unit_test(test_neighbours_are_those_of_the_list),
		cmocka_unit_test(test_screens_are_a_stack),
		cmocka_unit_test(test_focus_goes_in_and_out_step_by_step),
		cmocka_unit_test(test_deep_focus_still_leads_out_to_the_request),
		cmocka_unit_test(test_zoomed_window_follows_the_selection),
		cmocka_unit_test(test_time_of_the_request_is_shown_and_more_on_demand),
		cmocka_unit_test(test_details_tell_what_is_known),
		cmocka_unit_test(test_details_scroll_and_show_the_frames_of_the_user),
		cmocka_unit_test(test_frames_of_node_are_one_line_unless_there_are_no_others),
		cmocka_unit_test(test_header_is_honest),
		cmocka_unit_test(test_operations_that_are_alike_are_one_until_each_is_asked_for),
		cmocka_unit_test(test_several_processes_are_told_apart),
		cmocka_unit_test(test_filter_is_typed_and_its_mistakes_are_told_at_once),
		cmocka_unit_test(test_filter_is_edited_and_given_up),
		cmocka_unit_test(test_search_goes_round_in_the_list),
		cmocka_unit_test(test_search_finds_operations_by_label_and_by_stack),
		cmocka_unit_test(test_search_finds_lines_of_the_help),
		cmocka_unit_test(test_requests_are_tagged_one_by_one_and_by_route),
		cmocka_unit_test(test_selection_follows_the_slowest),
		cmocka_unit_test(test_flame_has_the_request_at_the_bottom),
		cmocka_unit_test(test_requests_in_flight_are_listed_until_they_finish),
		cmocka_unit_test(test_request_in_flight_is_watched_to_its_end),
		cmocka_unit_test(test_focus_and_zoom_stay_while_the_request_goes_on),
		cmocka_unit_test(test_list_has_nothing_that_is_gone_when_keys_come),
		cmocka_unit_test(test_frozen_screen_keeps_what_was_in_flight),
		cmocka_unit_test(test_list_is_used_with_the_mouse),
		cmocka_unit_test(test_icicle_is_used_with_the_mouse),
		cmocka_unit_test(test_clicks_outside_of_everything_do_nothing),
		cmocka_unit_test(test_export_has_what_is_tagged_or_shown),
		cmocka_unit_test(test_setup_holds_at_once),
		cmocka_unit_test(test_setup_knows_every_column),
		cmocka_unit_test(test_critical_path_tells_who_had_the_loop),
		cmocka_unit_test(test_culprit_that_is_gone_is_said_to_be),
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
