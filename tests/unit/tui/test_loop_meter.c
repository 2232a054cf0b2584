/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The meter of the header is that of the busiest loop, and says so where there are several. */
#include "tui/app.h"

#include <locale.h>

#include "aggregator/compress.h"
#include "tui/golden.h"
#include "tui/scene.h"

static bool says(uint32_t n_loops, uint64_t n_beyond, int cols, const char *wanted)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, COMPRESS_ALL};
	const struct setting setting = {"", 24, cols, true, MEMORY_DUMP_TEXT};
	struct app_status status = scene_status();
	struct store *store;
	struct app *app;
	char *text;
	bool found;

	status.loop_busy = 0.95;
	status.totals.loops.n = n_loops;
	status.totals.loops.n_beyond = n_beyond;
	assert_int_equal(store_new(1 << 20, &store), 0);
	assert_int_equal(app_new(&options, store, &app), 0);
	app_set_status(app, &status);
	text = draw(app, &setting, "");
	found = strstr(text, wanted);
	free(text);
	app_free(app);
	store_free(store);
	return found;
}

static void test_several_loops(void **state)
{
	(void)state;
	assert_true(says(4, 0, 120, "] 95% busiest of 4  "));
	assert_true(says(32, 8, 120, "] 95% busiest of 40  "));
	assert_false(says(1, 0, 120, "busiest"));
}

static void test_a_narrow_screen_has_no_room_to_say_so(void **state)
{
	(void)state;
	assert_true(says(4, 0, 80, "] 95%"));
	assert_false(says(4, 0, 80, "busiest"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_several_loops),
		cmocka_unit_test(test_a_narrow_screen_has_no_room_to_say_so),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
