/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A fixture: the test program itself as an ELF file. */
#ifndef NT_TESTS_UNIT_SYMBOLIZER_OWN_ELF_H
#define NT_TESTS_UNIT_SYMBOLIZER_OWN_ELF_H

#include "symbolizer/elf_file.h"

static inline int own_elf_open(void **state)
{
	struct elf_file *elf;

	if (elf_file_open("/proc/self/exe", &elf))
		return -1;
	*state = elf;
	return 0;
}

static inline int own_elf_close(void **state)
{
	elf_file_close(*state);
	return 0;
}

#endif
