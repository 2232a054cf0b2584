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

/*
 * Names n more symbols, which must lie in the file: what a stripped one no longer tells. They are
 * found after its own. Once per file. Returns 0, -EALREADY, -ENOSPC or -ENOMEM.
 */
int elf_file_name(struct elf_file *file, const struct elf_symbol *symbols, size_t n);

/*
 * Joins a library that a distribution keeps in a file of its own (libuv). From then on its symbols
 * and bytes are found through `file` too, at their addresses plus `distance`, which must be where
 * the loader put the library relative to the file. Takes the library over. Returns 0 or -EALREADY.
 */
int elf_file_join(struct elf_file *file, struct elf_file *library, uint64_t distance);

/* Which file holds an address: the file itself, or the joined library, at *ret_offset in it. Returns
 * 0 or -ENOENT. */
int elf_file_locate(const struct elf_file *file, uint64_t address,
		    const struct elf_file **ret_holder, uint64_t *ret_offset);

/*
 * Size of the function that starts at an address, by the unwind table. Returns 0, or -ENOENT when
 * no function starts there as far as that table says.
 */
int elf_file_function_size(const struct elf_file *file, uint64_t address, uint64_t *ret_size);

/* The name of what an entry of the procedure linkage table jumps to, or NULL when there is no such
 * entry at the address. */
const char *elf_file_linked_name(const struct elf_file *file, uint64_t address);

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
