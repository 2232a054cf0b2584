/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The lists of timers are found by the name of the function that runs them, and by the shape of their queue. */
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
	COMPARE = 240,
	SHARED = 250,
	SCOPE_INFO = 260,
	NAME = 290,
	CONTEXT = 300,
	MODULE = 320,
	QUEUE = 340,
	OTHER_QUEUE = 350,
	HEAP_ARRAY = 360,
	ELEMENTS = 370,
	LIST = 390,
	TIMER = 400,
	WORDS = 512, /* a page */

	CALLBACK = 30, /* words into the Realm */
	SLOT = 2,      /* of the module's context */
	MANY_READS = 200000
};

#include "symbolizer/layout_heap.h"

/* One list with one timer. */
static void put_queue(const struct nt_config *config, int word)
{
	heap[word + 3] = heap[word + 4] = heap[word + 5] = tagged(COMPARE);
	heap[word + (int)config->queue_heap / 8] = tagged(HEAP_ARRAY);
	heap[word + (int)config->queue_size / 8] = smi(1);
	heap[HEAP_ARRAY + config->array_elements / 8] = tagged(ELEMENTS);
	heap[HEAP_ARRAY + config->array_elements / 8 + 1] = smi(2);
	heap[ELEMENTS + config->array_first / 8 - 1] = smi(2);
	heap[ELEMENTS + config->array_first / 8 + 1] = tagged(LIST);
	heap[LIST + config->list_first / 8] = tagged(TIMER);
	heap[TIMER + config->timeout_next / 8] = tagged(LIST);
}

static struct node_layout put_all(uint32_t major)
{
	struct node_layout layout = put_layout(major);
	struct nt_config *config = &layout.config;

	config->tick_realm = 20 * 8; /* the ticks' were found */
	config->tick_slot = 200;
	heap[ENV + 20] = at(REALM);
	heap[REALM + REALM_ENV / 8] = at(ENV);
	heap[REALM + CALLBACK] = at(HANDLE);
	heap[HANDLE] = tagged(FUNCTION);
	put_function(FUNCTION, SHARED, CONTEXT);
	put_function(COMPARE, SHARED, CONTEXT);
	heap[SHARED + 2] = tagged(SCOPE_INFO);
	heap[SCOPE_INFO + 5] = tagged(NAME);
	put_string(NAME, "processTimers");
	heap[CONTEXT + 1] = smi(6);
	heap[CONTEXT + config->context_previous / 8] = tagged(MODULE);
	heap[MODULE + 1] = smi(8);
	heap[MODULE + config->context_slots / 8 + SLOT] = tagged(QUEUE);
	put_queue(config, QUEUE);
	return layout;
}

static void assert_found(struct node_layout layout)
{
	layout_find_timers(&memory, &layout);
	assert_int_equal(layout.origin[LAYOUT_FIELD_timer_slot], LAYOUT_DERIVED);
	assert_int_equal(layout.config.timer_callback, CALLBACK * 8);
	assert_int_equal(layout.config.timer_slot, layout.config.context_slots + SLOT * 8);
}

static void assert_absent(struct node_layout layout)
{
	layout_find_timers(&memory, &layout);
	assert_int_equal(layout.config.timer_slot, 0);
	assert_int_equal(layout.origin[LAYOUT_FIELD_timer_slot], LAYOUT_ABSENT);
}

static void test_the_queue_of_each_release_is_found(void **state)
{
	static const uint32_t majors[] = {16, 18, 20, 22, 24, 25, 26};

	(void)state;
	for (size_t i = 0; i < sizeof(majors) / sizeof(majors[0]); i++)
		assert_found(put_all(majors[i]));
}

/* A server that has no timer yet will have some. */
static void test_an_empty_queue_is_found(void **state)
{
	struct node_layout layout = put_all(20);

	(void)state;
	heap[QUEUE + layout.config.queue_size / 8] = smi(0);
	heap[ELEMENTS + layout.config.array_first / 8 + 1] = 0;
	assert_found(layout);
}

