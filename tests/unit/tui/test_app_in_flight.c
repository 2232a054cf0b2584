/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Requests that have not ended yet. */
#include "tui/app.h"

#include <locale.h>

#include "tui/app_fixture.h"

static struct request *in_flight(uint64_t id, const char *url, uint64_t start_us, uint64_t now_us)
{
	struct request *request = sample_request(id, "GET", url, start_us, now_us);
	struct op *op;

	request->flags = REQUEST_OPEN;
	request->status = 0;
	request->bytes = 1000;
	sample_own_run(request, start_us, start_us + 100);
	op = sample_op(request, OP_PARENT_REQUEST, "http.client", "GET http://10.0.0.9/a",
		       start_us + 50, 0);
	op->flags = OP_OPEN;
	op->id = 77;
	return request;
}

static void test_requests_in_flight_are_listed_until_they_finish(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *requests[2];

	(void)state;
	add(&f, 1, "/done", 1000);
	requests[0] = in_flight(2, "/stuck", 2000, 90000);
	requests[1] = in_flight(3, "/young", 80000, 90000);
	app_set_open(f.app, 0, requests, 2);
	draw(&f);
	assert_shows(&f, "1 request and 2 in flight");
	assert_shows(&f, "runs  88.0ms");
	/* It is the newest one that has finished that is followed. */
	assert_selected(&f, "/done");
	press(&f, "kk");
	requests[0] = in_flight(2, "/stuck", 2000, 190000);
	app_set_open(f.app, 0, requests, 1);
	draw(&f);
	assert_selected(&f, "/stuck");
	assert_hides(&f, "/young");
	add(&f, 4, "/other", 200000);
	requests[0] = in_flight(2, "/stuck", 2000, 290000);
	requests[0]->end_ns = 300000000;
	assert_int_equal(store_add(f.store, requests[0]), 0);
	/* The last copy was made before it had finished. */
	requests[0] = in_flight(2, "/stuck", 2000, 290000);
	app_set_open(f.app, 0, requests, 1);
	draw(&f);
	assert_hides(&f, "in flight,");
	assert_shows(&f, "3 requests  ");
	assert_selected(&f, "/stuck");
	teardown(&f);
}

static void test_request_in_flight_is_watched_to_its_end(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = in_flight(2, "/stuck", 2000, 90000);

	(void)state;
	app_set_open(f.app, 0, &request, 1);
	press(&f, "k\r");
	assert_shows(&f, "requests > GET /stuck");
	assert_shows(&f, "waits for  n network  since 88.0ms: http.client GET http://10.0.0.9/a");
	press(&f, "j");
	assert_shows(&f, "-- http.client GET http://10.0.0.9/a --");
	assert_shows(&f, "had not ended when the request was looked at");
	request = in_flight(2, "/stuck", 2000, 190000);
	app_set_open(f.app, 0, &request, 1);
	draw(&f);
	assert_shows(&f, "-- http.client GET http://10.0.0.9/a --");
	press(&f, "k");
	assert_shows(&f, "since 188.0ms");
	request = in_flight(2, "/stuck", 2000, 250000);
	request->flags = 0;
	request->status = 200;
	request->ops[0].end_ns = 249000000;
	request->ops[0].flags = 0;
	assert_int_equal(store_add(f.store, request), 0);
	app_set_open(f.app, 0, NULL, 0);
	draw(&f);
	assert_shows(&f, "GET /stuck  200  248.0ms");
	assert_hides(&f, "waits for");
	teardown(&f);
}

static void test_focus_and_zoom_stay_while_the_request_goes_on(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = in_flight(2, "/stuck", 2000, 90000);
	struct op *op;

	(void)state;
	app_set_open(f.app, 0, &request, 1);
	press(&f, "k\rj\r");
	assert_shows(&f, "requests > GET /stuck > http.client");
	request = in_flight(2, "/stuck", 2000, 190000);
	/* One that was created before it is given to the request only now: indices move. */
	request->ops[1] = request->ops[0];
	op = &request->ops[0];
	*op = (struct op){.id = 70,
			  .type = "timer",
			  .detail = "5",
			  .start_ns = 2010000,
			  .end_ns = 8000000,
			  .parent = OP_PARENT_REQUEST,
			  .count = 1};
	request->n_ops = 2;
	app_set_open(f.app, 0, &request, 1);
	draw(&f);
	assert_shows(&f, "requests > GET /stuck > http.client");
	press(&f, "\x1b");
	assert_hides(&f, "requests > GET /stuck >");
	assert_shows(&f, "-- http.client GET http://10.0.0.9/a --");
	/* It is gone, and was not kept. */
	app_set_open(f.app, 0, NULL, 0);
	draw(&f);
	assert_shows(&f, "made room for newer ones");
	press(&f, "jklhgG+-0\r[]");
	teardown(&f);
}

/* Two keys at once, just when what was in flight has ended: nothing was drawn in between. */
static void test_list_has_nothing_that_is_gone_when_keys_come(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = in_flight(2, "/stuck", 2000, 90000);

	(void)state;
	add(&f, 1, "/done", 1000);
	app_set_open(f.app, 0, &request, 1);
	draw(&f);
	app_set_open(f.app, 0, NULL, 0);
	assert_int_equal(app_key(f.app, 'g'), APP_CONTINUE);
	assert_int_equal(app_key(f.app, '\r'), APP_CONTINUE);
	draw(&f);
	assert_shows(&f, "requests > GET /done");
	teardown(&f);
}

static void test_frozen_screen_keeps_what_was_in_flight(void **state)
{
	struct fixture f = setup(1 << 30);
	struct request *request = in_flight(2, "/stuck", 2000, 90000);

	(void)state;
	app_set_open(f.app, 0, &request, 1);
	press(&f, "kz");
	request = in_flight(3, "/new", 3000, 190000);
	app_set_open(f.app, 0, &request, 1);
	press(&f, "ss");
	assert_selected(&f, "/stuck");
	assert_hides(&f, "/new");
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_in_flight_are_listed_until_they_finish),
		cmocka_unit_test(test_request_in_flight_is_watched_to_its_end),
		cmocka_unit_test(test_focus_and_zoom_stay_while_the_request_goes_on),
		cmocka_unit_test(test_list_has_nothing_that_is_gone_when_keys_come),
		cmocka_unit_test(test_frozen_screen_keeps_what_was_in_flight),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
