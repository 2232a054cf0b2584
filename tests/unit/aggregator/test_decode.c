/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/decode.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>

#include "aggregator/decoding.h"

static void test_common_fields_are_carried_over(void **state)
{
	struct nt_event raw = {.ts = 1,
			       .tid = 2,
			       .seq = 3,
			       .kind = NT_EVENT_PHASE,
			       .arg = 4,
			       .a = 5,
			       .b = 6,
			       .c = 7,
			       .has_ids = 1,
			       .tick = 8,
			       .immediates = 9,
			       .exec = bits(10),
			       .trigger = bits(11),
			       .counter = bits(12)};
	struct event event = decode(raw, "");

	(void)state;
	assert_int_equal(event.ts, 1);
	assert_int_equal(event.tid, 2);
	assert_int_equal(event.seq, 3);
	assert_int_equal(event.kind, NT_EVENT_PHASE);
	assert_int_equal(event.arg, 4);
	assert_int_equal(event.a, 5);
	assert_int_equal(event.b, 6);
	assert_int_equal(event.c, 7);
	assert_true(event.has_ids);
	assert_int_equal(event.tick, 8);
	assert_int_equal(event.immediates, 9);
	assert_int_equal(event.exec, 10);
	assert_int_equal(event.trigger, 11);
	assert_int_equal(event.counter, 12);
	assert_null(event.stack);
	assert_string_equal(event.text, "");
}

static void test_ids_are_ignored_when_the_kernel_had_none(void **state)
{
	struct event event =
		decode((struct nt_event){.kind = NT_EVENT_PHASE, .exec = bits(10)}, "");

	(void)state;
	assert_false(event.has_ids);
	assert_int_equal(event.exec, 0);
}

static void test_what_is_no_async_id_becomes_zero(void **state)
{
	static const double bad[] = {
		0, -0.0, -1, 0.5, 1.5, NAN, INFINITY, -INFINITY, 1e300, 5e-324, 9007199254740994.0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct nt_event raw = {.kind = NT_EVENT_PHASE, .has_ids = 1, .exec = bits(bad[i])};

		assert_int_equal(decode(raw, "").exec, 0);
	}
}

static void test_large_ids_are_exact(void **state)
{
	struct nt_event raw = {
		.kind = NT_EVENT_PHASE, .has_ids = 1, .exec = bits(9007199254740991.0)};

	(void)state;
	assert_true(decode(raw, "").exec == 9007199254740991ULL);
}

static void test_scope_and_wrap_ids_are_converted_and_other_numbers_are_not(void **state)
{
	static const enum nt_event_kind with_wrap[] = {NT_EVENT_STREAM_WRITE, NT_EVENT_STREAM_READ,
						       NT_EVENT_WORK_SUBMIT, NT_EVENT_CONNECT,
						       NT_EVENT_SPAWN};
	struct nt_event raw = {.kind = NT_EVENT_SCOPE_OPEN, .a = 77, .b = bits(5), .c = bits(6)};
	struct event event = decode(raw, "");
	size_t i;

	(void)state;
	assert_int_equal(event.a, 77);
	assert_int_equal(event.b, 5);
	assert_int_equal(event.c, 6);
	for (i = 0; i < sizeof(with_wrap) / sizeof(with_wrap[0]); i++) {
		raw = (struct nt_event){
			.kind = (uint16_t)with_wrap[i], .a = 77, .b = 5, .c = bits(6)};
		event = decode(raw, "");
		assert_int_equal(event.a, 77);
		assert_int_equal(event.b, 5);
		assert_int_equal(event.c, 6);
	}
	raw = (struct nt_event){.kind = NT_EVENT_TIMER_NOW, .a = 5, .b = 20};
	event = decode(raw, "");
	assert_int_equal(event.a, 5);
	assert_int_equal(event.b, 20);
}

static void test_stack_ids_become_stacks(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_INIT, .stack = 99};
	const struct frame frame = {.function = "handler"};
	const struct stack *stack;
	struct stacks *stacks;
	struct event event;

	(void)state;
	assert_int_equal(stacks_new(10, 1000, &stacks), 0);
	stack = stacks_add(stacks, 99, &frame, 1);
	assert_non_null(stack);
	assert_int_equal(decode_event(&decoder, stacks, &raw, sizeof(raw), &event), 0);
	assert_ptr_equal(event.stack, stack);
	raw.stack = 98;
	assert_int_equal(decode_event(&decoder, stacks, &raw, sizeof(raw), &event), 0);
	assert_null(event.stack);
	stacks_free(stacks);
}

