/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "symbolizer/base.h"

/* What the resolver would find in node, in this program. */
int resolver_test_function(int value);
int builtin_array_map(int value) __asm__("Builtins_ArrayMap");
int builtin_interpreter(int value) __asm__("Builtins_InterpreterEntryTrampoline");
int builtin_entry(int value) __asm__("Builtins_JSEntry");
int cpp_function(int value) __asm__("_ZN2v88internal7Isolate4TestEi");

__attribute__((noinline)) int resolver_test_function(int value)
{
	return value * 3;
}

__attribute__((noinline)) int builtin_array_map(int value)
{
	return value * 5;
}

__attribute__((noinline)) int builtin_interpreter(int value)
{
	return value * 7;
}

__attribute__((noinline)) int builtin_entry(int value)
{
	return value * 11;
}

__attribute__((noinline)) int cpp_function(int value)
{
	return value * 13;
}

#define PC(function) ((uint64_t)(uintptr_t)(function))

struct fixture {
	struct process *process;
	struct elf_file *elf;
	struct node_layout layout;
	struct stacks *stacks;
	struct resolver *resolver;
	uint8_t *jit; /* a page of code without a file */
	char path[64];
	int map;
};

static void map_file_create(struct fixture *fixture, const char *text)
{
	fixture->map = open(fixture->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fixture->map >= 0);
	assert_int_equal(write(fixture->map, text, strlen(text)), strlen(text));
}

static void resolver_start(struct fixture *fixture)
{
	assert_int_equal(resolver_new(fixture->process, fixture->elf, &fixture->layout,
				      fixture->stacks, &fixture->resolver),
			 0);
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->map = -1;
	fixture->jit = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(fixture->jit != MAP_FAILED);
	assert_int_equal(process_open(getpid(), &fixture->process), 0);
	assert_int_equal(elf_file_open("/proc/self/exe", &fixture->elf), 0);
	assert_int_equal(stacks_new(100, 10000, &fixture->stacks), 0);
	fixture->layout.config.text_start = PC(resolver_test_function);
	(void)snprintf(fixture->path, sizeof(fixture->path), "/tmp/perf-%d.map",
		       (int)process_namespace_pid(fixture->process));
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	resolver_free(fixture->resolver);
	stacks_free(fixture->stacks);
	elf_file_close(fixture->elf);
	process_close(fixture->process);
	(void)munmap(fixture->jit, 4096);
	closep(&fixture->map);
	(void)unlink(fixture->path);
	free(fixture);
	return 0;
}

static const struct stack *add(struct fixture *fixture, uint64_t id, const struct nt_frame *frames,
			       size_t n)
{
	const struct raw_stack raw = {.id = id, .frames = frames, .n = n, .tid = 1};

	return resolver_add(fixture->resolver, &raw);
}

/* Resolves one frame, which is the leaf or (behind another) a caller. */
static const struct frame *resolve(struct fixture *fixture, struct nt_frame raw, bool is_return)
{
	static uint64_t id;
	struct nt_frame frames[2] = {{.pc = PC(resolver_test_function)}, raw};
	const struct stack *stack;

	stack = add(fixture, ++id, is_return ? frames : frames + 1, is_return ? 2 : 1);
	assert_non_null(stack);
	assert_ptr_equal(stacks_find(fixture->stacks, id), stack);
	assert_int_equal(stack->n_frames, is_return ? 2 : 1);
	return &stack->frames[stack->n_frames - 1];
}

static const struct frame *resolve_pc(struct fixture *fixture, uint64_t pc, bool is_return)
{
	return resolve(fixture, (struct nt_frame){.pc = pc}, is_return);
}

static void test_functions_are_named_by_symbol(void **state)
{
	struct fixture *fixture = *state;
	const struct frame *frame;

	resolver_start(fixture);
	frame = resolve_pc(fixture, PC(resolver_test_function), false);
	assert_string_equal(frame->function, "resolver_test_function");
	assert_int_equal(frame->kind, FRAME_NATIVE);
	assert_int_equal(frame->address, PC(resolver_test_function));
	frame = resolve_pc(fixture, PC(cpp_function), false);
	assert_string_equal(frame->function, "Isolate::Test");
	assert_string_equal(resolve_pc(fixture, PC(cpp_function), false)->function,
			    "Isolate::Test");
}

