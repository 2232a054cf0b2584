/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"
#include "symbolizer/own_elf.h"

/*
 * This program has a loop, a check handle in an Environment and its buffers, under the names they
 * have in node, and lets the discovery read them.
 */
enum {
	ENV_WORDS = 4096,
	VTABLE_WORDS = 4
};

extern uint64_t loop[8] __asm__("default_loop_struct");
extern uint64_t vtable[VTABLE_WORDS] __asm__("_ZTVN4node11EnvironmentE");
void check_immediate(void) __asm__("_ZN4node11Environment14CheckImmediateEP10uv_check_s");

uint64_t loop[8];
uint64_t vtable[VTABLE_WORDS];
static uint64_t env[ENV_WORDS] __attribute__((aligned(4096)));
static double ids[4];
static uint32_t hooks[9];
static uint32_t immediate[3];
static uint8_t tick[2];
static uint64_t isolate[8];

/* Words of the Environment where the parts are put. */
enum {
	START = 64,
	FIELDS = 200,
	IDS = 207,
	IMMEDIATE = 230,
	TICK = 250,
	HANDLE = 600
};

void check_immediate(void)
{
}

static int read_self(void *user, uint64_t address, void *buf, size_t len)
{
	static const struct {
		const void *start;
		size_t size;
	} known[] = {
		{loop, sizeof(loop)},           {env, sizeof(env)},   {ids, sizeof(ids)},
		{immediate, sizeof(immediate)}, {tick, sizeof(tick)}, {isolate, sizeof(isolate)},
	};

	(void)user;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint64_t start = (uintptr_t)known[i].start;

		if (address < start || address > start + known[i].size ||
		    len > start + known[i].size - address)
			continue;
		memcpy(buf, (const char *)known[i].start + (address - start), len);
		return 0;
	}
	return -EFAULT;
}

static const struct memory self = {.read = read_self};

static void put_buffer(size_t at, uint64_t count, const void *data)
{
	env[at] = (uintptr_t)isolate;
	env[at + 1] = count;
	env[at + 2] = 0;
	env[at + 3] = (uintptr_t)data;
}

/* An idle Environment with one check handle in the loop. */
static void put_environment(void)
{
	uint64_t *handle = &env[HANDLE];

	memset(env, 0, sizeof(env));
	memcpy(ids, (double[]){0, 0, 17, -1}, sizeof(ids));
	env[START] = (uintptr_t)&vtable[2];
	put_buffer(FIELDS, 9, hooks);
	put_buffer(IDS, 4, ids);
	put_buffer(IMMEDIATE, 3, immediate);
	put_buffer(TICK, 2, tick);
	loop[layout_walk.loop_handles / 8] = (uintptr_t)handle + layout_walk.handle_link;
	handle[layout_walk.handle_type / 8] = layout_walk.type_check;
	handle[layout_walk.handle_link / 8] = (uintptr_t)loop + layout_walk.loop_handles;
	handle[layout_walk.check_callback / 8] = (uintptr_t)check_immediate;
}

static int setup(void **state)
{
	put_environment();
	return own_elf_open(state);
}

static struct node_layout at_bias(const struct elf_file *elf)
{
	struct node_layout layout = {0};
	struct elf_symbol symbol;

	assert_int_equal(elf_file_find(elf, "default_loop_struct", &symbol), 0);
	layout.load_bias = (uintptr_t)loop - symbol.address;
	return layout;
}

static void test_environment_is_found_from_its_check_handle(void **state)
{
	struct node_layout layout = at_bias(*state);

	assert_int_equal(layout_find_env(&self, *state, &layout), 0);
	assert_int_equal(layout.main_env, (uintptr_t)&env[START]);
}

static void test_environment_is_not_found_without_its_handle(void **state)
{
	struct node_layout layout = at_bias(*state);

	env[HANDLE + layout_walk.check_callback / 8]++;
	assert_int_equal(layout_find_env(&self, *state, &layout), -ENOENT);
	put_environment();
	env[START] = 0;
	assert_int_equal(layout_find_env(&self, *state, &layout), -ENOENT);
	put_environment();
	loop[layout_walk.loop_handles / 8] = (uintptr_t)loop + layout_walk.loop_handles;
	assert_int_equal(layout_find_env(&self, *state, &layout), -ENOENT);
	assert_int_equal(layout.main_env, 0);
}

static void test_a_handle_list_that_never_ends_is_given_up(void **state)
{
	struct node_layout layout = at_bias(*state);
	uint64_t *handle = &env[HANDLE];

	handle[layout_walk.handle_type / 8] = 0;
	handle[layout_walk.handle_link / 8] = (uintptr_t)handle + layout_walk.handle_link;
	assert_int_equal(layout_find_env(&self, *state, &layout), -ENOENT);
}

