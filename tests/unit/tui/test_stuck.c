/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A loop that is stuck, as the screens tell it while it lasts. */
#include "tui/stuck_text.h"

#include <locale.h>

#include "aggregator/compress.h"
#include "symbolizer/base.h"
#include "tui/golden.h"
#include "tui/scene.h"

static const struct frame place = {
	.function = "stuck", .file = "/srv/app/hang.js", .line = 6, .kind = FRAME_JS};

/* The screen after these keys, while the loop is stuck so long. */
static char *screen_of(int rows, int cols, const char *keys, const struct stuck_loop *stuck)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, COMPRESS_ALL};
	const struct setting setting = {"", rows, cols, true, MEMORY_DUMP_TEXT};
	struct app_status status = scene_status();
	struct store *store;
	struct app *app;
	char *text;

	status.totals.stuck = *stuck;
	assert_int_equal(store_new(1 << 20, &store), 0);
	assert_int_equal(app_new(&options, store, &app), 0);
	app_set_status(app, &status);
	text = draw(app, &setting, keys);
	app_free(app);
	store_free(store);
	return text;
}

static void assert_screen(int rows, int cols, const char *keys, const struct stuck_loop *stuck,
			  const char *wanted)
{
	char *text = screen_of(rows, cols, keys, stuck);

	if (!strstr(text, wanted))
		print_message("missing: %s\n%s", wanted, text);
	assert_non_null(strstr(text, wanted));
	free(text);
}

static void test_header_and_loop_screen_tell_it(void **state)
{
	const struct stuck_loop stuck = {
		.busy_ns = 7660 * NS_PER_MS, .pid = 4121, .tid = 4121, .frame = &place};

	(void)state;
	assert_screen(24, 80, "", &stuck, "loop STUCK 7.66s in stuck (hang.js:6)");
	assert_screen(10, 40, "", &stuck, "loop STUCK 7.66s in stuck");
	assert_screen(24, 80, "L", &stuck,
		      "event loop of pid 4121: STUCK, in this turn 7.66s in stuck (hang.js:6)");
}

static void test_that_of_a_worker_is_called_so(void **state)
{
	const struct stuck_loop stuck = {
		.busy_ns = 7660 * NS_PER_MS, .pid = 4121, .tid = 4130, .frame = &place};

	(void)state;
	assert_screen(24, 80, "", &stuck, "loop of worker 4130 STUCK 7.66s in stuck (hang.js:6)");
}

static void test_a_loop_that_goes_round_is_no_news(void **state)
{
	const struct stuck_loop stuck = {0};
	char *text = screen_of(24, 80, "L", &stuck);

	(void)state;
	assert_null(strstr(text, "STUCK"));
	assert_non_null(strstr(text, "event loop: a column for each second"));
	free(text);
}

static void test_what_is_not_known_is_said(void **state)
{
	struct stuck_loop stuck = {.busy_ns = 2 * NS_PER_SEC, .is_older = true};
	char text[STUCK_TEXT_LEN];

	(void)state;
	assert_string_equal(stuck_text(&stuck, text), "at least 2.00s, place not known");
	stuck.before_trace = true;
	stuck.frame = &place;
	assert_string_equal(stuck_text(&stuck, text),
			    "at least 2.00s, since before the trace, in stuck (hang.js:6)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_and_loop_screen_tell_it),
		cmocka_unit_test(test_that_of_a_worker_is_called_so),
		cmocka_unit_test(test_a_loop_that_goes_round_is_no_news),
		cmocka_unit_test(test_what_is_not_known_is_said),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
