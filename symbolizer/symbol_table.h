/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The symbols of one ELF file, found by name, by glob and by address.
 *
 * Symbols are not copied: the indexes are permutations of the file's own table, which must outlive
 * this one. Each is sorted at its first use, since most files are asked for one only.
 */
#ifndef NT_SYMBOLIZER_SYMBOL_TABLE_H
#define NT_SYMBOLIZER_SYMBOL_TABLE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolizer/elf_file.h"

struct symbol_table;

/*
 * Indexes the functions, data objects and V8 builtins among n symbols, whose names lie in names_len
 * bytes at `names`. What is undefined or has no proper name is left out. Returns 0, -EBADMSG when
 * the names do not end with NUL or there are too many symbols, or -ENOMEM.
 */
int symbol_table_new(const Elf64_Sym *symbols, size_t n, const char *names, size_t names_len,
		     struct symbol_table **ret_table);
void symbol_table_free(struct symbol_table *table);

/* Number of symbols. */
size_t symbol_table_count(const struct symbol_table *table);

/* See elf_file.h. find also returns -ENOMEM. */
int symbol_table_find(struct symbol_table *table, const char *name, struct elf_symbol *ret_symbol);
int symbol_table_glob(const struct symbol_table *table, const char *glob,
		      int (*visit)(void *user, const struct elf_symbol *symbol), void *user);
int symbol_table_at(struct symbol_table *table, uint64_t address, struct elf_symbol *ret_symbol);

#endif
