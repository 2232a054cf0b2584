/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What a stripped build no longer names, found again.
 *
 * Distributions strip node and put it into libnode.so, libuv into libuv.so: what is left is .dynsym,
 * which lacks V8's builtins and all static functions. Each is found by what must lead to it: the
 * builtins by V8's own tables of names and places, a static function by the exported one that
 * passes its address on. What is found is a function's start by the unwind table too, or it is not
 * taken.
 */
#ifndef NT_SYMBOLIZER_HIDDEN_SYMBOLS_H
#define NT_SYMBOLIZER_HIDDEN_SYMBOLS_H

#include "symbolizer/elf_file.h"
#include "symbolizer/process.h"

#define HIDDEN_MAX      4096
#define HIDDEN_NAME_MAX 96

struct hidden_symbol {
	char name[HIDDEN_NAME_MAX];
	uint64_t address;
	uint64_t size;
};

struct hidden_symbols {
	size_t n;
	struct hidden_symbol items[HIDDEN_MAX];
};

/*
 * Finds what there is to find in a node binary and in a libuv, whose files the loader put `bias`
 * above their link-time addresses. What is not found is left out. Owner: the caller, on the heap.
 */
void hidden_symbols_node(const struct memory *memory, uint64_t bias, const struct elf_file *elf,
			 struct hidden_symbols *found);
void hidden_symbols_uv(const struct memory *memory, uint64_t bias, const struct elf_file *elf,
		       struct hidden_symbols *found);

/* Gives them their names in the file. Returns 0 or the error of elf_file_name(). */
int hidden_symbols_name(const struct hidden_symbols *found, struct elf_file *elf);

/* Adds one; more than HIDDEN_MAX are left out. For builtin_table.c. */
void hidden_symbols_add(struct hidden_symbols *found, const char *prefix, const char *name,
			uint64_t address, uint64_t size);

/* builtin_table.c: V8's builtins, as Builtins_<name>, and the blob that holds them. */
void builtin_table_read(const struct memory *memory, uint64_t bias, const struct elf_file *elf,
			struct hidden_symbols *found);

#endif
