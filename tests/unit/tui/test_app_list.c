/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The list of requests: what is selected, frozen, tagged, sorted. */
#include "tui/app.h"

#include <locale.h>

#include "tui/app_fixture.h"

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

static void test_nothing_comes_from_who_has_children_that_are_not_traced(void **state)
{
	struct fixture f = setup(1 << 30);

	(void)state;
	draw(&f);
	assert_hides(&f, "--follow");
	f.status.n_below = 4;
	app_set_status(f.app, &f.status);
	draw(&f);
	assert_shows(&f, "4 Node.js below this one: --follow traces them too.");
	add(&f, 1, "/a", 1000);
	draw(&f);
	assert_hides(&f, "--follow");
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selection_follows_the_newest_until_it_is_moved),
		cmocka_unit_test(test_selection_stays_on_its_request_when_others_come_and_go),
		cmocka_unit_test(test_nothing_comes_from_who_has_children_that_are_not_traced),
		cmocka_unit_test(test_frozen_list_does_not_change),
		cmocka_unit_test(test_frozen_list_says_what_is_no_longer_kept),
		cmocka_unit_test(test_open_request_that_is_shed_says_so),
		cmocka_unit_test(test_neighbours_are_those_of_the_list),
		cmocka_unit_test(test_requests_are_tagged_one_by_one_and_by_route),
		cmocka_unit_test(test_selection_follows_the_slowest),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
