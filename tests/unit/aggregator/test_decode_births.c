/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/decode_births.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "symbolizer/base.h"

enum {
	STACK = 77,
	SEQ = 1000,
	FIRST = NT_SIGHT_FRAME,
};

static struct spills spills;

static int forget(void **state)
{
	(void)state;
	spills = (struct spills){0};
	return 0;
}

struct sight {
	uint32_t kind; /* enum nt_birth, NT_SIGHT_FRAME */
	uint16_t function;
};

/* Births 1, 2, … in the order told. */
static void decode(const struct sight *sights, uint32_t n, struct event *ret_event)
{
	struct nt_event raw = {.seq = SEQ, .stack = STACK, .sight = n};

	for (uint32_t i = 0; i < n && i < NT_MAX_BIRTHS; i++) {
		raw.sight |= sights[i].kind << 4 * (i + 1);
		raw.births[i] = SEQ - (i + 1);
		raw.functions[i] = sights[i].function;
	}
	*ret_event = (struct event){0};
	decode_births(&raw, &spills, ret_event);
}

/* A closure of another frame, one in a slot with a scope around it, the frame's own. */
static const struct sight usual[] = {
	{NT_BIRTH_CONTEXT | FIRST, 5},
	{NT_BIRTH_INLINED | FIRST, NT_SPILL(3, 11)},
	{NT_BIRTH_AROUND, 0},
	{NT_BIRTH_CONTEXT, 6},
};

static void assert_whole(const struct event *event)
{
	assert_int_equal(event->n_births, 4);
	assert_int_equal(event->birth_kinds, (NT_BIRTH_CONTEXT | FIRST) |
						     (NT_BIRTH_INLINED | FIRST) << 4 |
						     NT_BIRTH_AROUND << 8 | NT_BIRTH_CONTEXT << 12);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(event->births[i], i + 1);
	assert_int_equal(event->birth_functions[0], 5);
	assert_int_equal(event->birth_functions[1], 0); /* a place is no function */
	assert_int_equal(event->birth_functions[2], 0);
	assert_int_equal(event->birth_functions[3], 6);
}

static void test_closures_in_slots_count_where_nothing_is_known(void **state)
{
	struct event event;

	(void)state;
	decode(usual, ARRAY_SIZE(usual), &event);
	assert_whole(&event);
}

static void test_only_dead_slots_are_left_out(void **state)
{
	struct event event;

	(void)state;
	spills_put(&spills, STACK, 3, ~(1ULL << 11));
	spills_put(&spills, STACK, 2, 1ULL << 11);
	spills_put(&spills, STACK + 1, 3, 1ULL << 11);
	decode(usual, ARRAY_SIZE(usual), &event);
	assert_whole(&event);
}

/* What is around the closure goes with it, and the frame begins with what is left of it. */
static void test_a_closure_in_a_dead_slot_is_left_out(void **state)
{
	struct event event;

	(void)state;
	spills_put(&spills, STACK, 3, 1ULL << 11);
	decode(usual, ARRAY_SIZE(usual), &event);
	assert_int_equal(event.n_births, 2);
	assert_int_equal(event.birth_kinds, (NT_BIRTH_CONTEXT | FIRST) | (NT_BIRTH_CONTEXT | FIRST)
										 << 4);
	assert_int_equal(event.births[0], 1);
	assert_int_equal(event.births[1], 4);
	assert_int_equal(event.birth_functions[0], 5);
	assert_int_equal(event.birth_functions[1], 6);
}

/* A frame of which nothing is left does not make the next one begin earlier or later. */
static void test_frames_keep_their_beginnings(void **state)
{
	const struct sight sights[] = {
		{NT_BIRTH_INLINED | FIRST, NT_SPILL(3, 0)},
		{NT_BIRTH_INLINED | FIRST, NT_SPILL(4, 1)},
		{NT_BIRTH_INLINED, NT_SPILL(4, 2)},
		{NT_BIRTH_CONTEXT, 9},
	};
	struct event event;

	(void)state;
	spills_put(&spills, STACK, 3, 1);
	spills_put(&spills, STACK, 4, 4);
	decode(sights, ARRAY_SIZE(sights), &event);
	assert_int_equal(event.n_births, 2);
	assert_int_equal(event.birth_kinds, (NT_BIRTH_INLINED | FIRST) | NT_BIRTH_CONTEXT << 4);
	assert_int_equal(event.births[0], 2);
	assert_int_equal(event.births[1], 4);
}

/* It stands for another place too, which may be in use. */
static void test_what_was_met_again_is_kept(void **state)
{
	struct sight sights[ARRAY_SIZE(usual)];
	struct event event;

	(void)state;
	spills_put(&spills, STACK, 3, 1ULL << 11);
	for (size_t again = 1; again <= 2; again++) {
		memcpy(sights, usual, sizeof(usual));
		sights[again].function |= NT_SPILL_AGAIN;
		decode(sights, ARRAY_SIZE(sights), &event);
		assert_whole(&event);
	}
}

static void test_places_that_are_not_known_are_kept(void **state)
{
	const struct sight sight = {NT_BIRTH_INLINED | FIRST, 0};
	struct event event;

	(void)state;
	spills_put(&spills, STACK, 0, UINT64_MAX);
	decode(&sight, 1, &event);
	assert_int_equal(event.n_births, 1);
}

/* A receiver stands behind the closures of its frame, also when some of them are left out. */
static void test_receivers_keep_their_places(void **state)
{
	const struct sight sights[] = {
		usual[0],
		usual[1],
		usual[2],
		usual[3],
		{NT_SIGHT_RECEIVER, NT_RECEIVER(1, 9)},
		{NT_SIGHT_RECEIVER, NT_RECEIVER(4, 10)},
	};
	struct event event;

	(void)state;
	spills_put(&spills, STACK, 3, 1ULL << 11);
	decode(sights, ARRAY_SIZE(sights), &event);
	assert_int_equal(event.n_births, 4);
	assert_int_equal(event.birth_kinds >> 8, NT_SIGHT_RECEIVER | NT_SIGHT_RECEIVER << 4);
	assert_int_equal(event.birth_functions[2], NT_RECEIVER(1, 9));
	assert_int_equal(event.birth_functions[3], NT_RECEIVER(2, 10));
}

static void test_counts_beyond_the_room_are_cut(void **state)
{
	const struct sight sights[NT_MAX_BIRTHS] = {{NT_BIRTH_CONTEXT | FIRST, 1}};
	struct nt_event raw = {.seq = SEQ, .stack = STACK, .sight = 15};
	struct event event = {0};

	(void)state;
	decode_births(&raw, NULL, &event);
	assert_int_equal(event.n_births, NT_MAX_BIRTHS);
	decode(sights, NT_MAX_BIRTHS, &event);
	assert_int_equal(event.n_births, NT_MAX_BIRTHS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_closures_in_slots_count_where_nothing_is_known, forget),
		cmocka_unit_test_setup(test_only_dead_slots_are_left_out, forget),
		cmocka_unit_test_setup(test_a_closure_in_a_dead_slot_is_left_out, forget),
		cmocka_unit_test_setup(test_frames_keep_their_beginnings, forget),
		cmocka_unit_test_setup(test_what_was_met_again_is_kept, forget),
		cmocka_unit_test_setup(test_places_that_are_not_known_are_kept, forget),
		cmocka_unit_test_setup(test_receivers_keep_their_places, forget),
		cmocka_unit_test_setup(test_counts_beyond_the_room_are_cut, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
