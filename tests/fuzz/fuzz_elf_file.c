/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Any bytes as an executable. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <sys/mman.h>

#include "symbolizer/base.h"
#include "symbolizer/elf_file.h"

#define MAX_VISITS 64

struct visits {
	const struct elf_file *file;
	unsigned int n;
};

static int visit(void *user, const struct elf_symbol *symbol)
{
	struct visits *visits = user;
	struct elf_symbol found;
	uint64_t offset, address;
	char code[16];

	(void)strlen(symbol->name);
	(void)elf_file_find(visits->file, symbol->name, &found);
	(void)elf_file_read(visits->file, symbol->address, code, sizeof(code));
	(void)elf_file_symbolize(visits->file, symbol->address, &found);
	if (!elf_file_offset_of(visits->file, symbol->address, &offset))
		(void)elf_file_address_of(visits->file, offset, &address);
	return ++visits->n == MAX_VISITS;
}

static void ask(const struct elf_file *file)
{
	struct visits visits = {.file = file};
	uint64_t value;
	int32_t constant;

	(void)elf_file_stripped(file);
	(void)strlen(elf_file_build_id(file));
	(void)elf_file_is_fixed(file);
	(void)elf_file_symbol_count(file);
	(void)elf_file_glob(file, "*", visit, &visits);
	(void)elf_file_constant(file, "v8dbg_x", &constant);
	(void)elf_file_offset_of(file, UINT64_MAX, &value);
	(void)elf_file_address_of(file, UINT64_MAX, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(closep) int fd = memfd_create("elf", MFD_CLOEXEC);
	struct elf_file *file;
	char path[64];

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (elf_file_open(path, &file))
		return 0;
	ask(file);
	elf_file_close(file);
	return 0;
}
