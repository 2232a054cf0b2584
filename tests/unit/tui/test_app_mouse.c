/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the mouse does to the screens. */
#include "tui/app.h"

#include <locale.h>

#include "tui/app_fixture.h"
#include "tui/mouse.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_is_used_with_the_mouse),
		cmocka_unit_test(test_icicle_is_used_with_the_mouse),
		cmocka_unit_test(test_clicks_outside_of_everything_do_nothing),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
