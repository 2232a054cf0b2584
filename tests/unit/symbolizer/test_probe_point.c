/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/probe_point.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "symbolizer/base.h"

#define ADDRESS 0x401000

static struct probe_point find(const uint8_t *code, size_t len, uint32_t keep)
{
	struct probe_point point = {.offset = 99};

	assert_int_equal(probe_point_find(code, len, ADDRESS, keep, &point), 0);
	return point;
}

#define FIND(keep, ...) \
	find((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), keep)

static void assert_point(struct probe_point point, uint32_t offset)
{
	assert_true(point.emulated);
	assert_int_equal(point.offset, offset);
	assert_false(point.frame_pushed);
	assert_false(point.frame_set);
}

static void assert_none(struct probe_point point)
{
	assert_false(point.emulated);
	assert_int_equal(point.offset, 0);
	assert_false(point.frame_pushed);
}

#define MOV_RSP_RBP 0x48, 0x89, 0xe5
#define RET         0xc3

static void test_push_at_the_start_is_the_point(void **state)
{
	(void)state;
	assert_point(FIND(PROBE_RDI, 0x55, MOV_RSP_RBP, RET), 0);
	assert_point(FIND(PROBE_RDI, 0x41, 0x57, RET), 0); /* push r15 */
}

static void test_endbr_is_stepped_over(void **state)
{
	(void)state;
	assert_point(FIND(PROBE_RDI, 0xf3, 0x0f, 0x1e, 0xfa, 0x55, MOV_RSP_RBP), 4);
}

static void test_long_nop_is_stepped_over(void **state)
{
	(void)state;
	assert_point(FIND(PROBE_RDI, 0x0f, 0x1f, 0x40, 0x00, 0x55), 4);
	assert_point(FIND(PROBE_RDI, 0x66, 0x90, 0x55), 2);
}

static void test_plain_nop_and_relative_branches_are_points(void **state)
{
	(void)state;
	assert_point(FIND(PROBE_RDI, 0x90, RET), 0);
	assert_point(FIND(PROBE_RDI, 0xe8, 1, 0, 0, 0, RET), 0);
	assert_point(FIND(PROBE_RDI, 0xe9, 1, 0, 0, 0, RET), 0);
	assert_point(FIND(PROBE_RDI, 0xeb, 1, RET), 0);
	assert_point(FIND(PROBE_RDI, 0x0f, 0x84, 1, 0, 0, 0, RET), 0);
}

static void test_conditional_branch_behind_a_test_is_the_point(void **state)
{
	(void)state;
	/* cmpb $0,0x10(%rdi); je; ret */
	assert_point(FIND(PROBE_RDI, 0x80, 0x7f, 0x10, 0x00, 0x74, 0x01, RET, 0x55), 4);
}

static void test_stops_where_a_kept_register_is_written(void **state)
{
	(void)state;
	/* mov %rsi,%rdi; push rbp */
	assert_none(FIND(PROBE_RDI, 0x48, 0x89, 0xf7, 0x55));
	assert_point(FIND(PROBE_RSI, 0x48, 0x89, 0xf7, 0x55), 3);
}

static void test_partial_and_implicit_writes_count(void **state)
{
	(void)state;
	assert_none(FIND(PROBE_RDX, 0x0f, 0x94, 0xc2, 0x55)); /* sete dl */
	assert_none(FIND(PROBE_RCX, 0x31, 0xc9, 0x55));       /* xor ecx,ecx */
	assert_none(FIND(PROBE_RDX, 0x48, 0x99, 0x55));       /* cqo */
	assert_none(FIND(PROBE_R8, 0x45, 0x31, 0xc0, 0x55));  /* xor r8d,r8d */
	assert_none(FIND(PROBE_RAX, 0x0f, 0x44, 0xc1, 0x55)); /* cmove eax,ecx */
	assert_point(FIND(PROBE_RDI, 0x0f, 0x94, 0xc2, 0x55), 3);
}

static void test_stops_where_the_frame_registers_are_written(void **state)
{
	(void)state;
	assert_none(FIND(PROBE_RDI, 0x48, 0x83, 0xec, 0x08, 0x74, 0x01, RET)); /* sub $8,%rsp; je */
	assert_none(FIND(PROBE_RDI, 0x31, 0xed, 0x74, 0x01, RET));             /* xor ebp,ebp; je */
}

static void test_nothing_behind_an_exit_is_taken(void **state)
{
	(void)state;
	assert_none(FIND(PROBE_RDI, RET, 0x55));
	assert_none(FIND(PROBE_RDI, 0xff, 0xe0, 0x55));       /* jmp *%rax */
	assert_none(FIND(PROBE_RDI, 0xff, 0xd0, 0x55));       /* call *%rax */
	assert_none(FIND(PROBE_RDI, 0xe3, 0x01, 0x90, 0x55)); /* jrcxz is not emulated */
	assert_none(FIND(PROBE_RDI, 0x0f, 0x0b, 0x55));       /* ud2 */
}

