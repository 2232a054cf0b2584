/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/request_index.h"

#include "aggregator/filter.h"
#include "symbolizer/base.h"
#include "tui/scene.h"

#define REQUEST_BYTES 1000

/* Most begin alike. */
static const char *const urls[] = {"/products/12", "/products/3", "/", "/products/", "/z"};

struct fixture {
	struct store *store;
	struct request_index *index;
};

/* A history with room for `room` requests. */
static struct fixture setup(size_t room)
{
	struct fixture f;

	assert_int_equal(store_new(room * (REQUEST_BYTES + sizeof(void *)), &f.store), 0);
	assert_int_equal(request_index_new(f.store, &f.index), 0);
	return f;
}

static void teardown(struct fixture *f)
{
	request_index_free(f->index);
	store_free(f->store);
}

/* Arrivals are 0, 1, 2 …; ends differ from them. */
static void add(struct fixture *f, uint64_t id, uint64_t start_us, uint64_t end_us)
{
	struct arena *arena = arena_new();
	struct request *request = arena_alloc(arena, sizeof(*request));

	assert_non_null(request);
	request->arena = arena;
	request->id = id;
	request->start_ns = start_us * 1000;
	request->end_ns = end_us * 1000;
	request->bytes = REQUEST_BYTES;
	request->n_ops_total = (uint32_t)(id % 7);
	request->status = 200 + (uint32_t)(id % 3) * 100;
	request->cpu_ns = (id * 37) % 50;
	request->method = id % 2 ? "GET" : "POST";
	request->url = urls[id % ARRAY_SIZE(urls)];
	assert_int_equal(store_add(f->store, request), 0);
}

static void assert_order(const struct fixture *f, const uint64_t *arrivals, size_t n)
{
	size_t i, place;

	assert_int_equal(request_index_count(f->index), n);
	for (i = 0; i < n; i++) {
		assert_int_equal(request_index_at(f->index, i), arrivals[i]);
		assert_int_equal(request_index_find(f->index, arrivals[i], &place), 0);
		assert_int_equal(place, i);
	}
}

static void test_newest_comes_first(void **state)
{
	struct fixture f = setup(10);
	size_t place;

	(void)state;
	assert_int_equal(request_index_refresh(f.index), 0);
	assert_int_equal(request_index_count(f.index), 0);
	assert_int_equal(request_index_find(f.index, 0, &place), -ENOENT);
	add(&f, 1, 0, 10);
	add(&f, 3, 0, 30);
	add(&f, 2, 0, 20); /* arrived late */
	assert_int_equal(request_index_refresh(f.index), 0);
	assert_order(&f, (const uint64_t[]){1, 2, 0}, 3);
	teardown(&f);
}

static void test_what_is_new_is_merged_in(void **state)
{
	struct fixture f = setup(10);

	(void)state;
	add(&f, 1, 0, 10);
	add(&f, 2, 0, 40);
	request_index_sort(f.index, SORT_DURATION, true);
	assert_int_equal(request_index_refresh(f.index), 0);
	assert_order(&f, (const uint64_t[]){1, 0}, 2);
	add(&f, 3, 0, 20);
	add(&f, 4, 0, 5);
	add(&f, 5, 0, 50);
	assert_int_equal(request_index_refresh(f.index), 0);
	assert_order(&f, (const uint64_t[]){4, 1, 2, 0, 3}, 5);
	request_index_sort(f.index, SORT_DURATION, false);
	assert_order(&f, (const uint64_t[]){3, 0, 2, 1, 4}, 5);
	teardown(&f);
}

static void test_what_was_shed_is_dropped(void **state)
{
	struct fixture f = setup(3);
	size_t place;

	(void)state;
	add(&f, 1, 0, 50);
	add(&f, 2, 0, 40);
	add(&f, 3, 0, 30);
	request_index_sort(f.index, SORT_DURATION, true);
	assert_int_equal(request_index_refresh(f.index), 0);
	assert_order(&f, (const uint64_t[]){0, 1, 2}, 3);
	add(&f, 4, 0, 20);
	add(&f, 5, 0, 60);
	/* Not yet refreshed: what is gone is not found, and harms nobody. */
	assert_null(request_by_arrival(f.store, 0));
	assert_int_equal(request_index_find(f.index, 0, &place), -ENOENT);
	assert_int_equal(request_index_refresh(f.index), 0);
	assert_order(&f, (const uint64_t[]){4, 2, 3}, 3);
	teardown(&f);
}

