/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The routes of the last minutes: the table, and the screen that shows it. */
#include "tui/routes_window.h"

#include <locale.h>

#include "aggregator/routes.h"
#include "aggregator/sample.h"
#include "aggregator/store.h"
#include "tui/app.h"
#include "tui/memory_canvas.h"

#define MINUTE_US 60000000ULL

static uint64_t next_id;

static struct request *request_at(uint64_t minute, const char *url)
{
	uint64_t at = minute * MINUTE_US + 1000;
	struct request *request = sample_request(++next_id, "GET", url, at, at + 500);

	request->bytes = 4000;
	return request;
}

static void add(struct routes_window *window, uint64_t minute, const char *url)
{
	struct request *request = request_at(minute, url);

	assert_int_equal(routes_window_add(window, request), 0);
	request_free(request);
}

static uint64_t count(const struct routes_window *window, uint64_t now, unsigned int minutes)
{
	struct routes *routes;
	uint64_t n = 0;
	size_t i;

	assert_int_equal(
		routes_window_sum(window, (now * MINUTE_US + 2000) * 1000, minutes, &routes), 0);
	for (i = 0; i < routes_count(routes); i++)
		n += routes_at(routes, i)->durations.count;
	routes_free(routes);
	return n;
}

static void test_requests_leave_the_window_as_minutes_pass(void **state)
{
	struct routes_window window = {0};
	uint64_t minute;

	(void)state;
	assert_int_equal(count(&window, 0, 15), 0);
	for (minute = 0; minute < 40; minute++) {
		add(&window, minute, "/a");
		add(&window, minute, "/b");
		assert_int_equal(count(&window, minute, 1), 2);
		assert_int_equal(count(&window, minute, 15), minute < 15 ? 2 * (minute + 1) : 30);
	}
	/* Late, but of a minute that is kept; and too late. */
	add(&window, 36, "/a");
	add(&window, 10, "/a");
	assert_int_equal(count(&window, 39, 5), 11);
	assert_int_equal(count(&window, 42, 5), 4);
	assert_int_equal(count(&window, 90, 15), 0);
	routes_window_done(&window);
}

/* The text of the screen, to be freed. */
static char *press(struct app *app, struct memory_canvas *memory, const char *keys)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	app_draw(app, memory_canvas_canvas(memory));
	for (; *keys; keys++) {
		assert_int_equal(app_key(app, *keys), APP_CONTINUE);
		app_draw(app, memory_canvas_canvas(memory));
	}
	memory_canvas_dump(memory, MEMORY_DUMP_TEXT, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void assert_shown(struct app *app, struct memory_canvas *memory, const char *keys,
			 const char *shown, const char *hidden)
{
	char *text = press(app, memory, keys);

	if (!strstr(text, shown) || (hidden && strstr(text, hidden)))
		print_message("wanted '%s', not '%s':\n%s", shown, hidden ? hidden : "", text);
	assert_non_null(strstr(text, shown));
	assert_true(!hidden || !strstr(text, hidden));
	free(text);
}

static void test_table_is_of_the_window_that_was_chosen(void **state)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, 0};
	const struct app_status status = {.now_ns = (20 * MINUTE_US + 30000000) * 1000};
	struct memory_canvas *memory;
	struct store *store;
	struct app *app;

	(void)state;
	assert_int_equal(store_new(1 << 20, &store), 0);
	assert_int_equal(store_add(store, request_at(3, "/long-ago")), 0);
	assert_int_equal(store_add(store, request_at(10, "/some-time-ago")), 0);
	assert_int_equal(store_add(store, request_at(20, "/now")), 0);
	assert_int_equal(app_new(&options, store, &app), 0);
	assert_int_equal(memory_canvas_new(36, 120, true, &memory), 0);
	app_set_status(app, &status);
	assert_shown(app, memory, "R", "3 routes  by all time  window: since the start", NULL);
	assert_shown(app, memory, "W", "2 routes  by all time  window: last 15 minutes",
		     "/long-ago");
	/* The selected one stays selected where it is, and others are not lost for that. */
	assert_shown(app, memory, "/some\r", "> GET /some-time-ago", NULL);
	assert_shown(app, memory, "W", "1 routes  by all time  window: last 5 minutes",
		     "/some-time-ago");
	assert_shown(app, memory, "", "> GET /now", NULL);
	assert_shown(app, memory, "WW", "> GET /some-time-ago", NULL);
	assert_shown(app, memory, "\t\tWssssWs", "window: last 5 minutes", NULL);
	memory_canvas_free(memory);
	app_free(app);
	store_free(store);
}

/* Table, tree and what Enter opens are of the same requests. */
static void test_frozen_routes_know_nothing_newer(void **state)
{
	const struct app_options options = {"ntrace-bpf 0.1.0", NULL, NULL, 0};
	const struct app_status status = {.now_ns = 30 * MINUTE_US * 1000};
	struct memory_canvas *memory;
	struct request *slow;
	struct store *store;
	struct app *app;

	(void)state;
	assert_int_equal(store_new(1 << 20, &store), 0);
	assert_int_equal(store_add(store, request_at(3, "/a")), 0);
	assert_int_equal(app_new(&options, store, &app), 0);
	assert_int_equal(memory_canvas_new(36, 120, true, &memory), 0);
	app_set_status(app, &status);
	assert_shown(app, memory, "Rz", "of the last 1 requests of GET /a", NULL);
	slow = request_at(4, "/a");
	slow->end_ns += 1000000000;
	assert_int_equal(store_add(store, slow), 0);
	assert_shown(app, memory, "w", "of the last 1 requests of GET /a", NULL);
	assert_shown(app, memory, "\r", "requests > GET /a  200  500.0us", NULL);
	assert_shown(app, memory, "qzw", "of the last 2 requests of GET /a", NULL);
	assert_shown(app, memory, "\r", "requests > GET /a  200  1.00s", NULL);
	memory_canvas_free(memory);
	app_free(app);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_leave_the_window_as_minutes_pass),
		cmocka_unit_test(test_table_is_of_the_window_that_was_chosen),
		cmocka_unit_test(test_frozen_routes_know_nothing_newer),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
