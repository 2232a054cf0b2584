/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The queue of ticks is found by the name of the function that runs it, and by its shape. */
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
	REALM = 100,
	HANDLE = 200,
	OTHER_HANDLE = 202,
	FUNCTION_MAP = 210,
	FUNCTION = 220,
	OTHER_FUNCTION = 230,
	SHARED = 240,
	OTHER_SHARED = 250,
	SCOPE_INFO = 260,
	NAME = 280,
	CONTEXT = 300,
	OTHER_CONTEXT = 320,
	QUEUE = 340,
	OTHER_QUEUE = 346,
	BUFFER_MAP = 350,
	BUFFER = 360,
	LIST = 370,
	ELEMENTS = 380,
	WORDS = 512, /* a page */

	CALLBACK = 30, /* words into the Realm */
	SLOT = 2       /* of the context */
};

#include "symbolizer/layout_heap.h"

static void put_queue(int word)
{
	heap[word + 3] = heap[word + 4] = tagged(BUFFER);
}

/* node 20's shape: the Realm has the handle of the function. */
static struct node_layout put_all(void)
{
	struct node_layout layout = put_layout(20);
	struct nt_config *config = &layout.config;

	heap[ENV + 20] = at(REALM);
	heap[REALM + REALM_ENV / 8] = at(ENV);
	heap[REALM + CALLBACK] = at(HANDLE);
	heap[HANDLE] = tagged(FUNCTION);
	put_function(FUNCTION, SHARED, CONTEXT);
	heap[CONTEXT + 1] = smi(8);
	heap[SHARED + 2] = tagged(SCOPE_INFO);
	heap[SCOPE_INFO + 5] = tagged(NAME);
	put_string(NAME, "processTicksAndRejections");
	heap[CONTEXT + config->context_slots / 8 + SLOT] = tagged(QUEUE);
	put_queue(QUEUE);
	heap[BUFFER] = tagged(BUFFER_MAP);
	heap[BUFFER + 3] = smi(2046);
	heap[BUFFER + 4] = smi(1);
	heap[BUFFER + 5] = tagged(LIST);
	heap[LIST + config->array_elements / 8] = tagged(ELEMENTS);
	heap[ELEMENTS + config->array_first / 8 - 1] = smi(NT_TICK_QUEUE);
	return layout;
}

static void assert_found(struct node_layout layout, uint32_t realm, uint32_t callback)
{
	layout_find_ticks(&memory, &layout);
	assert_int_equal(layout.origin[LAYOUT_FIELD_tick_slot], LAYOUT_DERIVED);
	assert_int_equal(layout.config.tick_realm, realm);
	assert_int_equal(layout.config.tick_callback, callback);
	assert_int_equal(layout.config.tick_slot, layout.config.context_slots + SLOT * 8);
}

static void assert_absent(struct node_layout layout)
{
	layout_find_ticks(&memory, &layout);
	assert_int_equal(layout.config.tick_slot, 0);
	assert_int_equal(layout.origin[LAYOUT_FIELD_tick_slot], LAYOUT_ABSENT);
}

static void test_the_queue_of_a_realm_is_found(void **state)
{
	(void)state;
	assert_found(put_all(), 20 * 8, CALLBACK * 8);
}

static void test_the_queue_of_an_environment_is_found(void **state)
{
	struct node_layout layout = put_all();

	(void)state;
	layout.config.realm_env = 0;
	heap[ENV + 40] = at(HANDLE);
	assert_found(layout, 0, 40 * 8);
}

/* Since 24 what waits for handlers of rejections stands in such a queue as well. */
static void test_the_queue_of_another_function_is_not_taken(void **state)
{
	struct node_layout layout = put_all();

	(void)state;
	heap[REALM + CALLBACK - 5] = at(OTHER_HANDLE);
	heap[OTHER_HANDLE] = tagged(OTHER_FUNCTION);
	put_function(OTHER_FUNCTION, OTHER_SHARED, OTHER_CONTEXT);
	heap[OTHER_CONTEXT + 1] = smi(8);
	heap[OTHER_CONTEXT + layout.config.context_slots / 8] = tagged(OTHER_QUEUE);
	put_queue(OTHER_QUEUE);
	assert_found(layout, 20 * 8, CALLBACK * 8);
	put_string(NAME, "processTicksAndRejectionz");
	assert_absent(layout);
}

static void test_two_queues_of_one_function_are_not_guessed_between(void **state)
{
	struct node_layout layout = put_all();

	(void)state;
	heap[CONTEXT + layout.config.context_slots / 8 + SLOT + 1] = tagged(OTHER_QUEUE);
	put_queue(OTHER_QUEUE);
	assert_absent(layout);
}

/* Each word of it that is not as in such a queue. */
static void test_what_has_another_shape_is_no_queue(void **state)
{
	static const struct {
		int word;
		uint64_t value;
	} wrong[] = {
		{BUFFER + 3, (uint64_t)NT_TICK_QUEUE << 32},
		{BUFFER + 4, 5},
		{LIST + 2, 0},
		{ELEMENTS + 1, 1024ULL << 32},
		{QUEUE + 3, 0},
		{QUEUE + 4, 1},
		{CONTEXT + 1, 1ULL << 40},
		{HANDLE, 0},
		{FUNCTION, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct node_layout layout = put_all();

		heap[wrong[i].word] = wrong[i].value;
		assert_absent(layout);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_queue_of_a_realm_is_found),
		cmocka_unit_test(test_the_queue_of_an_environment_is_found),
		cmocka_unit_test(test_the_queue_of_another_function_is_not_taken),
		cmocka_unit_test(test_two_queues_of_one_function_are_not_guessed_between),
		cmocka_unit_test(test_what_has_another_shape_is_no_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
