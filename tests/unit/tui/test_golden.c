/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Every screen, as it was when somebody last looked at it and found it right.
 *
 * NT_GOLDEN_UPDATE=1 in the environment rewrites the files in tests/tui/golden, and the test fails
 * all the same: look at the difference, then run it again without.
 */
#include "tui/memory_canvas.h"

#include <locale.h>

#include "tui/keys.h"
#include "tui/scene.h"
#include "tui/view.h"

/* The folder of the tests: that of their data without its last part. */
#define TESTS_LEN ((int)(sizeof(NT_TEST_DATA) - sizeof("/data")))

/* How each of the views is reached. One that is not here fails. */
static const char *const ways[] = {
	[VIEW_LIST] = "",      [VIEW_REQUEST] = "\r", [VIEW_HELP] = "?",
	[VIEW_SETUP] = "\2jj", [VIEW_ROUTES] = "Rj",  [VIEW_LOOP] = "L",
};
_Static_assert(sizeof(ways) / sizeof(ways[0]) == VIEW_COUNT, "one way to each view");

struct setting {
	const char *name;
	int rows;
	int cols;
	bool ascii;
	enum memory_dump attributes; /* dumped below the text */
};

static const struct setting settings[] = {
	{"80x24-utf8", 24, 80, false, MEMORY_DUMP_STYLES},
	{"80x24-ascii", 24, 80, true, MEMORY_DUMP_TEXT},
	{"80x24-mono", 24, 80, false, MEMORY_DUMP_MONO},
	{"120x36-utf8", 36, 120, false, MEMORY_DUMP_STYLES},
	{"120x36-ascii", 36, 120, true, MEMORY_DUMP_TEXT},
	{"120x36-mono", 36, 120, false, MEMORY_DUMP_MONO},
	{"200x50-utf8", 50, 200, false, MEMORY_DUMP_STYLES},
	{"200x50-ascii", 50, 200, true, MEMORY_DUMP_TEXT},
	{"200x50-mono", 50, 200, false, MEMORY_DUMP_MONO},
	{"40x10-ascii", 10, 40, true, MEMORY_DUMP_TEXT},
};
#define N_SETTINGS (sizeof(settings) / sizeof(settings[0]))

/* Keys without a character: "\2" is F2. */
static int key_of(char c)
{
	return c > 0 && c < 7 ? KEY_FUNCTION + c : c;
}

static void press(struct app *app, const char *keys)
{
	for (; *keys; keys++)
		assert_int_equal(app_key(app, key_of(*keys)), APP_CONTINUE);
}

static char *draw(struct app *app, const struct setting *setting, const char *keys)
{
	struct memory_canvas *memory;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(memory_canvas_new(setting->rows, setting->cols, setting->ascii, &memory),
			 0);
	/* Screens are drawn between the keys, as on a terminal. */
	for (; *keys; keys++) {
		app_draw(app, memory_canvas_canvas(memory));
		assert_int_equal(app_key(app, key_of(*keys)), APP_CONTINUE);
	}
	app_draw(app, memory_canvas_canvas(memory));
	memory_canvas_dump(memory, MEMORY_DUMP_TEXT, out);
	if (setting->attributes != MEMORY_DUMP_TEXT) {
		(void)fputs("----\n", out);
		memory_canvas_dump(memory, setting->attributes, out);
	}
	memory_canvas_free(memory);
	assert_int_equal(fclose(out), 0);
	return text;
}

static char *read_file(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0)
		text[0] = '\0';
	assert_int_equal(fclose(file), 0);
	return text;
}

static void update(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	print_message("wrote %s\n", path);
}

/* Returns whether it is as it was. */
static bool compare(const char *name, const struct setting *setting, const char *text)
{
	char path[4096];
	char *golden;
	bool same;

	(void)snprintf(path, sizeof(path), "%.*s/tui/golden/%s-%s.txt", TESTS_LEN, NT_TEST_DATA,
		       name, setting->name);
	if (getenv("NT_GOLDEN_UPDATE")) {
		update(path, text);
		return false;
	}
	golden = read_file(path);
	same = golden && !strcmp(golden, text);
	if (!same)
		print_message("%s differs; the screen is now:\n%s", path, text);
	free(golden);
	return same;
}

static bool check(const char *name, const char *keys)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, 0};
	const struct app_status status = scene_status();
	bool same = true;
	size_t i;

	for (i = 0; i < N_SETTINGS; i++) {
		struct store *store;
		struct app *app;
		char *text;

		assert_int_equal(store_new(1 << 30, &store), 0);
		scene_fill(store);
		assert_int_equal(app_new(&options, store, &app), 0);
		app_set_status(app, &status);
		text = draw(app, &settings[i], keys);
		same = compare(name, &settings[i], text) && same;
		free(text);
		app_free(app);
		store_free(store);
	}
	return same;
}

static void test_each_view_looks_as_it_did(void **state)
{
	bool same = true;
	unsigned int id;

	(void)state;
	for (id = 0; id < VIEW_COUNT; id++)
		same = check(view_find((enum view_id)id)->name, ways[id]) && same;
	assert_true(same);
}

static void test_request_with_selection_zoom_and_focus_looks_as_it_did(void **state)
{
	bool same;

	(void)state;
	same = check("request-selected", "\rjjl");
	same = check("request-zoomed", "\rjj++") && same;
	same = check("request-focused", "\rj\rj") && same;
	assert_true(same);
}

static void test_sorted_and_moved_list_looks_as_it_did(void **state)
{
	bool same;

	(void)state;
	same = check("requests-by-duration", "sj");
	same = check("requests-inverted", "sIG") && same;
	same = check("requests-frozen", "zllj") && same;
	assert_true(same);
}

static void test_empty_list_of_a_replay_looks_as_it_did(void **state)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", "dur>20ms", NULL, 0};
	const struct app_status status = {.state = APP_REPLAY,
					  .message = "the recording was cut short",
					  .request_rate = -1,
					  .event_rate = -1,
					  .own_cpu = -1,
					  .loop_busy = -1,
					  .gc = -1,
					  .shed = 3,
					  .totals = {.lost = 17, .forgotten = 1}};
	struct store *store;
	struct app *app;
	char *text;

	(void)state;
	assert_int_equal(store_new(1 << 20, &store), 0);
	assert_int_equal(app_new(&options, store, &app), 0);
	app_set_status(app, &status);
	/* Nothing to act on, so nothing happens. */
	press(app, "jkhlGgsIf\r+-0[]");
	text = draw(app, &settings[0], "");
	assert_true(compare("requests-empty", &settings[0], text));
	free(text);
	app_free(app);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_view_looks_as_it_did),
		cmocka_unit_test(test_request_with_selection_zoom_and_focus_looks_as_it_did),
		cmocka_unit_test(test_sorted_and_moved_list_looks_as_it_did),
		cmocka_unit_test(test_empty_list_of_a_replay_looks_as_it_did),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
