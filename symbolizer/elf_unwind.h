/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where functions start and how long they are, by the unwind table (.eh_frame): the one table that
 * stripping leaves, and which C++ cannot do without. Private to elf_file.c.
 */
#ifndef NT_SYMBOLIZER_ELF_UNWIND_H
#define NT_SYMBOLIZER_ELF_UNWIND_H

#include <stdint.h>

struct elf_file;

/* header: address of .eh_frame_hdr, 0 none. See elf_file_function_size(). */
int elf_unwind_size(const struct elf_file *file, uint64_t header, uint64_t address,
		    uint64_t *ret_size);

#endif
