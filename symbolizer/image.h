/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The node program as it lies in the process: one file in the official builds; libnode.so and
 * libuv.so, stripped, in those of distributions.
 */
#ifndef NT_SYMBOLIZER_IMAGE_H
#define NT_SYMBOLIZER_IMAGE_H

#include "symbolizer/elf_file.h"
#include "symbolizer/process.h"

/* The mapping that holds the file's first bytes where the loader put them, and what the loader
 * added to its link-time addresses; NULL when it is not mapped. */
const struct mapping *image_find(const struct process *process, const struct elf_file *elf,
				 uint64_t *ret_bias);

/*
 * Finds the mapping of node's code: libnode.so, or the executable. Returns 0, -ENOENT, or a negative
 * errno when the executable cannot be looked at.
 */
int image_find_node(const struct process *process, const struct mapping **ret_code);
/* The same of libuv; -ENOENT when it is part of node. */
int image_find_uv(const struct process *process, const struct mapping **ret_code);

/*
 * Makes one of the two files: joins `uv` (NULL none; taken over whatever happens) and names what a
 * stripped file does not name any more. Returns 0 or -ENOMEM; what is not found stays missing.
 */
int image_complete(const struct process *process, struct elf_file *elf, struct elf_file *uv);

#endif
