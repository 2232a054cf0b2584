/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A filter can be typed on every screen; it is the list's, which is shown then. */
#include "tui/app.h"

#include <locale.h>

#include "symbolizer/base.h"
#include "tui/app_fixture.h"

static struct fixture two_requests(void)
{
	struct fixture f = setup(1 << 30);

	add(&f, 1, "/cheap", 1000);
	add(&f, 2, "/dear", 2000);
	draw(&f);
	return f;
}

static void test_a_filter_typed_elsewhere_shows_the_list(void **state)
{
	/* a request; the routes; the loop; help on a request; the routes on a request */
	static const char *const ways[] = {"\r", "R", "L", "\r?", "\rR"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct fixture f = two_requests();

		press(&f, ways[i]);
		press(&f, ":");
		assert_shows(&f, "filter: ");
		press(&f, "path==\"/cheap\"\r");
		assert_shows(&f, "1 request of 2  filter path==\"/cheap\"");
		assert_selected(&f, "/cheap");
		assert_hides(&f, "/dear");
		press(&f, "\x1b"); /* the list's own key removes it */
		assert_shows(&f, "2 requests");
		teardown(&f);
	}
}

static void test_who_changes_his_mind_stays_where_he_was(void **state)
{
	struct fixture f = two_requests();

	(void)state;
	press(&f, "R:dur\x1b");
	assert_shows(&f, "GET /dear");
	assert_shows(&f, "p50");
	press(&f, ":\r"); /* nothing was typed */
	assert_shows(&f, "p50");
	press(&f, ":dur>\r"); /* what is wrong is not taken */
	assert_shows(&f, "filter: ");
	assert_shows(&f, "p50");
	press(&f, "\x1b");
	assert_shows(&f, "p50");
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_filter_typed_elsewhere_shows_the_list),
		cmocka_unit_test(test_who_changes_his_mind_stays_where_he_was),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
