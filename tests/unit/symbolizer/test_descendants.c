/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "symbolizer/base.h"
#include "symbolizer/descendants.h"

/* A child that starts a child of its own, tells its id and waits. */
static pid_t start_pair(pid_t *ret_grandchild)
{
	pid_t child, grandchild;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (!child) {
		grandchild = fork();
		if (grandchild && write(ends[1], &grandchild, sizeof(grandchild)) < 0)
			_exit(1);
		(void)pause();
		_exit(0);
	}
	assert_int_equal(read(ends[0], ret_grandchild, sizeof(*ret_grandchild)),
			 sizeof(*ret_grandchild));
	(void)close(ends[0]);
	(void)close(ends[1]);
	return child;
}

static size_t count_of(const pid_t *pids, size_t n, pid_t pid)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += pids[i] == pid;
	return count;
}

static void test_children_of_children_are_found(void **state)
{
	pid_t own = getpid(), grandchild, child, pids[DESCENDANTS_MAX], roots[2];
	size_t n;

	(void)state;
	child = start_pair(&grandchild);
	n = descendants_find(&own, 1, pids, ARRAY_SIZE(pids));
	assert_int_equal(count_of(pids, n, child), 1);
	assert_int_equal(count_of(pids, n, grandchild), 1);
	assert_int_equal(count_of(pids, n, own), 0);
	/* a root that descends from another is no descendant, what is below it is */
	roots[0] = own;
	roots[1] = child;
	n = descendants_find(roots, 2, pids, ARRAY_SIZE(pids));
	assert_int_equal(count_of(pids, n, child), 0);
	assert_int_equal(count_of(pids, n, grandchild), 1);
	assert_int_equal(descendants_find(&own, 1, pids, 1), 1);
	assert_int_equal(kill(grandchild, SIGKILL), 0);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	n = descendants_find(&own, 1, pids, ARRAY_SIZE(pids));
	assert_int_equal(count_of(pids, n, child), 0);
}

static void test_programs_are_told_apart(void **state)
{
	uint64_t program = 0;

	(void)state;
	assert_true(descendants_program(getpid(), &program));
	assert_int_not_equal(program, 0);
	assert_false(descendants_is_node(getpid()));
	assert_false(descendants_program(INT32_MAX, &program));
	assert_false(descendants_is_node(INT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_children_of_children_are_found),
		cmocka_unit_test(test_programs_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
