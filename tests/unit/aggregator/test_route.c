/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/route.h"

#include <errno.h>

#include "aggregator/routes.h"
#include "aggregator/sample.h"
#include "symbolizer/base.h"

static void expect_route(const struct route_rules *rules, const char *url, const char *wanted)
{
	struct request *request = sample_request(1, "GET", url, 0, 1);
	char name[ROUTE_MAX];
	size_t len = route_name(rules, request, name);

	assert_int_equal(len, strlen(name));
	assert_string_equal(name, wanted);
	request_free(request);
}

static void test_patterns(void **state)
{
	static const struct {
		const char *url;
		const char *wanted;
	} cases[] = {
		{"/", "GET /"},
		{"", "GET "},
		{"*", "GET *"},
		{"/users", "GET /users"},
		{"/users/42", "GET /users/:id"},
		{"/users/42/", "GET /users/:id/"},
		{"/users/42/orders/7?token=s3cr3t", "GET /users/:id/orders/:id"},
		{"/api/v2/http2", "GET /api/v2/http2"},
		{"/x/6ba7b810-9dad-11d1-80b4-00c04fd430c8", "GET /x/:id"},
		{"/commit/8ac5ee9f00d1", "GET /commit/:id"},
		{"/s/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx", "GET /s/:id"},
		{"/reset/V1StGXR8_Z5jdHi6B-myT", "GET /reset/:id"},
		{"/reset/QWxhZGRpbjpvcGVuIHNlc2FtZQ", "GET /reset/:id"},
		{"/mail/jane@example.org", "GET /mail/:id"},
		{"/cats/b%C3%A4r", "GET /cats/:id"},
		{"/day/2024-05-01", "GET /day/:id"},
		{"/static/app.3f2a1b9c77.js", "GET /static/:id.js"},
		{"/static/jquery.min.js", "GET /static/jquery.min.js"},
		{"/user1042", "GET /:id"},
		{"/a-long-name-of-a-page-in-words", "GET /a-long-name-of-a-page-in-words"},
		{"/deadbeef", "GET /deadbeef"},
		{"//42//", "GET //:id//"},
		{"/a;jsessionid=1A2B3C", "GET /a"},
		{"http://host/users/42", "GET http://host/users/:id"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_route(NULL, cases[i].url, cases[i].wanted);
}

static void test_long_paths_are_cut(void **state)
{
	char url[4000];
	struct request *request;
	char name[ROUTE_MAX];

	(void)state;
	memset(url, 'a', sizeof(url) - 1);
	for (size_t i = 0; i < sizeof(url) - 1; i += 7)
		url[i] = '/';
	url[sizeof(url) - 1] = '\0';
	request = sample_request(1, "GET", url, 0, 1);
	assert_int_equal(route_name(NULL, request, name), ROUTE_MAX - 1);
	request_free(request);
}

static void test_who_has_no_path_says_why(void **state)
{
	static const struct {
		const char *method, *url;
		uint64_t read_ns;
		uint32_t flags;
		const char *wanted;
	} cases[] = {
		{"?", "?", 0, REQUEST_PARTIAL, "? (before the trace)"},
		{"?", "?", 0, REQUEST_PARTIAL | REQUEST_LOSSY, "? (before the trace)"},
		{"POST", "?", 7, REQUEST_PARTIAL | REQUEST_LOSSY, "? (its head was lost)"},
		{"?", "?", 7, REQUEST_UNPARSED, "? (malformed)"},
		{"GET", "?", 7, 0, "GET "},
		{"GET", "/a", 0, REQUEST_PARTIAL, "GET /a"},
	};
	struct route_rules *rules;
	char name[ROUTE_MAX];

	(void)state;
	assert_int_equal(route_rules_new(&rules), 0);
	assert_int_equal(route_rules_add(rules, "^$=/nothing"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct request *request = sample_request(1, cases[i].method, cases[i].url, 0, 1);

		request->read_ns = cases[i].read_ns;
		request->flags = cases[i].flags;
		(void)route_name(strcmp(cases[i].wanted, "GET ") ? rules : NULL, request, name);
		assert_string_equal(name, cases[i].wanted);
		request_free(request);
	}
	route_rules_free(rules);
}

static void test_rules_come_first(void **state)
{
	struct route_rules *rules;

	(void)state;
	assert_int_equal(route_rules_new(&rules), 0);
	assert_int_equal(route_rules_add(rules, "^/shop/[^/]+/cart$=/shop/:shop/cart"), 0);
	assert_int_equal(route_rules_add(rules, "^/q=.*$=search"), 0);
	assert_int_equal(route_rules_add(rules, "^/shop/=shop"), 0);
	expect_route(rules, "/shop/acme/cart?x=1", "GET /shop/:shop/cart");
	expect_route(rules, "/shop/acme/42", "GET shop");
	expect_route(rules, "/q=abc", "GET search");
	expect_route(rules, "/users/42", "GET /users/:id");
	route_rules_free(rules);
}

static void test_rules_that_are_none(void **state)
{
	static const char *const wrong[] = {"", "=", "x", "=name", "x=", "(=name", "[=n"};
	struct route_rules *rules;

	(void)state;
	assert_int_equal(route_rules_new(&rules), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(route_rules_add(rules, wrong[i]), -EINVAL);
	for (size_t i = 0; i < 256; i++)
		assert_int_equal(route_rules_add(rules, "x=y"), 0);
	assert_int_equal(route_rules_add(rules, "x=y"), -E2BIG);
	route_rules_free(rules);
}

static void test_routes_are_summed(void **state)
{
	struct request *requests[] = {
		sample_request(1, "GET", "/a/1", 0, 100),
		sample_request(2, "GET", "/a/2", 0, 300),
		sample_request(3, "GET", "/b", 0, 5000),
	};
	const struct route_stats *stats;
	struct routes *routes;
	size_t order[2];

	(void)state;
	requests[1]->status = 503;
	requests[0]->label_ns[LABEL_IO] = 7;
	requests[1]->label_ns[LABEL_IO] = 8;
	assert_int_equal(routes_new(10, NULL, &routes), 0);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		assert_int_equal(routes_add(routes, requests[i]), 0);
	assert_int_equal(routes_count(routes), 2);
	routes_by_time(routes, order);
	assert_string_equal(routes_at(routes, order[0])->name, "GET /b");
	stats = routes_at(routes, order[1]);
	assert_string_equal(stats->name, "GET /a/:id");
	assert_int_equal(stats->errors, 1);
	assert_int_equal(stats->durations.count, 2);
	assert_int_equal(stats->durations.sum_ns, 400000);
	assert_int_equal(stats->label_ns[LABEL_IO], 15);
	routes_free(routes);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		request_free(requests[i]);
}

static void test_routes_beyond_the_limit_are_one(void **state)
{
	struct routes *routes;
	char url[32];

	(void)state;
	assert_int_equal(routes_new(4, NULL, &routes), 0);
	for (unsigned int i = 0; i < 50; i++) {
		struct request *request;

		(void)snprintf(url, sizeof(url), "/%c%c", 'a' + i / 26, 'a' + i % 26);
		request = sample_request(i + 1, "GET", url, 0, 1);
		assert_int_equal(routes_add(routes, request), 0);
		request_free(request);
	}
	assert_int_equal(routes_count(routes), 4);
	assert_string_equal(routes_at(routes, 3)->name, "(other)");
	assert_int_equal(routes_at(routes, 3)->durations.count, 47);
	routes_free(routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_long_paths_are_cut),
		cmocka_unit_test(test_who_has_no_path_says_why),
		cmocka_unit_test(test_rules_come_first),
		cmocka_unit_test(test_rules_that_are_none),
		cmocka_unit_test(test_routes_are_summed),
		cmocka_unit_test(test_routes_beyond_the_limit_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