/* All timers of the list were cleared. */
static void test_a_queue_with_an_empty_list_is_found(void **state)
{
	struct node_layout layout = put_all(20);

	(void)state;
	heap[LIST + layout.config.list_first / 8] = tagged(LIST);
	assert_found(layout);
}

static void test_the_queue_of_another_function_is_not_taken(void **state)
{
	struct node_layout layout = put_all(20);

	(void)state;
	put_string(NAME, "processTimerz");
	assert_absent(layout);
}

static void test_two_queues_are_not_guessed_between(void **state)
{
	struct node_layout layout = put_all(20);

	(void)state;
	heap[MODULE + layout.config.context_slots / 8 + SLOT + 1] = tagged(OTHER_QUEUE);
	put_queue(&layout.config, OTHER_QUEUE);
	assert_absent(layout);
}

/* The kernel side reads both from one holder. */
static void test_another_realm_than_that_of_the_ticks_is_not_taken(void **state)
{
	struct node_layout layout = put_all(20);

	(void)state;
	layout.config.tick_realm += 8;
	assert_absent(layout);
}

static void test_nothing_is_looked_for_without_the_ticks(void **state)
{
	struct node_layout layout = put_all(20);

	(void)state;
	layout.config.tick_slot = 0;
	assert_absent(layout);
	assert_int_equal(n_reads, 0);
}

/* Each word of it that is not as in such a queue. */
static void test_what_has_another_shape_is_no_queue(void **state)
{
	static const struct {
		int word;
		uint64_t value;
	} wrong[] = {
		{QUEUE + 3, 0}, /* compare */
		{QUEUE + 3, 5},
		{QUEUE + 4, 1},               /* heap */
		{QUEUE + 5, 0},               /* setPosition */
		{QUEUE + 6, 1},               /* size */
		{HEAP_ARRAY + 2, 0},          /* elements */
		{HEAP_ARRAY + 3, 1ULL << 32}, /* length */
		{ELEMENTS + 1, 1ULL << 32},   /* room */
		{ELEMENTS + 3, 7},            /* the list */
		{LIST + 4, 0},                /* its first timer */
		{TIMER + 5, 0},               /* the list of that */
		{CONTEXT + 3, 0},             /* the module */
		{MODULE + 1, 1ULL << 40},     /* its size */
		{FUNCTION_MAP + 1, 0},        /* the type */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct node_layout layout = put_all(20);

		heap[wrong[i].word] = wrong[i].value;
		assert_absent(layout);
	}
}

/* Every word points into the heap at something that is nearly a queue: the search ends. */
static void test_hostile_memory_is_given_up(void **state)
{
	struct node_layout layout = put_all(20);

	(void)state;
	for (int i = 0; i < 60; i++)
		heap[REALM + REALM_ENV / 8 + 1 + i] = at(HANDLE);
	heap[MODULE + 1] = smi(64);
	for (int i = 0; i < 8; i++)
		heap[SHARED + i] = tagged(SCOPE_INFO);
	for (int i = 0; i < 30; i++)
		heap[SCOPE_INFO + i] = tagged(NAME);
	put_string(NAME, "processTimerz");
	assert_absent(layout);
	assert_in_range(n_reads, 100, MANY_READS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_queue_of_each_release_is_found),
		cmocka_unit_test(test_an_empty_queue_is_found),
		cmocka_unit_test(test_a_queue_with_an_empty_list_is_found),
		cmocka_unit_test(test_the_queue_of_another_function_is_not_taken),
		cmocka_unit_test(test_two_queues_are_not_guessed_between),
		cmocka_unit_test(test_another_realm_than_that_of_the_ticks_is_not_taken),
		cmocka_unit_test(test_nothing_is_looked_for_without_the_ticks),
		cmocka_unit_test(test_what_has_another_shape_is_no_queue),
		cmocka_unit_test(test_hostile_memory_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