static void test_damaged_records_leave_the_result_alone(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_INIT};
	struct event event = {.ts = 4711};

	(void)state;
	assert_int_equal(decode_event(&decoder, NULL, &raw, sizeof(raw) - 1, &event), -EBADMSG);
	raw.text_len = 1;
	assert_int_equal(decode_event(&decoder, NULL, &raw, sizeof(raw), &event), -EBADMSG);
	raw.text_len = 0;
	raw.kind = 0;
	assert_int_equal(decode_event(&decoder, NULL, &raw, sizeof(raw), &event), -EBADMSG);
	raw.kind = NT_EVENT_KINDS;
	assert_int_equal(decode_event(&decoder, NULL, &raw, sizeof(raw), &event), -EBADMSG);
	raw.kind = NT_EVENT_STACK;
	assert_int_equal(decode_event(&decoder, NULL, &raw, sizeof(raw), &event), -ENODATA);
	assert_int_equal(event.ts, 4711);
}

static void test_padding_behind_the_text_is_allowed(void **state)
{
	char record[sizeof(struct nt_event) + 8] = {0};
	struct nt_event raw = {.kind = NT_EVENT_INIT, .text_len = 3};
	struct event event;

	(void)state;
	memcpy(record, &raw, sizeof(raw));
	memcpy(record + sizeof(raw), "TCPWRAP", 8);
	assert_int_equal(decode_event(&decoder, NULL, record, sizeof(record), &event), 0);
	assert_string_equal(event.text, "TCP");
	assert_int_equal(event.text_len, 3);
}

static void test_connect_prints_address_and_port(void **state)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(5433)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
	struct nt_event raw = {.kind = NT_EVENT_CONNECT};
	struct event event;

	(void)state;
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v6.sin6_addr = in6addr_loopback;
	assert_int_equal(decode_raw(raw, &v4, sizeof(v4), &event), 0);
	assert_string_equal(event.text, "127.0.0.1:5433");
	assert_int_equal(decode_raw(raw, &v6, sizeof(v6), &event), 0);
	assert_string_equal(event.text, "::1:80");
	assert_int_equal(decode_raw(raw, &v6, sizeof(v6) - 1, &event), 0);
	assert_string_equal(event.text, "");
	assert_int_equal(decode_raw(raw, &v6, 1, &event), 0);
	assert_string_equal(event.text, "");
	raw.arg = 1;
	assert_string_equal(decode(raw, "/run/db.sock").text, "/run/db.sock");
}

static void test_tick_boundary_gives_candidates_within_the_text(void **state)
{
	uint64_t pairs[2 * EVENT_MAX_CANDIDATES + 4];
	struct nt_event raw = {.kind = NT_EVENT_TICK_BOUNDARY, .arg = 2};
	struct event event;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		pairs[i] = 100 + i;
	assert_int_equal(decode_raw(raw, pairs, 32, &event), 0);
	assert_int_equal(event.n_candidates, 2);
	assert_int_equal(event.candidates[1].id, 102);
	assert_int_equal(event.candidates[1].trigger, 103);
	assert_int_equal(decode_raw(raw, pairs, 31, &event), 0);
	assert_int_equal(event.n_candidates, 1);
	raw.arg = UINT32_MAX;
	assert_int_equal(decode_raw(raw, pairs, sizeof(pairs), &event), 0);
	assert_int_equal(event.n_candidates, EVENT_MAX_CANDIDATES);
}

static void test_random_bytes_never_escape_their_bounds(void **state)
{
	struct event event;
	int round;

	(void)state;
	srand(3);
	for (round = 0; round < 50000; round++) {
		struct nt_event raw;
		char text[300];
		size_t len = (size_t)rand() % sizeof(text);
		size_t i;

		for (i = 0; i < sizeof(raw); i++)
			((char *)&raw)[i] = (char)rand();
		for (i = 0; i < len; i++)
			text[i] = (char)rand();
		raw.kind = (uint16_t)(rand() % (NT_EVENT_KINDS + 1));
		if (!decode_raw(raw, text, len, &event)) {
			assert_int_equal(strlen(event.text), event.text_len);
			assert_true(event.exec <= 1ULL << 53);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_common_fields_are_carried_over, reset),
		cmocka_unit_test_setup(test_ids_are_ignored_when_the_kernel_had_none, reset),
		cmocka_unit_test_setup(test_what_is_no_async_id_becomes_zero, reset),
		cmocka_unit_test_setup(test_large_ids_are_exact, reset),
		cmocka_unit_test_setup(
			test_scope_and_wrap_ids_are_converted_and_other_numbers_are_not, reset),
		cmocka_unit_test_setup(test_stack_ids_become_stacks, reset),
		cmocka_unit_test_setup(test_damaged_records_leave_the_result_alone, reset),
		cmocka_unit_test_setup(test_padding_behind_the_text_is_allowed, reset),
		cmocka_unit_test_setup(test_connect_prints_address_and_port, reset),
		cmocka_unit_test_setup(test_tick_boundary_gives_candidates_within_the_text, reset),
		cmocka_unit_test_setup(test_random_bytes_never_escape_their_bounds, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