static void test_prefixed_branch_is_no_point(void **state)
{
	(void)state;
	assert_none(FIND(PROBE_RDI, 0xf2, 0xe9, 1, 0, 0, 0, RET)); /* bnd jmp */
}

static void test_loop_head_is_no_point(void **state)
{
	(void)state;
	/* test %edi,%edi; 2: je +5; dec %esi; jmp 2; ret */
	assert_none(FIND(PROBE_RDI, 0x85, 0xff, 0x74, 0x04, 0xff, 0xce, 0xeb, 0xfa, RET));
	/* the same without the jump back */
	assert_point(FIND(PROBE_RDI, 0x85, 0xff, 0x74, 0x04, 0xff, 0xce, 0xeb, 0x00, RET), 2);
}

static void test_search_is_short(void **state)
{
	(void)state;
	/* test %eax,%eax, 13 and 14 times, then push */
	assert_point(FIND(PROBE_RDI, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0,
			  0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0,
			  0x85, 0xc0, 0x85, 0xc0, 0x55),
		     26);
	assert_none(FIND(PROBE_RDI, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0,
			 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0,
			 0x85, 0xc0, 0x85, 0xc0, 0x85, 0xc0, 0x55));
}

static void test_find_refuses_what_is_no_code(void **state)
{
	static const uint8_t invalid[] = {0x06, 0x55};
	static const uint8_t cut[] = {0x48, 0x89};
	struct probe_point point = {.offset = 99};

	(void)state;
	assert_int_equal(probe_point_find(invalid, sizeof(invalid), ADDRESS, 0, &point), -EBADMSG);
	assert_int_equal(probe_point_find(cut, sizeof(cut), ADDRESS, 0, &point), -EBADMSG);
	assert_int_equal(probe_point_find(cut, 0, ADDRESS, 0, &point), -EBADMSG);
	assert_int_equal(point.offset, 99);
}

static void test_code_that_ends_early_has_no_point(void **state)
{
	(void)state;
	assert_none(FIND(PROBE_RDI, 0x85, 0xc0));
	assert_none(FIND(PROBE_RDI, 0x85, 0xc0, 0x06));
}

static const uint8_t framed[] = {0x55, MOV_RSP_RBP, 0x48, 0x83, 0xec, 0x08, 0x74, 0x01, RET, RET};

static void test_instruction_starts_are_told(void **state)
{
	static const bool starts[] = {true,  true,  false, false, true, false,
				      false, false, true,  false, true, true};

	(void)state;
	for (uint32_t i = 0; i < ARRAY_SIZE(starts); i++)
		assert_int_equal(probe_point_is_instruction(framed, sizeof(framed), i), starts[i]);
	assert_false(probe_point_is_instruction(framed, sizeof(framed), sizeof(framed)));
	assert_false(probe_point_is_instruction(framed, sizeof(framed), UINT32_MAX));
}

static void test_chosen_point_knows_its_frame(void **state)
{
	struct probe_point point;

	(void)state;
	assert_int_equal(probe_point_at(framed, sizeof(framed), 0, &point), 0);
	assert_true(point.emulated && !point.frame_pushed && !point.frame_set);
	assert_int_equal(probe_point_at(framed, sizeof(framed), 1, &point), 0);
	assert_true(!point.emulated && point.frame_pushed && !point.frame_set);
	assert_int_equal(probe_point_at(framed, sizeof(framed), 8, &point), 0);
	assert_true(point.emulated && point.frame_pushed && point.frame_set);
	assert_int_equal(point.offset, 8);
	assert_int_equal(probe_point_at(framed, sizeof(framed), 2, &point), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_push_at_the_start_is_the_point),
		cmocka_unit_test(test_endbr_is_stepped_over),
		cmocka_unit_test(test_long_nop_is_stepped_over),
		cmocka_unit_test(test_plain_nop_and_relative_branches_are_points),
		cmocka_unit_test(test_conditional_branch_behind_a_test_is_the_point),
		cmocka_unit_test(test_stops_where_a_kept_register_is_written),
		cmocka_unit_test(test_partial_and_implicit_writes_count),
		cmocka_unit_test(test_stops_where_the_frame_registers_are_written),
		cmocka_unit_test(test_nothing_behind_an_exit_is_taken),
		cmocka_unit_test(test_prefixed_branch_is_no_point),
		cmocka_unit_test(test_loop_head_is_no_point),
		cmocka_unit_test(test_search_is_short),
		cmocka_unit_test(test_find_refuses_what_is_no_code),
		cmocka_unit_test(test_code_that_ends_early_has_no_point),
		cmocka_unit_test(test_instruction_starts_are_told),
		cmocka_unit_test(test_chosen_point_knows_its_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
