/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A request without method and path says why it has none, wherever it is shown. */
#include "tui/app.h"

#include <locale.h>

#include "symbolizer/base.h"
#include "tui/app_fixture.h"

static void test_a_request_begun_before_the_trace_says_so(void **state)
{
	static const struct {
		const char *key, *text;
	} screens[] = {
		{"g", "?       before the trace\n"}, /* the list */
		{"\r", "? ? (before the trace)"},    /* the request */
		{"R", "? (before the trace)"},       /* the routes */
	};
	struct fixture f = setup(1 << 30);
	struct request *request = sample_request(1, "?", "?", 900, 1000);

	(void)state;
	request->bytes = 1000;
	request->read_ns = 0;
	request->flags = REQUEST_PARTIAL;
	assert_int_equal(store_add(f.store, request), 0);
	for (size_t i = 0; i < ARRAY_SIZE(screens); i++) {
		press(&f, screens[i].key);
		assert_shows(&f, screens[i].text);
		press(&f, i ? "\x1b" : "g");
	}
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_begun_before_the_trace_says_so),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
