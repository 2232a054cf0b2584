/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/image.h"

#include <elf.h>
#include <string.h>
#include <sys/stat.h>

#include "symbolizer/base.h"
#include "symbolizer/hidden_symbols.h"

/* True when the mapping shows the start of this very file. */
static bool is_image(const struct memory *memory, const struct elf_file *elf,
		     const struct mapping *mapping, uint64_t address)
{
	uint8_t mapped[sizeof(Elf64_Ehdr)];
	uint8_t expected[sizeof(Elf64_Ehdr)];

	return mapping->path && mapping->offset == 0 &&
	       !elf_file_read(elf, address, expected, sizeof(expected)) &&
	       !memory_read(memory, mapping->start, mapped, sizeof(mapped)) &&
	       memcmp(mapped, expected, sizeof(mapped)) == 0;
}

const struct mapping *image_find(const struct process *process, const struct elf_file *elf,
				 uint64_t *ret_bias)
{
	uint64_t address;

	if (elf_file_address_of(elf, 0, &address))
		return NULL;
	for (size_t i = 0; i < process_mapping_count(process); i++) {
		const struct mapping *mapping = process_mapping(process, i);

		if (!is_image(process_memory(process), elf, mapping, address))
			continue;
		if (elf_file_is_fixed(elf) && mapping->start != address)
			continue;
		*ret_bias = mapping->start - address;
		return mapping;
	}
	return NULL;
}

static bool is_library(const struct mapping *mapping, const char *name)
{
	const char *base = mapping->path ? strrchr(mapping->path, '/') : NULL;

	return mapping->executable && base && strncmp(base + 1, name, strlen(name)) == 0;
}

/*
 * The executable is told by its inode: paths in maps may be deleted or of another mount namespace.
 */
int image_find_node(const struct process *process, const struct mapping **ret_code)
{
	const struct mapping *found = NULL, *mapping;
	struct stat st = {0};
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", process_pid(process));
	if (stat(path, &st))
		return -errno;
	for (size_t i = 0; i < process_mapping_count(process); i++) {
		mapping = process_mapping(process, i);
		if (!mapping->executable)
			continue;
		if (is_library(mapping, "libnode.so") || (!found && mapping->inode == st.st_ino))
			found = mapping;
	}
	if (!found)
		return -ENOENT;
	*ret_code = found;
	return 0;
}

int image_find_uv(const struct process *process, const struct mapping **ret_code)
{
	for (size_t i = 0; i < process_mapping_count(process); i++) {
		const struct mapping *mapping = process_mapping(process, i);

		if (!is_library(mapping, "libuv.so"))
			continue;
		*ret_code = mapping;
		return 0;
	}
	return -ENOENT;
}

typedef void find_fn(const struct memory *memory, uint64_t bias, const struct elf_file *elf,
		     struct hidden_symbols *found);

/* Names what `find` finds in a file that has only .dynsym left. */
static int name_hidden(const struct process *process, uint64_t bias, struct elf_file *elf,
		       find_fn *find)
{
	struct hidden_symbols *found;
	int err;

	if (!elf_file_stripped(elf))
		return 0;
	found = calloc(1, sizeof(*found));
	if (!found)
		return -ENOMEM;
	find(process_memory(process), bias, elf, found);
	err = hidden_symbols_name(found, elf);
	free(found);
	return err;
}

int image_complete(const struct process *process, struct elf_file *elf, struct elf_file *uv)
{
	uint64_t bias = 0, uv_bias = 0;
	int err;

	/* What is not mapped is refused later, with a sentence. */
	if (!image_find(process, elf, &bias)) {
		elf_file_close(uv);
		return 0;
	}
	err = name_hidden(process, bias, elf, hidden_symbols_node);
	if (!err && uv && image_find(process, uv, &uv_bias)) {
		err = name_hidden(process, uv_bias, uv, hidden_symbols_uv);
		if (!err)
			return elf_file_join(elf, uv, uv_bias - bias);
	}
	elf_file_close(uv);
	return err;
}
