/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbolizer/base.h"

enum {
	PAGE = 4096,
	PAGES = 3,
};

/* Room for code, of which the middle becomes code. */
struct fixture {
	struct process *process;
	struct elf_file *elf;
	struct node_layout layout;
	struct stacks *stacks;
	struct resolver *resolver;
	uint8_t *room;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->room =
		mmap(NULL, (size_t)PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(fixture->room != MAP_FAILED);
	assert_int_equal(process_open(getpid(), &fixture->process), 0);
	assert_int_equal(process_refresh_maps(fixture->process), 0);
	assert_int_equal(elf_file_open("/proc/self/exe", &fixture->elf), 0);
	assert_int_equal(stacks_new(100, 10000, &fixture->stacks), 0);
	assert_int_equal(resolver_new(fixture->process, fixture->elf, &fixture->layout,
				      fixture->stacks, &fixture->resolver),
			 0);
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
	(void)munmap(fixture->room, (size_t)PAGES * PAGE);
	free(fixture);
	return 0;
}

static const struct mapping *resolve(struct fixture *fixture, uint64_t id, uint64_t pc)
{
	const struct nt_frame frame = {.pc = pc};
	const struct raw_stack raw = {.id = id, .frames = &frame, .n = 1, .tid = 1};

	assert_non_null(resolver_add(fixture->resolver, &raw));
	return process_mapping_at(fixture->process, pc);
}

/* Where compiled code is looked for ends with its mapping. */
static void test_code_in_what_was_room_for_code_has_a_mapping_of_its_own(void **state)
{
	struct fixture *fixture = *state;
	uint64_t code = (uintptr_t)fixture->room + PAGE;
	const struct mapping *mapping = process_mapping_at(fixture->process, code + 16);

	assert_true(mapping && mapping->start < code);
	assert_int_equal(mprotect(fixture->room + PAGE, PAGE, PROT_READ | PROT_EXEC), 0);
	mapping = resolve(fixture, 1, code + 16);
	assert_non_null(mapping);
	assert_int_equal(mapping->start, code);
	assert_true(mapping->executable);
}

static void test_what_is_still_no_code_is_resolved_as_it_is(void **state)
{
	struct fixture *fixture = *state;
	uint64_t code = (uintptr_t)fixture->room + PAGE;
	const struct mapping *mapping = resolve(fixture, 1, code + 16);

	assert_true(mapping && mapping->start < code);
	assert_false(mapping->executable);
}

#define RESOLVER_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RESOLVER_TEST(test_code_in_what_was_room_for_code_has_a_mapping_of_its_own),
		RESOLVER_TEST(test_what_is_still_no_code_is_resolved_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
