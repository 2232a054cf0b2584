/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The layout of node binaries that run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "symbolizer/layout.h"
#include "symbolizer/node_binaries.h"

/* A node that has told that its loop runs and then idles. */
static pid_t start_node(const char *path)
{
	static const char script[] = "require('net').createServer().listen(0, '127.0.0.1');"
				     "setTimeout(() => require('fs').writeSync(1, 'x'), 1);";
	int fds[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		(void)dup2(fds[1], STDOUT_FILENO);
		(void)execl(path, "node", "-e", script, (char *)NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	(void)close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	(void)close(fds[0]);
	return pid;
}

static int discover(pid_t pid, const char *path, struct node_layout *ret_layout, char *why,
		    size_t why_len)
{
	struct process *process;
	struct elf_file *elf;
	int err;

	assert_int_equal(process_open(pid, &process), 0);
	assert_int_equal(elf_file_open(path, &elf), 0);
	err = layout_discover(process, elf, ret_layout, why, why_len);
	if (!err)
		err = layout_verify(process, ret_layout, why, why_len);
	elf_file_close(elf);
	process_close(process);
	return err;
}

static void check_binary(const char *path)
{
	struct node_layout layout = {0};
	char why[200] = "";
	pid_t pid = start_node(path);
	int err;

	err = discover(pid, path, &layout, why, sizeof(why));
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	if (err)
		fail_msg("%s: %d %s", path, err, why);
	print_message("%s: node %s, V8 %s\n", path, layout.node_version, layout.v8_version);
	for (int i = 0; i < LAYOUT_FIELD_COUNT; i++) {
		if (layout.origin[i] == LAYOUT_ABSENT)
			fail_msg("%s: '%s' is absent", path,
				 layout_field_name((enum layout_field)i));
	}
}

static void test_layout_of_every_running_node_is_complete(void **state)
{
	(void)state;
	for_each_node_binary(check_binary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout_of_every_running_node_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
