/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>

#include "aggregator/arena.h"
#include "symbolizer/base.h"
#include "user/handoff.h"

#define MANY 20000

static struct request *make_request(uint64_t id)
{
	struct arena *arena = arena_new();
	struct request *request = arena_alloc(arena, sizeof(*request));

	request->arena = arena;
	request->id = id;
	request->bytes = 1000;
	return request;
}

static bool is_readable(const struct handoff *handoff)
{
	struct pollfd pfd = {.fd = handoff_fd(handoff), .events = POLLIN};

	return poll(&pfd, 1, 0) == 1;
}

static void test_requests_arrive_in_order_and_wake_once(void **state)
{
	struct handoff_item *items, *next;
	struct handoff *handoff;
	uint64_t id = 1;
	bool closed;

	(void)state;
	assert_int_equal(handoff_new(1 << 20, &handoff), 0);
	assert_false(is_readable(handoff));
	assert_null(handoff_take(handoff, &closed));
	for (id = 1; id <= 3; id++)
		assert_int_equal(handoff_put_request(handoff, make_request(id)), 0);
	assert_true(is_readable(handoff));
	items = handoff_take(handoff, &closed);
	assert_false(closed);
	assert_false(is_readable(handoff));
	for (id = 1; items; items = next, id++) {
		assert_int_equal(items->request->id, id);
		next = items->next;
		handoff_item_free(items);
	}
	assert_int_equal(id, 4);
	handoff_free(handoff);
}

static void test_a_full_queue_drops_and_counts_requests(void **state)
{
	struct handoff *handoff;
	size_t i, n_kept = 0;

	(void)state;
	assert_int_equal(handoff_new(10000, &handoff), 0);
	for (i = 0; i < 20; i++)
		n_kept += handoff_put_request(handoff, make_request(i)) == 0;
	assert_in_range(n_kept, 8, 10);
	assert_int_equal(handoff_dropped(handoff), 20 - n_kept);
	handoff_free(handoff); /* with what is left in it: the leak checker looks */
}

static void test_one_request_passes_however_large(void **state)
{
	struct handoff *handoff;

	(void)state;
	assert_int_equal(handoff_new(10, &handoff), 0);
	assert_int_equal(handoff_put_request(handoff, make_request(1)), 0);
	assert_int_equal(handoff_put_request(handoff, make_request(2)), -ENOSPC);
	assert_int_equal(handoff_dropped(handoff), 1);
	handoff_free(handoff);
}

static void test_unowned_operations_are_copied(void **state)
{
	char detail[] = "/etc/hosts";
	struct span runs[] = {{1, 2, false}, {3, 4, false}};
	struct op_front fronts[] = {{.request = 3, .job = "crypto pbkdf2"}};
	struct op_wire wire = {.bytes_out = 12};
	struct op op = {.id = 7,
			.type = "fs.stat",
			.detail = detail,
			.runs = runs,
			.n_runs = 2,
			.fronts = fronts,
			.n_fronts = 1,
			.wire = &wire};
	struct handoff_item *item;
	struct handoff *handoff;
	bool closed;

	(void)state;
	assert_int_equal(handoff_new(1 << 20, &handoff), 0);
	assert_int_equal(handoff_put_unowned(handoff, &op), 0);
	memset(detail, 'x', sizeof(detail) - 1);
	memset(runs, 0, sizeof(runs));
	memset(fronts, 0, sizeof(fronts));
	memset(&wire, 0, sizeof(wire));
	item = handoff_take(handoff, &closed);
	assert_non_null(item);
	assert_null(item->request);
	assert_int_equal(item->op->id, 7);
	assert_string_equal(item->op->detail, "/etc/hosts");
	assert_int_equal(item->op->runs[1].end_ns, 4);
	assert_int_equal(item->op->fronts[0].request, 3);
	assert_string_equal(item->op->fronts[0].job, "crypto pbkdf2");
	assert_int_equal(item->op->wire->bytes_out, 12);
	handoff_item_free(item);
	handoff_free(handoff);
}

static void test_a_closed_queue_takes_nothing_but_gives_all(void **state)
{
	struct handoff_item *item;
	struct handoff *handoff;
	bool closed = false;

	(void)state;
	assert_int_equal(handoff_new(1 << 20, &handoff), 0);
	assert_int_equal(handoff_put_request(handoff, make_request(1)), 0);
	handoff_close(handoff);
	assert_int_equal(handoff_put_request(handoff, make_request(2)), -ENOSPC);
	item = handoff_take(handoff, &closed);
	assert_true(closed);
	assert_int_equal(item->request->id, 1);
	assert_null(item->next);
	handoff_item_free(item);
	handoff_free(handoff);
}

static void test_totals_are_those_set_last(void **state)
{
	struct totals totals = {.events = 5};
	struct handoff *handoff;

	(void)state;
	assert_int_equal(handoff_new(1 << 20, &handoff), 0);
	handoff_set_totals(handoff, &totals);
	totals.events = 6;
	handoff_set_totals(handoff, &totals);
	memset(&totals, 0, sizeof(totals));
	handoff_totals(handoff, &totals);
	assert_int_equal(totals.events, 6);
	handoff_free(handoff);
}

static void *produce(void *user)
{
	struct handoff *handoff = user;
	uint64_t id;

	for (id = 1; id <= MANY; id++)
		(void)handoff_put_request(handoff, make_request(id));
	handoff_close(handoff);
	return NULL;
}

static void test_nothing_is_lost_or_doubled_between_threads(void **state)
{
	struct handoff_item *items, *next;
	uint64_t last = 0, n_seen = 0;
	struct handoff *handoff;
	bool closed = false;
	pthread_t thread;

	(void)state;
	assert_int_equal(handoff_new(64 << 20, &handoff), 0);
	assert_int_equal(pthread_create(&thread, NULL, produce, handoff), 0);
	while (!closed) {
		struct pollfd pfd = {.fd = handoff_fd(handoff), .events = POLLIN};

		assert_int_equal(poll(&pfd, 1, 10000), 1);
		for (items = handoff_take(handoff, &closed); items; items = next) {
			assert_true(items->request->id > last);
			last = items->request->id;
			n_seen++;
			next = items->next;
			handoff_item_free(items);
		}
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(n_seen + handoff_dropped(handoff), MANY);
	assert_int_equal(handoff_dropped(handoff), 0);
	handoff_free(handoff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_arrive_in_order_and_wake_once),
		cmocka_unit_test(test_a_full_queue_drops_and_counts_requests),
		cmocka_unit_test(test_one_request_passes_however_large),
		cmocka_unit_test(test_unowned_operations_are_copied),
		cmocka_unit_test(test_a_closed_queue_takes_nothing_but_gives_all),
		cmocka_unit_test(test_totals_are_those_set_last),
		cmocka_unit_test(test_nothing_is_lost_or_doubled_between_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
