/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Every screen, of requests made by hand: all there can be in them. */
#include "tui/memory_canvas.h"

#include <locale.h>

#include "tui/golden.h"
#include "tui/scene.h"
#include "tui/view.h"

/* How each of the views is reached. One that is not here fails. */
static const char *const ways[] = {
	[VIEW_LIST] = "",      [VIEW_REQUEST] = "\r", [VIEW_HELP] = "?",
	[VIEW_SETUP] = "\2jj", [VIEW_ROUTES] = "Rj",  [VIEW_LOOP] = "L",
};
_Static_assert(sizeof(ways) / sizeof(ways[0]) == VIEW_COUNT, "one way to each view");

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