static int find_buffers(struct node_layout *layout)
{
	*layout = (struct node_layout){.main_env = (uintptr_t)&env[START]};
	return layout_find_buffers(&self, layout);
}

static void test_buffers_are_found_by_their_shape(void **state)
{
	struct node_layout layout;
	uint64_t found;

	(void)state;
	assert_int_equal(find_buffers(&layout), 0);
	assert_int_equal(layout.config.env_async_ids, (IDS - START + 3) * 8);
	assert_int_equal(layout.config.env_immediate_info, (IMMEDIATE - START + 3) * 8);
	assert_int_equal(layout.config.env_tick_info, (TICK - START + 3) * 8);
	assert_int_equal(layout.async_ids, (uintptr_t)ids);
	assert_int_equal(layout.immediate_info, (uintptr_t)immediate);
	assert_int_equal(layout.tick_info, (uintptr_t)tick);
	assert_int_equal(layout.origin[LAYOUT_FIELD_env_async_ids], LAYOUT_DERIVED);
	assert_int_equal(layout_isolate(&self, &layout, &found), 0);
	assert_int_equal(found, (uintptr_t)isolate);
}

/* It stands as far before the fields as those before the ids, and grows. */
static void test_stack_of_ids_is_the_buffer_before(void **state)
{
	enum {
		ID_STACK = 2 * FIELDS - IDS
	};
	static const uint64_t counts[] = {0, 31, 32, 96, 1 << 20};
	struct node_layout layout;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		bool fits = counts[i] == 32 || counts[i] == 96;

		put_buffer(ID_STACK, counts[i], hooks);
		assert_int_equal(find_buffers(&layout), 0);
		assert_int_equal(layout.config.env_ids_stack,
				 fits ? (ID_STACK - START + 3) * 8 : 0);
	}
	put_buffer(ID_STACK, 32, hooks);
	env[ID_STACK] += 8; /* of another isolate */
	assert_int_equal(find_buffers(&layout), 0);
	assert_int_equal(layout.config.env_ids_stack, 0);
}

static void test_four_numbers_that_are_no_ids_are_not_taken(void **state)
{
	static const double wrong[][4] = {
		{0, 0, 0, -1},  {18, 0, 17, -1}, {0, 18, 17, -1},   {0.5, 0, 17, -1},
		{0, 0, 17, -2}, {0, 0, 17, 18},  {0, 0, 1e300, -1}, {-1, 0, 17, -1},
	};
	struct node_layout layout;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memcpy(ids, wrong[i], sizeof(ids));
		assert_int_equal(find_buffers(&layout), -EOPNOTSUPP);
	}
	memset(ids, 0xff, sizeof(ids)); /* not a number */
	assert_int_equal(find_buffers(&layout), -EOPNOTSUPP);
}

static void test_two_buffers_that_look_alike_are_not_guessed_between(void **state)
{
	struct node_layout layout;

	(void)state;
	put_buffer(FIELDS + 100, 9, hooks);
	put_buffer(FIELDS + 107, 4, ids);
	assert_int_equal(find_buffers(&layout), -EOPNOTSUPP);
}

static void test_buffers_of_another_isolate_are_not_taken(void **state)
{
	struct node_layout layout;

	(void)state;
	env[TICK] += 8;
	assert_int_equal(find_buffers(&layout), -EOPNOTSUPP);
	put_environment();
	env[FIELDS] += 8;
	assert_int_equal(find_buffers(&layout), -EOPNOTSUPP);
}

