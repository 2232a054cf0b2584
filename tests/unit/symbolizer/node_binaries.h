/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The node binaries that the tests look at. NT_NODES is a colon-separated list of directories, each
 * of which holds "node", "bin/node", or directories that hold "bin/node". Sites and layouts are
 * only worth something when they are tried on real binaries, so a test that finds none fails.
 */
#ifndef NT_TESTS_NODE_BINARIES_H
#define NT_TESTS_NODE_BINARIES_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Calls visit for every binary; fails when there is none. cmocka.h stands before this file. */
static inline void for_each_node_binary(void (*visit)(const char *path))
{
	static const char *const patterns[] = {"node", "bin/node", "*/bin/node"};
	const char *list = getenv("NT_NODES");
	size_t n = 0;

	while (list && *list) {
		size_t len = strcspn(list, ":");

		for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
			char pattern[4096];
			glob_t found;

			(void)snprintf(pattern, sizeof(pattern), "%.*s/%s", (int)len, list,
				       patterns[i]);
			if (glob(pattern, 0, NULL, &found))
				continue;
			for (size_t j = 0; j < found.gl_pathc; j++, n++)
				visit(found.gl_pathv[j]);
			globfree(&found);
		}
		list += len + (list[len] == ':');
	}
	if (!n)
		fail_msg("no node binary to test: set NT_NODES to directories that hold one");
}

#endif