static void test_return_address_belongs_to_the_call_before_it(void **state)
{
	struct fixture *fixture = *state;
	struct elf_symbol symbol;
	uint64_t end;

	resolver_start(fixture);
	assert_int_equal(elf_file_find(fixture->elf, "resolver_test_function", &symbol), 0);
	end = PC(resolver_test_function) + symbol.size;
	assert_string_equal(resolve_pc(fixture, end, true)->function, "resolver_test_function");
}

static void test_builtins_lose_their_prefix(void **state)
{
	struct fixture *fixture = *state;
	const struct frame *frame;

	resolver_start(fixture);
	frame = resolve_pc(fixture, PC(builtin_array_map) + 1, true);
	assert_string_equal(frame->function, "ArrayMap");
	assert_int_equal(frame->kind, FRAME_BUILTIN);
}

static void test_passages_to_javascript_are_left_out(void **state)
{
	struct fixture *fixture = *state;
	const struct nt_frame frames[] = {
		{.pc = PC(resolver_test_function)},
		{.pc = PC(builtin_entry) + 1, .kind = NT_FRAME_TYPED},
		{.pc = PC(cpp_function) + 1},
	};
	const struct stack *stack;

	resolver_start(fixture);
	stack = add(fixture, 1ULL << 40, frames, 3);
	assert_non_null(stack);
	assert_int_equal(stack->n_frames, 2);
	assert_string_equal(stack->frames[1].function, "Isolate::Test");
}

/* V8 maps the builtins a second time, near its code. */
static void test_second_mapping_of_the_file_is_named_too(void **state)
{
	struct fixture *fixture = *state;
	const struct mapping *mapping = process_mapping_at(fixture->process, PC(builtin_array_map));
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const struct frame *frame;
	uint64_t offset;
	uint8_t *copy;
	size_t len;

	assert_true(fd >= 0 && mapping);
	len = mapping->end - mapping->start;
	offset = PC(builtin_array_map) - mapping->start;
	copy = mmap(NULL, len, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, (off_t)mapping->offset);
	assert_true(copy != MAP_FAILED);
	assert_int_equal(close(fd), 0);
	resolver_start(fixture);
	frame = resolve_pc(fixture, PC(copy) + offset, false);
	assert_string_equal(frame->function, "ArrayMap");
	assert_int_equal(munmap(copy, len), 0);
}

/* To BPF, a builtin in a copy that belongs to a worker is compiled code. */
static void test_builtins_spill_no_closures(void **state)
{
	struct fixture *fixture = *state;
	const struct nt_frame frames[] = {
		{.pc = PC(resolver_test_function)},
		{.pc = PC(fixture->jit) + 16, .kind = NT_FRAME_JS},
		{.pc = PC(builtin_array_map) + 1, .kind = NT_FRAME_JS},
	};
	const struct spills *spills;

	resolver_start(fixture);
	spills = resolver_spills(fixture->resolver);
	assert_non_null(add(fixture, 4000, frames, ARRAY_SIZE(frames)));
	assert_true(spills_find(spills, 4000, 2) == UINT64_MAX);
	assert_int_equal(spills_find(spills, 4000, 1), 0);
	assert_int_equal(spills_find(spills, 4001, 2), 0);
}

static void test_library_code_has_the_library_name(void **state)
{
	struct fixture *fixture = *state;
	const struct frame *frame;
	void *map;
	int fd;

	fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(map != MAP_FAILED);
	assert_int_equal(close(fd), 0);
	resolver_start(fixture);
	frame = resolve_pc(fixture, PC(map), false);
	assert_string_equal(frame->function, "[zero]");
	assert_int_equal(frame->kind, FRAME_NATIVE);
	assert_int_equal(munmap(map, 4096), 0);
}

static void test_unmapped_address_is_unknown(void **state)
{
	struct fixture *fixture = *state;
	const struct frame *frame;

	resolver_start(fixture);
	frame = resolve_pc(fixture, 0x10, false);
	assert_string_equal(frame->function, "?");
	assert_int_equal(frame->kind, FRAME_UNKNOWN);
	assert_int_equal(frame->address, 0x10);
}

