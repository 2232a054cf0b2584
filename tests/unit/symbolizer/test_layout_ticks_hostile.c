/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Memory in which everything looks like a queue of ticks, or nearly: the search ends, and finds none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"

/* A heap of words; each part stands at one of them. */
enum {
	ENV = 0,
	REALM = 4096,
	HANDLE = 5120,
	GOOD_HANDLE = 5122,
	FUNCTION_MAP = 5632,
	FUNCTION = 6144,
	GOOD_FUNCTION = 6400,
	SHARED = 6656,
	GOOD_SHARED = 6912,
	SCOPE_INFO = 7168,
	GOOD_NAME = 7424,
	NAME = 7680,
	CONTEXT = 8192,
	QUEUE = 8704,
	BUFFER_MAP = 9216,
	BUFFER = 9728,
	LIST = 10240,
	ELEMENTS = 10752,
	WORDS = 11264,

	REALM_WORDS = 256,
	SLOTS = 64,
	MAX_READS = 1000000
};

#include "symbolizer/layout_heap.h"

static void put_queue(const struct nt_config *config)
{
	heap[QUEUE + config->tick_tail / 8] = heap[QUEUE + config->tick_tail / 8 + 1] =
		tagged(BUFFER);
	heap[BUFFER] = tagged(BUFFER_MAP);
	heap[BUFFER + config->tick_bottom / 8 + 2] = tagged(LIST);
	heap[LIST + config->array_elements / 8] = tagged(ELEMENTS);
	heap[ELEMENTS + config->array_first / 8 - 1] = (uint64_t)NT_TICK_QUEUE << 32;
}

/* Each word of the Realm is a function, all of whose variables are queues, and whose name is nearly right in each
 * of the words where it may stand. */
static struct node_layout put_all(void)
{
	struct node_layout layout = put_layout(20);
	struct nt_config *config = &layout.config;

	heap[ENV + 20] = at(REALM);
	for (int i = 0; i < REALM_WORDS; i++)
		heap[REALM + i] = at(HANDLE);
	heap[REALM + 1] = at(ENV);
	heap[HANDLE] = tagged(FUNCTION);
	put_function(FUNCTION, SHARED, CONTEXT);
	heap[CONTEXT + 1] = (uint64_t)SLOTS << 32;
	for (int i = 0; i < SLOTS; i++)
		heap[CONTEXT + (int)config->context_slots / 8 + i] = tagged(QUEUE);
	put_queue(config);
	for (int i = 0; i < 8; i++)
		heap[SHARED + i] = tagged(SCOPE_INFO);
	for (int i = 0; i < 48; i++)
		heap[SCOPE_INFO + i] = tagged(NAME);
	put_string(NAME, "processTicksAndRejectionz");
	return layout;
}

static void test_the_search_ends(void **state)
{
	struct node_layout layout = put_all();

	(void)state;
	layout_find_ticks(&memory, &layout);
	assert_in_range(n_reads, 1000, MAX_READS);
	assert_int_equal(layout.origin[LAYOUT_FIELD_tick_slot], LAYOUT_ABSENT);
	assert_int_equal(layout.config.tick_slot, 0);
}

/* There may be another in what was not looked at. */
static void test_what_was_found_before_it_ended_is_not_taken(void **state)
{
	struct node_layout layout = put_all();

	(void)state;
	heap[REALM] = at(GOOD_HANDLE);
	heap[GOOD_HANDLE] = tagged(GOOD_FUNCTION);
	put_function(GOOD_FUNCTION, GOOD_SHARED, CONTEXT);
	heap[GOOD_SHARED + 1] = tagged(GOOD_NAME);
	put_string(GOOD_NAME, "processTicksAndRejections");
	layout_find_ticks(&memory, &layout);
	assert_in_range(n_reads, 1000, MAX_READS);
	assert_int_equal(layout.origin[LAYOUT_FIELD_tick_slot], LAYOUT_ABSENT);
	assert_int_equal(layout.config.tick_slot, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_search_ends),
		cmocka_unit_test(test_what_was_found_before_it_ended_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