/* The heap of a small process may end closer to its Environment than the bytes that are looked at. */
static void test_an_environment_where_memory_ends_is_read_as_far_as_it_goes(void **state)
{
	enum {
		PAGE = 4096,
		REALM = 100
	};
	struct node_layout layout = {.config = {.env_async_ids = 80,
						.env_immediate_info = 88,
						.env_tick_info = 96,
						.realm_env = 16},
				     .async_ids = (uintptr_t)ids,
				     .immediate_info = (uintptr_t)immediate,
				     .tick_info = (uintptr_t)tick};
	uint64_t *words =
		mmap(NULL, 2L * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct process *process;
	char why[200] = "";

	(void)state;
	assert_true(words != MAP_FAILED);
	assert_int_equal(mprotect(&words[PAGE / 8], PAGE, PROT_NONE), 0);
	assert_int_equal(process_open(getpid(), &process), 0);
	layout.main_env = (uintptr_t)words;
	words[10] = layout.async_ids;
	words[11] = layout.immediate_info;
	words[12] = layout.tick_info;
	words[13] = (uintptr_t)&words[REALM];
	assert_int_equal(layout_verify(process, &layout, why, sizeof(why)), -EOPNOTSUPP);
	assert_string_equal(why, "no realm leads back to node's environment");
	words[REALM + 2] = layout.main_env;
	assert_int_equal(layout_verify(process, &layout, why, sizeof(why)), 0);
	process_close(process);
	assert_int_equal(munmap(words, 2L * PAGE), 0);
}

static void test_an_unreadable_environment_is_an_error(void **state)
{
	struct node_layout layout = {.main_env = 0x1000};

	(void)state;
	assert_int_equal(layout_find_buffers(&self, &layout), -EFAULT);
}

/* A TCPWrap of node 20's shape, whose handle is the only one of the loop. */
static struct node_layout put_socket(const struct elf_file *elf)
{
	enum {
		WRAP = 1000,
		REALM = 1200,
		SIZE = 0x38,
		ASYNC_ID = 0x28,
		REALM_ENV = 0xb0
	};
	struct node_layout layout = at_bias(elf);
	double id = 5;
	uint64_t *handle;

	layout.node_major = 20;
	layout.main_env = (uintptr_t)&env[START];
	layout.async_ids = (uintptr_t)ids;
	layout_table_fill(&layout);
	layout.config.wrap_size = SIZE;
	layout.config.wrap_async_id = ASYNC_ID;
	layout.config.realm_env = REALM_ENV;
	handle = &env[WRAP] +
		 (SIZE + layout_walk.handle_wrap + layout.config.stream_uv_embedded) / 8;
	loop[layout_walk.loop_handles / 8] = (uintptr_t)handle + layout_walk.handle_link;
	handle[layout.config.uv_data / 8] = (uintptr_t)&env[WRAP];
	handle[layout_walk.handle_type / 8] = layout_walk.type_tcp;
	handle[layout_walk.handle_link / 8] = (uintptr_t)loop + layout_walk.loop_handles;
	env[WRAP + layout.config.wrap_realm / 8] = (uintptr_t)&env[REALM];
	env[REALM + REALM_ENV / 8] = layout.main_env;
	memcpy(&env[WRAP + ASYNC_ID / 8], &id, sizeof(id));
	return layout;
}

static void test_a_socket_confirms_the_offsets_of_its_wrap(void **state)
{
	struct node_layout layout = put_socket(*state);

	assert_int_equal(layout_check_handles(&self, *state, &layout), 0);
	layout.config.wrap_size += 8;
	assert_int_equal(layout_check_handles(&self, *state, &layout), -EOPNOTSUPP);
	layout = put_socket(*state);
	layout.config.wrap_async_id -= 8;
	assert_int_equal(layout_check_handles(&self, *state, &layout), -EOPNOTSUPP);
	layout = put_socket(*state);
	layout.config.realm_env += 8;
	assert_int_equal(layout_check_handles(&self, *state, &layout), -EOPNOTSUPP);
}

static void test_a_socket_of_an_addon_confirms_and_refutes_nothing(void **state)
{
	struct node_layout layout = put_socket(*state);

	layout.config.wrap_size += 8;
	layout.config.realm_env += 8;
	assert_int_equal(layout_check_handles(&self, *state, &layout), 0);
}

static void test_what_is_no_node_is_refused_in_a_sentence(void **state)
{
	struct node_layout layout = {.node_major = 99};
	struct process *process;
	struct elf_file *elf;
	char why[200] = "";

	assert_int_equal(process_open(getpid(), &process), 0);
	assert_int_equal(elf_file_open("/bin/sh", &elf), 0);
	assert_int_equal(layout_discover(process, elf, &layout, why, sizeof(why)), -ENOENT);
	assert_string_equal(why, "this is no Node.js binary");
	assert_int_equal(layout_discover(process, *state, &layout, why, sizeof(why)), -EOPNOTSUPP);
	assert_non_null(strstr(why, "stripped"));
	assert_int_equal(layout.node_major, 99);
	elf_file_close(elf);
	process_close(process);
}

static int reset(void **state)
{
	(void)state;
	put_environment();
	return 0;
}

#define TEST(function) cmocka_unit_test_setup(function, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_environment_is_found_from_its_check_handle),
		TEST(test_environment_is_not_found_without_its_handle),
		TEST(test_a_handle_list_that_never_ends_is_given_up),
		TEST(test_buffers_are_found_by_their_shape),
		TEST(test_stack_of_ids_is_the_buffer_before),
		TEST(test_four_numbers_that_are_no_ids_are_not_taken),
		TEST(test_two_buffers_that_look_alike_are_not_guessed_between),
		TEST(test_buffers_of_another_isolate_are_not_taken),
		TEST(test_an_environment_where_memory_ends_is_read_as_far_as_it_goes),
		TEST(test_an_unreadable_environment_is_an_error),
		TEST(test_a_socket_confirms_the_offsets_of_its_wrap),
		TEST(test_a_socket_of_an_addon_confirms_and_refutes_nothing),
		TEST(test_what_is_no_node_is_refused_in_a_sentence),
	};

	return cmocka_run_group_tests(tests, setup, own_elf_close);
}