static void test_javascript_without_perf_map_is_js(void **state)
{
	struct fixture *fixture = *state;
	const struct frame *frame;

	resolver_start(fixture);
	assert_false(resolver_has_perf_map(fixture->resolver));
	frame = resolve_pc(fixture, PC(fixture->jit) + 16, true);
	assert_string_equal(frame->function, "js");
	assert_int_equal(frame->kind, FRAME_JS);
	assert_null(frame->file);
	frame = resolve(fixture,
			(struct nt_frame){.pc = PC(builtin_interpreter) + 1, .kind = NT_FRAME_JS},
			true);
	assert_string_equal(frame->function, "js");
	assert_int_equal(frame->kind, FRAME_JS);
}

static void test_compiled_javascript_is_named_by_perf_map(void **state)
{
	struct fixture *fixture = *state;
	const struct frame *frame;
	char text[128];

	(void)snprintf(text, sizeof(text), "%lx 20 JS:*get \x1b[2J /app/a.js:12:3\n",
		       (unsigned long)PC(fixture->jit));
	map_file_create(fixture, text);
	resolver_start(fixture);
	assert_true(resolver_has_perf_map(fixture->resolver));
	frame = resolve_pc(fixture, PC(fixture->jit) + 0x20, true);
	assert_string_equal(frame->function, "get ?[2J");
	assert_string_equal(frame->file, "/app/a.js");
	assert_int_equal(frame->line, 12);
	assert_int_equal(frame->column, 3);
	assert_true(frame->of_function);
	assert_int_equal(frame->kind, FRAME_JS);
	assert_string_equal(resolve_pc(fixture, PC(fixture->jit) + 0x20, false)->function, "js");
}

static void test_interpreted_javascript_is_named_by_its_bytecode(void **state)
{
	struct fixture *fixture = *state;
	const struct frame *frame;
	struct nt_frame raw = {
		.pc = PC(builtin_interpreter) + 1,
		.kind = NT_FRAME_JS,
		.bytecode = 0x12340001,
		.offset = 60ULL << 32,
	};

	map_file_create(fixture, "12340036 40 JS:~slow /app/a.js:7:1\n");
	resolver_start(fixture);
	frame = resolve(fixture, raw, true);
	assert_string_equal(frame->function, "slow");
	assert_int_equal(frame->line, 7);
	/* also when it is returned to at the very start of the builtin */
	raw.pc = PC(builtin_interpreter);
	assert_string_equal(resolve(fixture, raw, true)->function, "slow");
	raw.bytecode = 0x55550001;
	assert_string_equal(resolve(fixture, raw, true)->function, "js");
}

static void test_map_is_read_on_before_it_is_believed(void **state)
{
	struct fixture *fixture = *state;
	char text[128];
	int len;

	(void)snprintf(text, sizeof(text), "%lx 20 JS:*old /a.js:1:1\n",
		       (unsigned long)PC(fixture->jit));
	map_file_create(fixture, text);
	resolver_start(fixture);
	assert_string_equal(resolve_pc(fixture, PC(fixture->jit), false)->function, "old");
	len = snprintf(text, sizeof(text), "%lx 20 JS:*new /a.js:1:1\n",
		       (unsigned long)PC(fixture->jit));
	assert_int_equal(write(fixture->map, text, (size_t)len), len);
	assert_string_equal(resolve_pc(fixture, PC(fixture->jit), false)->function, "new");
}

static void test_known_stack_is_not_resolved_again(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = {.pc = PC(resolver_test_function)};
	const struct stack *stack;

	resolver_start(fixture);
	stack = add(fixture, 1ULL << 41, &raw, 1);
	raw.pc = PC(cpp_function);
	assert_ptr_equal(add(fixture, 1ULL << 41, &raw, 1), stack);
	assert_string_equal(stack->frames[0].function, "resolver_test_function");
}

