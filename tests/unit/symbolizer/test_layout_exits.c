/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"
#include "symbolizer/own_elf.h"

/*
 * Stubs under the names that V8's have, of the same shape. JSEntry saves what is at r13 + 0x100, then what
 * is at + 0xa8, as later releases do; the other one calls twice. Each variant stands under a name of its
 * own, and a test says which one is meant.
 */
#define STUB(name, body)                                                                        \
	__asm__(".pushsection .text\n.type " name ", @function\n" name ":\n" body ".size " name \
		", . - " name "\n.popsection\n")
#define PROLOGUE "push %rbp\nmov %rsp, %rbp\npush $2\npush %r13\nmov %rdi, %r13\n"
#define CALL(pc, fp)                                                                       \
	"mov 0x1e30(%r13), %rax\nlea 0(%rip), %r10\nmov %r10, " pc "(%r13)\nmov %rbp, " fp \
	"(%r13)\ncall *%rax\n"
#define CLEAR(at) "movq $0, " at "(%r13)\n"

STUB("Builtins_JSEntry", PROLOGUE "pushq 0x100(%r13)\n" CLEAR("0x100") "pushq 0xa8(%r13)\n" CLEAR(
				 "0xa8") "popq 0x100(%r13)\nret\n");
STUB("Builtins_DeoptimizationEntry_Eager",
     "push %rbp\nmov %rbp, 0x100(%r13)\nmov %rsi, 0x98(%r13)\nlea -0x80(%r13), %r8\n" CALL("0x70",
											   "0x68")
	     CLEAR("0x68") CALL("0x70", "0x68") CLEAR("0x68") "pop %rbp\nret\n");
STUB("entry_that_does_not_clear", PROLOGUE "pushq 0x100(%r13)\nnop\n" CLEAR("0x100") "ret\n");
STUB("entry_of_another_word", PROLOGUE "pushq 0x108(%r13)\n" CLEAR("0x108") "ret\n");
STUB("entry_beyond_the_isolate", PROLOGUE "pushq 0x7fff0000(%r13)\n" CLEAR("0x7fff0000") "ret\n");
STUB("stub_that_does_not_clear", "mov %rbp, 0x100(%r13)\n" CALL("0x70", "0x68") "ret\n");
STUB("stub_without_an_address", "mov %rbp, 0x100(%r13)\nmov %r10, 0x70(%r13)\n"
				"mov %rbp, 0x68(%r13)\n" CLEAR("0x68") "ret\n");

enum {
	ISOLATE_WORDS = 128,
	EXIT = 0x100,
	FAST_FRAME = 0x68,
	FAST_PC = 0x70,
};

static uint64_t isolate[ISOLATE_WORDS];
static uint64_t env[1];

static int read_self(void *user, uint64_t address, void *buf, size_t len)
{
	uint64_t start = (uintptr_t)isolate;

	(void)user;
	if (address == (uintptr_t)env && len == sizeof(env)) {
		memcpy(buf, env, len);
		return 0;
	}
	if (address < start || address + len > start + sizeof(isolate))
		return -EFAULT;
	memcpy(buf, (const char *)isolate + (address - start), len);
	return 0;
}

static const struct memory self = {.read = read_self};

/* A layout whose isolate is the one here. */
static struct node_layout read_layout(const struct elf_file *elf)
{
	struct node_layout layout = {.main_env = (uintptr_t)env};

	memset(isolate, 0, sizeof(isolate));
	env[0] = (uintptr_t)isolate;
	layout.config.env_async_ids = layout_walk.buffer_data;
	layout_read_exits(elf, &layout);
	return layout;
}

static void test_words_are_those_that_stubs_write_and_clear(void **state)
{
	struct node_layout layout = read_layout(*state);

	assert_int_equal(layout.config.exit_frame, EXIT + layout_walk.isolate_root);
	assert_int_equal(layout.config.fast_call_frame, FAST_FRAME + layout_walk.isolate_root);
	assert_int_equal(layout.config.fast_call_pc, FAST_PC + layout_walk.isolate_root);
	assert_int_equal(layout.origin[LAYOUT_FIELD_exit_frame], LAYOUT_DERIVED);
}

