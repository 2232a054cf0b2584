/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A request that finishes while its copy in flight is on the screen: it is there once. */
#include "tui/app.h"

#include <locale.h>

#include "aggregator/compress.h"
#include "tui/golden.h"
#include "tui/scene.h"

struct fixture {
	struct store *store;
	struct app *app;
	struct app_status status;
};

static struct fixture setup(void)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, COMPRESS_ALL};
	struct fixture f = {.status = scene_status()};

	assert_int_equal(store_new(1 << 20, &f.store), 0);
	assert_int_equal(app_new(&options, f.store, &f.app), 0);
	app_set_status(f.app, &f.status);
	return f;
}

static void teardown(struct fixture *f)
{
	app_free(f->app);
	store_free(f->store);
}

static struct request *open_one(uint64_t id, const char *url, uint64_t start_us)
{
	struct request *request = sample_request(id, "GET", url, start_us, start_us + 500);

	request->flags |= REQUEST_OPEN;
	request->status = 0;
	return request;
}

static void finish(struct fixture *f, uint64_t id, const char *url, uint64_t start_us)
{
	struct request *request = sample_request(id, "GET", url, start_us, start_us + 900);

	request->bytes = 1000;
	assert_int_equal(store_add(f->store, request), 0);
}

/* How often the screen says so after these keys. */
static int count(struct fixture *f, const char *keys, const char *wanted)
{
	const struct setting setting = {"", 24, 80, true, MEMORY_DUMP_TEXT};
	char *text = draw(f->app, &setting, keys);
	int n = 0;

	for (const char *at = text; (at = strstr(at, wanted)); at++)
		n++;
	free(text);
	return n;
}

static void test_what_has_finished_is_not_in_flight_any_more(void **state)
{
	struct request *open[2] = {open_one(1, "/alpha", 1000), open_one(2, "/beta", 2000)};
	struct fixture f = setup();

	(void)state;
	app_set_open(f.app, 0, open, 2);
	assert_int_equal(count(&f, "", "/alpha"), 1);
	assert_int_equal(count(&f, "", " runs "), 2);
	finish(&f, 1, "/alpha", 1000);
	assert_int_equal(count(&f, "", "/alpha"), 1);
	assert_int_equal(count(&f, "", " runs "), 1);
	assert_int_equal(count(&f, "", "1 request and 1 in flight"), 1);
	finish(&f, 2, "/beta", 2000);
	assert_int_equal(count(&f, "", "/beta"), 1);
	assert_int_equal(count(&f, "", " runs "), 0);
	teardown(&f);
}

/* Who is looked at stays in sight. */
static void test_the_selected_one_stays_selected_when_it_finishes(void **state)
{
	struct request *open[2] = {open_one(1, "/alpha", 1000), open_one(2, "/beta", 2000)};
	struct fixture f = setup();

	(void)state;
	app_set_open(f.app, 0, open, 2);
	assert_int_equal(count(&f, "G", "> "), 1);
	assert_true(count(&f, "\r", "/alpha") > 0);
	finish(&f, 1, "/alpha", 1000);
	finish(&f, 2, "/beta", 2000);
	assert_true(count(&f, "", "/alpha") > 0);
	assert_true(count(&f, "", "900.0us") > 0);
	teardown(&f);
}

/* Nothing moves on a screen that stands still. */
static void test_a_frozen_list_keeps_what_was_in_flight(void **state)
{
	struct request *open[1] = {open_one(1, "/alpha", 1000)};
	struct fixture f = setup();

	(void)state;
	app_set_open(f.app, 0, open, 1);
	assert_int_equal(count(&f, "z", "/alpha"), 1);
	finish(&f, 1, "/alpha", 1000);
	assert_int_equal(count(&f, "", " runs "), 1);
	assert_int_equal(count(&f, "z", "/alpha"), 1);
	assert_int_equal(count(&f, "", " runs "), 0);
	teardown(&f);
}

/* It waits to be handed over: for people it has finished, and it is the newest. */
static void test_an_answered_one_counts_as_finished(void **state)
{
	struct request *open[2] = {open_one(1, "/alpha", 1000), open_one(2, "/beta", 2000)};
	struct fixture f = setup();

	(void)state;
	open[1]->flags &= ~REQUEST_OPEN;
	open[1]->status = 200;
	finish(&f, 3, "/gamma", 500);
	app_set_open(f.app, 0, open, 2);
	assert_int_equal(count(&f, "", "2 requests and 1 in flight"), 1);
	assert_int_equal(count(&f, "", " runs "), 1);
	assert_true(count(&f, "\r", "GET /beta  200") > 0);
	teardown(&f);
}

static void test_with_a_filter_those_that_wait_are_of_all(void **state)
{
	struct request *open[1] = {open_one(2, "/beta", 2000)};
	struct fixture f = setup();

	(void)state;
	open[0]->flags &= ~REQUEST_OPEN;
	open[0]->status = 200;
	finish(&f, 3, "/gamma", 500);
	app_set_open(f.app, 0, open, 1);
	assert_int_equal(count(&f, ":path=~\"a\"\r", "2 requests of 2"), 1);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_has_finished_is_not_in_flight_any_more),
		cmocka_unit_test(test_the_selected_one_stays_selected_when_it_finishes),
		cmocka_unit_test(test_a_frozen_list_keeps_what_was_in_flight),
		cmocka_unit_test(test_an_answered_one_counts_as_finished),
		cmocka_unit_test(test_with_a_filter_those_that_wait_are_of_all),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
