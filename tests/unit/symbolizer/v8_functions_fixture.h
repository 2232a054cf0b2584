/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Functions and scripts that are read from a heap made up. */
#ifndef NT_TESTS_UNIT_SYMBOLIZER_V8_FUNCTIONS_FIXTURE_H
#define NT_TESTS_UNIT_SYMBOLIZER_V8_FUNCTIONS_FIXTURE_H

#include "symbolizer/stacks.h"
#include "symbolizer/v8_fake_heap.h"
#include "symbolizer/v8_function.h"

#define TID 7

struct fixture {
	struct fake_heap fake;
	struct stacks *stacks;
	struct v8_scripts *scripts;
	struct v8_functions *functions;
};

static inline int setup(void **state)
{
	struct fixture *fixture = malloc(sizeof(*fixture));

	assert_non_null(fixture);
	fake_start(&fixture->fake, &fake_layout);
	assert_int_equal(stacks_new(10, 1 << 20, &fixture->stacks), 0);
	assert_int_equal(v8_scripts_new(&fixture->fake.heap, fixture->stacks, &fixture->scripts),
			 0);
	assert_int_equal(v8_functions_new(&fixture->fake.heap, fixture->scripts, fixture->stacks,
					  &fixture->functions),
			 0);
	*state = fixture;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *fixture = *state;

	v8_functions_free(fixture->functions);
	v8_scripts_free(fixture->scripts);
	stacks_free(fixture->stacks);
	free(fixture);
	return 0;
}

/* A script of this source, which is no object when it is NULL. */
static inline uint64_t script_of(struct fixture *fixture, int32_t id, const char *name,
				 const char *source)
{
	struct fake_heap *fake = &fixture->fake;

	return fake_script(fake, id, name ? fake_string(fake, name) : 0,
			   source ? fake_string(fake, source) : 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