/* A bit each: the frame of a stub is found, that of a quick call is. */
static int found(const struct elf_file *elf, const char *entry, const char *stub)
{
	struct node_layout layout = {0};

	layout_find_exits(elf, entry, stub, &layout);
	return (layout.origin[LAYOUT_FIELD_exit_frame] != LAYOUT_ABSENT) |
	       (layout.origin[LAYOUT_FIELD_fast_call_frame] != LAYOUT_ABSENT) << 1 |
	       (layout.origin[LAYOUT_FIELD_fast_call_pc] != LAYOUT_ABSENT) << 2;
}

static void test_stubs_that_do_not_agree_tell_nothing(void **state)
{
	static const char entry[] = "Builtins_JSEntry";
	static const char stub[] = "Builtins_DeoptimizationEntry_Eager";

	assert_int_equal(found(*state, entry, stub), 7);
	assert_int_equal(found(*state, "entry_that_does_not_clear", stub), 0);
	assert_int_equal(found(*state, "entry_of_another_word", stub), 0);
	assert_int_equal(found(*state, "entry_beyond_the_isolate", stub), 0);
	assert_int_equal(found(*state, "there_is_none", stub), 0);
	assert_int_equal(found(*state, entry, "there_is_none"), 0);
	assert_int_equal(found(*state, entry, "stub_that_does_not_clear"), 1);
	assert_int_equal(found(*state, entry, "stub_without_an_address"), 1);
}

static void check_left(const struct elf_file *elf, uint64_t exit, uint64_t fast, int origin)
{
	struct node_layout layout = read_layout(elf);

	isolate[layout.config.exit_frame / 8] = exit;
	isolate[layout.config.fast_call_frame / 8] = fast;
	layout_check_exits(&self, &layout);
	assert_int_equal(layout.origin[LAYOUT_FIELD_exit_frame], origin);
	assert_int_equal(layout.origin[LAYOUT_FIELD_fast_call_frame], origin);
	assert_int_equal(layout.config.exit_frame != 0, origin != LAYOUT_ABSENT);
	assert_int_equal(layout.config.fast_call_pc != 0, origin != LAYOUT_ABSENT);
}

static void test_words_of_a_process_that_waits_are_zero(void **state)
{
	check_left(*state, 0, 0, LAYOUT_DERIVED);
}

static void test_words_of_a_process_that_runs_are_frames(void **state)
{
	check_left(*state, 0x7ffd12345670, 0, LAYOUT_DERIVED);
	check_left(*state, 0, 0x7ffd12345678, LAYOUT_DERIVED);
}

static void test_what_is_no_frame_is_not_believed(void **state)
{
	check_left(*state, 0x7ffd12345671, 0, LAYOUT_ABSENT); /* tagged */
	check_left(*state, 0, 7, LAYOUT_ABSENT);
	check_left(*state, 8, 0, LAYOUT_ABSENT);
	check_left(*state, 0, 1ULL << 47, LAYOUT_ABSENT);
}

static void test_an_isolate_that_cannot_be_read_has_none(void **state)
{
	struct node_layout layout = read_layout(*state);

	env[0] = 0x1000;
	layout_check_exits(&self, &layout);
	assert_int_equal(layout.origin[LAYOUT_FIELD_exit_frame], LAYOUT_ABSENT);
	assert_int_equal(layout.config.fast_call_frame, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_those_that_stubs_write_and_clear),
		cmocka_unit_test(test_stubs_that_do_not_agree_tell_nothing),
		cmocka_unit_test(test_words_of_a_process_that_waits_are_zero),
		cmocka_unit_test(test_words_of_a_process_that_runs_are_frames),
		cmocka_unit_test(test_what_is_no_frame_is_not_believed),
		cmocka_unit_test(test_an_isolate_that_cannot_be_read_has_none),
	};

	return cmocka_run_group_tests(tests, own_elf_open, own_elf_close);
}
