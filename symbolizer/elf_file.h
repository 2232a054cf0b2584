/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * An ELF executable or shared object: symbols, code bytes and constants, by file offset.
 *
 * "address" is a link-time virtual address of the file; "offset" a file offset, which is what
 * uprobes take. The file is data: every index and size is checked.
 */
#ifndef NT_SYMBOLIZER_ELF_FILE_H
#define NT_SYMBOLIZER_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_file;

struct elf_symbol {
	const char *name; /* mangled; lives as long as the file */
	uint64_t address;
	uint64_t size; /* 0 unknown */
};

/* Opens the ELF file at path, reading .symtab, or .dynsym where there is none. Returns 0 and
 * *ret_file, -ENOEXEC when it is no x86-64 ELF file, -EBADMSG when damaged, or a negative errno. */
int elf_file_open(const char *path, struct elf_file **ret_file);
void elf_file_close(struct elf_file *file);

/* True when only .dynsym is left. */
bool elf_file_stripped(const struct elf_file *file);
/* NT_GNU_BUILD_ID as lower-case hex, or "" . */
const char *elf_file_build_id(const struct elf_file *file);
/* True for ET_EXEC: addresses are final. */
bool elf_file_is_fixed(const struct elf_file *file);

/* Number of function and data symbols. */
size_t elf_file_symbol_count(const struct elf_file *file);

/* The symbol of exactly this name. Returns 0 or -ENOENT. */
int elf_file_find(const struct elf_file *file, const char *name, struct elf_symbol *ret_symbol);

/*
 * Calls visit for every symbol whose name matches the glob (fnmatch, no flags). The literal text
 * before the first special character is compared first, so give as long a prefix as possible. visit
 * returns non-zero to stop; that value is returned.
 */
int elf_file_glob(const struct elf_file *file, const char *glob,
		  int (*visit)(void *user, const struct elf_symbol *symbol), void *user);

/* The function symbol that covers an address. Returns 0 or -ENOENT. */
int elf_file_symbolize(const struct elf_file *file, uint64_t address,
		       struct elf_symbol *ret_symbol);

/* Translations through PT_LOAD. Return 0 or -ENOENT when no segment holds it. */
int elf_file_offset_of(const struct elf_file *file, uint64_t address, uint64_t *ret_offset);
int elf_file_address_of(const struct elf_file *file, uint64_t offset, uint64_t *ret_address);

/* Copies len bytes of the file at a virtual address. Returns 0, or -ENOENT when not all of them are
 * in it. */
int elf_file_read(const struct elf_file *file, uint64_t address, void *buf, size_t len);

/* A 4-byte constant in a data symbol (v8dbg_*). Returns 0 or -ENOENT. */
int elf_file_constant(const struct elf_file *file, const char *name, int32_t *ret_value);

#endif
