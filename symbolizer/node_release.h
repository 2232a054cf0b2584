/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Which node and which V8 this is.
 *
 * V8's version is four integers in its data; node's is process.versions.node, a C++ string that
 * lives in the process. Neither is guessed from file names or from what the binary prints.
 */
#ifndef NT_SYMBOLIZER_NODE_RELEASE_H
#define NT_SYMBOLIZER_NODE_RELEASE_H

#include <stdint.h>

#include "symbolizer/elf_file.h"
#include "symbolizer/process.h"

struct node_release {
	char node[32];       /* "v20.20.2" */
	char v8[32];         /* "11.3.244.8" */
	uint32_t node_major; /* 20 */
	uint32_t v8_major;   /* 11 */
	uint32_t v8_minor;   /* 3 */
};

/*
 * V8's version from the file. Returns 0, -ENOENT when the symbols are missing, -EBADMSG when they
 * hold no version. Leaves the node part alone.
 */
int node_release_read_v8(const struct elf_file *elf, struct node_release *ret_release);

/*
 * node's version from the process, loaded at `bias`. Returns 0, -ENOENT when the symbol is missing,
 * -EFAULT when the memory cannot be read, -EBADMSG when it holds no version. Leaves the V8 part
 * alone.
 */
int node_release_read_node(const struct memory *memory, const struct elf_file *elf, uint64_t bias,
			   struct node_release *ret_release);

#endif
