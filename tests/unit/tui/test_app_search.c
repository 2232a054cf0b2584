/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Filters and searches, as they are typed. */
#include "tui/app.h"

#include <locale.h>

#include "tui/app_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filter_is_typed_and_its_mistakes_are_told_at_once),
		cmocka_unit_test(test_filter_is_edited_and_given_up),
		cmocka_unit_test(test_search_goes_round_in_the_list),
		cmocka_unit_test(test_search_finds_operations_by_label_and_by_stack),
		cmocka_unit_test(test_search_finds_lines_of_the_help),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
