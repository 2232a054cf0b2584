/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/label.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tui/memory_canvas.h"

static void check(bool ascii, const char *label, int cols, const char *expected)
{
	struct memory_canvas *memory;
	char text[128];

	assert_int_equal(memory_canvas_new(1, 80, ascii, &memory), 0);
	label_shorten(memory_canvas_canvas(memory), label, cols, text, sizeof(text));
	assert_string_equal(text, expected);
	memory_canvas_free(memory);
}

static void test_what_fits_stays(void **state)
{
	(void)state;
	check(true, "fs.open /a/b", 12, "fs.open /a/b");
	check(true, "", 0, "");
	check(false, "timer 200ms", 40, "timer 200ms");
}

static void test_paths_keep_their_end(void **state)
{
	const char *label = "fs.open /srv/app/templates/report.html";

	(void)state;
	check(true, label, 37, "fs.open ../app/templates/report.html");
	check(true, label, 32, "fs.open ../templates/report.html");
	check(true, label, 25, "fs.open ../report.html");
	check(true, label, 21, "../report.html");
	check(true, label, 13, label);
	check(false, label, 21, "fs.open \u2026/report.html");
	check(true, "http.client GET http://127.0.0.1:3001/price/9", 24, "http.client ../price/9");
	check(true, "GET /api/report/7", 12, "GET ../7");
	check(false, "GET /api/", 8, "GET /ap\u2026");
}

static void test_functions_lose_the_await_first(void **state)
{
	(void)state;
	check(true, "await queryWarehouse()", 21, "queryWarehouse()");
	check(true, "await queryWarehouse()", 10, "queryWarehouse()");
}

static void test_the_rest_is_cut_with_a_mark(void **state)
{
	(void)state;
	check(true, "net.connect 10.0.0.5:5432", 10, "net.connect 10.0.0.5:5432");
	check(false, "net.connect 10.0.0.5:5432", 10, "net.conne\u2026");
	check(false, "\u6771\u4eac\u6771\u4eac", 6, "\u6771\u4eac\u2026");
	check(false, "\u6771\u4eac\u6771\u4eac", 5, "\u6771\u4eac\u2026");
	check(true, "timer", 2, "timer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_fits_stays),
		cmocka_unit_test(test_paths_keep_their_end),
		cmocka_unit_test(test_functions_lose_the_await_first),
		cmocka_unit_test(test_the_rest_is_cut_with_a_mark),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