static void test_too_many_frames_are_cut(void **state)
{
	struct fixture *fixture = *state;
	static struct nt_frame frames[1000];
	const struct stack *stack;

	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		frames[i].pc = PC(resolver_test_function);
	resolver_start(fixture);
	stack = add(fixture, 1ULL << 42, frames, ARRAY_SIZE(frames));
	assert_non_null(stack);
	assert_int_equal(stack->n_frames, NT_STACK_MAX_LOGICAL);
	assert_int_equal(stack->frames[NT_STACK_MAX_LOGICAL - 2].kind, FRAME_NATIVE);
	assert_int_equal(stack->frames[NT_STACK_MAX_LOGICAL - 1].kind, FRAME_CUT);
}

static void test_a_cut_is_shown_where_frames_are_missing(void **state)
{
	struct fixture *fixture = *state;
	const struct nt_frame frames[] = {
		{.pc = PC(resolver_test_function)},
		{.kind = NT_FRAME_CUT},
		{.kind = NT_FRAME_ASYNC, .function = 0x1001, .offset = 99ULL << 32},
		{.kind = NT_FRAME_CUT},
	};
	const struct stack *stack;

	resolver_start(fixture);
	stack = add(fixture, 1ULL << 44, frames, ARRAY_SIZE(frames));
	assert_non_null(stack);
	assert_int_equal(stack->n_frames, 4);
	for (size_t i = 1; i < 4; i += 2) {
		assert_int_equal(stack->frames[i].kind, FRAME_CUT);
		assert_string_equal(stack->frames[i].function, "(truncated)");
	}
	assert_int_equal(stack->frames[2].kind, FRAME_ASYNC);
	/* What goes on elsewhere is another stack. */
	assert_ptr_not_equal(stack, add(fixture, 1ULL << 45, frames, 1));
}

static void test_those_who_wait_stand_below_with_or_without_a_name(void **state)
{
	struct fixture *fixture = *state;
	const struct nt_frame frames[] = {
		{.pc = PC(resolver_test_function)},
		{.kind = NT_FRAME_COMBINATOR, .function = 1382, .offset = 3ULL << 32},
		{.kind = NT_FRAME_COMBINATOR, .function = 1, .offset = 3ULL << 32},
		{.kind = NT_FRAME_ASYNC, .function = 0x1001, .offset = 99ULL << 32},
	};
	const struct stack *stack;

	fixture->layout.config.builtin_all = 1382;
	resolver_start(fixture);
	stack = add(fixture, 1ULL << 43, frames, ARRAY_SIZE(frames));
	assert_non_null(stack);
	assert_int_equal(stack->n_frames, 3); /* an unknown combinator tells nothing */
	assert_string_equal(stack->frames[1].function, "Promise.all (index 2)");
	assert_int_equal(stack->frames[1].kind, FRAME_ASYNC);
	assert_string_equal(stack->frames[2].function, "js");
	assert_int_equal(stack->frames[2].kind, FRAME_ASYNC);
	assert_null(stack->frames[2].file);
}

#define RESOLVER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RESOLVER_TEST(test_functions_are_named_by_symbol),
		RESOLVER_TEST(test_those_who_wait_stand_below_with_or_without_a_name),
		RESOLVER_TEST(test_return_address_belongs_to_the_call_before_it),
		RESOLVER_TEST(test_builtins_lose_their_prefix),
		RESOLVER_TEST(test_builtins_spill_no_closures),
		RESOLVER_TEST(test_passages_to_javascript_are_left_out),
		RESOLVER_TEST(test_second_mapping_of_the_file_is_named_too),
		RESOLVER_TEST(test_library_code_has_the_library_name),
		RESOLVER_TEST(test_unmapped_address_is_unknown),
		RESOLVER_TEST(test_javascript_without_perf_map_is_js),
		RESOLVER_TEST(test_compiled_javascript_is_named_by_perf_map),
		RESOLVER_TEST(test_interpreted_javascript_is_named_by_its_bytecode),
		RESOLVER_TEST(test_map_is_read_on_before_it_is_believed),
		RESOLVER_TEST(test_known_stack_is_not_resolved_again),
		RESOLVER_TEST(test_too_many_frames_are_cut),
		RESOLVER_TEST(test_a_cut_is_shown_where_frames_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
