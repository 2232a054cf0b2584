/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Calls between functions of a shared library go through its procedure linkage table: which function
 * an entry is for is told by the relocation of the slot it jumps through. Private to elf_file.c.
 */
#ifndef NT_SYMBOLIZER_ELF_LINKAGE_H
#define NT_SYMBOLIZER_ELF_LINKAGE_H

#include <libelf.h>
#include <stdint.h>

struct elf_file;

/* See elf_file_linked_name(). */
const char *elf_linkage_name(const struct elf_file *file, Elf *elf, uint64_t address);

#endif
