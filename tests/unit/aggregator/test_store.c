/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/store.h"

#include "aggregator/sample.h"

#define COST (100 + sizeof(struct request *))

/* A request that says it occupies 100 bytes. */
static struct request *small(uint64_t id)
{
	struct arena *arena = arena_new();
	struct request *request = arena_alloc(arena, sizeof(*request));

	request->arena = arena;
	request->id = id;
	request->bytes = 100;
	return request;
}

static void add(struct store *store, uint64_t first, uint64_t last)
{
	for (; first <= last; first++)
		assert_int_equal(store_add(store, small(first)), 0);
}

static void test_keeps_all_within_the_limit(void **state)
{
	struct store *store;

	(void)state;
	assert_int_equal(store_new(1000 * COST, &store), 0);
	add(store, 1, 1000);
	assert_int_equal(store_count(store), 1000);
	assert_int_equal(store_added(store), 1000);
	assert_int_equal(store_shed(store), 0);
	assert_int_equal(store_bytes(store), 1000 * COST);
	assert_int_equal(store_at(store, 0)->id, 1);
	assert_int_equal(store_at(store, 999)->id, 1000);
	store_free(store);
	store_free(NULL);
}

static void test_sheds_the_oldest_first_and_counts(void **state)
{
	struct store *store;
	size_t i;

	(void)state;
	assert_int_equal(store_new(100 * COST, &store), 0);
	add(store, 1, 1234);
	assert_int_equal(store_count(store), 100);
	assert_int_equal(store_shed(store), 1134);
	assert_int_equal(store_bytes(store), 100 * COST);
	for (i = 0; i < 100; i++)
		assert_int_equal(store_at(store, i)->id, 1135 + i);
	store_free(store);
}

static void test_large_request_sheds_several(void **state)
{
	struct request *large = small(11);
	struct store *store;

	(void)state;
	assert_int_equal(store_new(10 * COST, &store), 0);
	add(store, 1, 10);
	large->bytes = 3 * COST;
	assert_int_equal(store_add(store, large), 0);
	assert_int_equal(store_at(store, 0)->id, 5);
	assert_int_equal(store_count(store), 7);
	store_free(store);
}

static void test_request_beyond_the_limit_is_shed_itself(void **state)
{
	struct store *store;

	(void)state;
	assert_int_equal(store_new(50, &store), 0);
	add(store, 1, 1);
	assert_int_equal(store_count(store), 0);
	assert_int_equal(store_shed(store), 1);
	assert_int_equal(store_bytes(store), 0);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps_all_within_the_limit),
		cmocka_unit_test(test_sheds_the_oldest_first_and_counts),
		cmocka_unit_test(test_large_request_sheds_several),
		cmocka_unit_test(test_request_beyond_the_limit_is_shed_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