static void test_survives_that_all_was_shed_meanwhile(void **state)
{
	struct fixture f = setup(2);
	uint64_t id;

	(void)state;
	add(&f, 1, 0, 50);
	assert_int_equal(request_index_refresh(f.index), 0);
	for (id = 2; id < 50; id++)
		add(&f, id, 0, id);
	request_index_sort(f.index, SORT_OPS, true);
	assert_int_equal(request_index_count(f.index), 0);
	assert_int_equal(request_index_refresh(f.index), 0);
	assert_int_equal(request_index_count(f.index), 2);
	assert_int_equal(request_by_arrival(f.store, 48)->id, 49);
	assert_null(request_by_arrival(f.store, 49));
	assert_null(request_by_arrival(f.store, UINT64_MAX));
	teardown(&f);
}

/* Below, at or above 0. */
static int64_t order(enum sort_column column, const struct request *a, const struct request *b)
{
	const int64_t orders[] = {
		[SORT_AGE] = (int64_t)(a->end_ns - b->end_ns),
		[SORT_DURATION] = (int64_t)(a->end_ns - a->start_ns - b->end_ns + b->start_ns),
		[SORT_CPU] = (int64_t)(a->cpu_ns - b->cpu_ns),
		[SORT_OPS] = (int64_t)a->n_ops_total - b->n_ops_total,
		[SORT_STATUS] = (int64_t)a->status - b->status,
		[SORT_METHOD] = strcmp(a->method, b->method),
		[SORT_PATH] = strcmp(a->url, b->url),
	};

	return orders[column];
}

static const struct request *request_at(const struct fixture *f, size_t place)
{
	return request_by_arrival(f->store, request_index_at(f->index, place));
}

static void test_every_column_sorts_both_ways_while_requests_come_and_go(void **state)
{
	struct fixture f = setup(300);
	uint64_t id = 0;
	int column, round;
	size_t i, place;

	(void)state;
	for (round = 0; round < 4 * SORT_COLUMN_COUNT; round++) {
		bool largest_first = round % 2;

		column = round / 2 % SORT_COLUMN_COUNT;
		request_index_sort(f.index, (enum sort_column)column, largest_first);
		for (i = 0; i < 37; i++, id++)
			add(&f, id, id * 10, id * 10 + id * 7919 % 101);
		assert_int_equal(request_index_refresh(f.index), 0);
		assert_int_equal(request_index_count(f.index), store_count(f.store));
		for (i = 0; i < request_index_count(f.index); i++) {
			uint64_t arrival = request_index_at(f.index, i);
			int64_t step = i ? order((enum sort_column)column, request_at(&f, i - 1),
						 request_at(&f, i))
					 : 0;

			assert_true(largest_first ? step >= 0 : step <= 0);
			assert_int_equal(request_index_find(f.index, arrival, &place), 0);
			assert_int_equal(place, i);
		}
	}
	teardown(&f);
}

static void test_filter_hides_what_does_not_match_and_what_comes_later(void **state)
{
	struct fixture f = setup(100);
	struct filter *filter;
	char error[80];
	size_t place;
	uint64_t id;

	(void)state;
	assert_int_equal(filter_parse("status>=300 && method==GET", error, sizeof(error), &filter),
			 0);
	for (id = 0; id < 20; id++)
		add(&f, id, 0, id);
	assert_int_equal(request_index_refresh(f.index), 0);
	request_index_filter(f.index, filter);
	assert_int_equal(request_index_refresh(f.index), 0);
	assert_order(&f, (const uint64_t[]){19, 17, 13, 11, 7, 5, 1}, 7);
	assert_int_equal(request_index_find(f.index, 0, &place), -ENOENT);
	for (; id < 26; id++)
		add(&f, id, 0, id);
	assert_int_equal(request_index_refresh(f.index), 0);
	assert_order(&f, (const uint64_t[]){25, 23, 19, 17, 13, 11, 7, 5, 1}, 9);
	request_index_filter(f.index, NULL);
	assert_int_equal(request_index_refresh(f.index), 0);
	assert_int_equal(request_index_count(f.index), 26);
	filter_free(filter);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newest_comes_first),
		cmocka_unit_test(test_what_is_new_is_merged_in),
		cmocka_unit_test(test_what_was_shed_is_dropped),
		cmocka_unit_test(test_survives_that_all_was_shed_meanwhile),
		cmocka_unit_test(test_every_column_sorts_both_ways_while_requests_come_and_go),
		cmocka_unit_test(test_filter_hides_what_does_not_match_and_what_comes_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
