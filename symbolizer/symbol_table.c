/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/symbol_table.h"

#include <fnmatch.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/radix.h"

enum {
	INDEX_BITS = 22,
	MAX_SYMBOLS = 1 << INDEX_BITS, /* a node binary has up to 167,638 */
	MAX_NAME = 8192, /* bytes of the longest name that is indexed; node's longest has 975 */
	MAX_OVERLAP = 8, /* how far back a symbol that covers an address is looked for */
};

struct symbol_table {
	const Elf64_Sym *symbols;
	const char *names;
	uint32_t *all; /* in the order of the file */
	size_t n_all;
	uint64_t *by_hash;    /* n_all of them: hash, index; NULL until the first exact search */
	uint32_t *by_address; /* functions only */
	size_t n_by_address;
	bool sorted_by_address;
};

static const char *name_of(const struct symbol_table *table, uint32_t index)
{
	return table->names + table->symbols[index].st_name;
}

static struct elf_symbol symbol_of(const struct symbol_table *table, uint32_t index)
{
	return (struct elf_symbol){
		.name = name_of(table, index),
		.address = table->symbols[index].st_value,
		.size = table->symbols[index].st_size,
	};
}

static bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* V8's assembler writes builtins and blobs without a symbol type in some releases. */
static bool is_function(const Elf64_Sym *symbol, const char *name)
{
	unsigned int type = ELF64_ST_TYPE(symbol->st_info);

	return type == STT_FUNC || type == STT_GNU_IFUNC ||
	       (type == STT_NOTYPE && starts_with(name, "Builtins_"));
}

static bool is_wanted(const Elf64_Sym *symbol, const char *name)
{
	unsigned int type = ELF64_ST_TYPE(symbol->st_info);

	return type == STT_OBJECT || is_function(symbol, name) ||
	       (type == STT_NOTYPE && starts_with(name, "v8_"));
}

/* Eight bytes at a time: there are 10 MB of names. Names made to collide only make the search among
 * them linear. */
static uint32_t hash_name(const char *name)
{
	size_t len = strlen(name);
	uint64_t hash = len;
	uint64_t word;

	for (; len >= sizeof(word); name += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, name, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	word = 0;
	memcpy(&word, name, len);
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return (uint32_t)(hash >> 32);
}

static int compare_addresses(const void *a, const void *b, void *user)
{
	const struct symbol_table *table = user;
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	const Elf64_Sym *p = &table->symbols[x];
	const Elf64_Sym *q = &table->symbols[y];

	if (p->st_value != q->st_value)
		return p->st_value < q->st_value ? -1 : 1;
	/* Of several names of one function the largest wins, then the last in the file. */
	if (p->st_size != q->st_size)
		return p->st_size < q->st_size ? -1 : 1;
	return (x > y) - (x < y);
}

/* Of several local symbols of one name the first in the file is found: they stay in order. */
static int sort_by_hash(struct symbol_table *table)
{
	uint64_t *keys;

	if (table->by_hash)
		return 0;
	keys = calloc(table->n_all + 1, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_all; i++)
		keys[i] = (uint64_t)hash_name(name_of(table, table->all[i])) << 32 | table->all[i];
	if (radix_sort(keys, table->n_all, sizeof(uint32_t))) {
		free(keys);
		return -ENOMEM;
	}
	table->by_hash = keys;
	return 0;
}

static uint64_t address_of(const struct symbol_table *table, size_t i)
{
	return table->symbols[table->by_address[i]].st_value;
}

/* Sorts by address alone, through numbers made of address and index. Returns -ENOSPC when an address
 * is too large for that, as in no real file, or -ENOMEM. */
static int sort_addresses(struct symbol_table *table)
{
	uint64_t *keys = calloc(table->n_by_address + 1, sizeof(*keys));
	int err = 0;

	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_by_address; i++) {
		if (address_of(table, i) >> (64 - INDEX_BITS))
			err = -ENOSPC;
		keys[i] = address_of(table, i) << INDEX_BITS | table->by_address[i];
	}
	if (!err)
		err = radix_sort(keys, table->n_by_address, 0);
	for (size_t i = 0; !err && i < table->n_by_address; i++)
		table->by_address[i] = (uint32_t)keys[i] & (MAX_SYMBOLS - 1);
	free(keys);
	return err;
}

/* Puts those of the same address in order. */
static void sort_runs(struct symbol_table *table)
{
	size_t end;

	for (size_t i = 0; i < table->n_by_address; i = end) {
		for (end = i + 1; end < table->n_by_address; end++)
			if (address_of(table, end) != address_of(table, i))
				break;
		if (end - i > 1)
			qsort_r(table->by_address + i, end - i, sizeof(*table->by_address),
				compare_addresses, table);
	}
}

static void sort_by_address(struct symbol_table *table)
{
	if (table->sorted_by_address)
		return;
	if (sort_addresses(table))
		qsort_r(table->by_address, table->n_by_address, sizeof(*table->by_address),
			compare_addresses, table);
	else
		sort_runs(table);
	table->sorted_by_address = true;
}

static void index_all(struct symbol_table *table, size_t n, size_t names_len)
{
	for (size_t i = 0; i < n; i++) {
		const Elf64_Sym *symbol = &table->symbols[i];
		const char *name;
		size_t limit;

		if (symbol->st_shndx == SHN_UNDEF || !symbol->st_name ||
		    symbol->st_name >= names_len)
			continue;
		name = table->names + symbol->st_name;
		limit = names_len - symbol->st_name;
		if (limit > MAX_NAME)
			limit = MAX_NAME;
		if (!is_wanted(symbol, name) || strnlen(name, limit) == limit)
			continue;
		table->all[table->n_all++] = (uint32_t)i;
		if (is_function(symbol, name))
			table->by_address[table->n_by_address++] = (uint32_t)i;
	}
}

int symbol_table_new(const Elf64_Sym *symbols, size_t n, const char *names, size_t names_len,
		     struct symbol_table **ret_table)
{
	struct symbol_table *table;

	if (n > MAX_SYMBOLS || (n && (!names_len || names[names_len - 1] != '\0')))
		return -EBADMSG;
	table = calloc(1, sizeof(*table));
	if (!table)
		return -ENOMEM;
	table->symbols = symbols;
	table->names = names;
	table->all = calloc(n + 1, sizeof(*table->all));
	table->by_address = calloc(n + 1, sizeof(*table->by_address));
	if (!table->all || !table->by_address) {
		symbol_table_free(table);
		return -ENOMEM;
	}
	index_all(table, n, names_len);
	*ret_table = table;
	return 0;
}

void symbol_table_free(struct symbol_table *table)
{
	if (!table)
		return;
	free(table->all);
	free(table->by_hash);
	free(table->by_address);
	free(table);
}

size_t symbol_table_count(const struct symbol_table *table)
{
	return table->n_all;
}

/* Position of the first symbol whose hash is not less. */
static size_t lower_bound(const struct symbol_table *table, uint32_t hash)
{
	return PARTITION_POINT(i, table->n_all, table->by_hash[i] >> 32 < hash);
}

int symbol_table_find(struct symbol_table *table, const char *name, struct elf_symbol *ret_symbol)
{
	uint32_t hash = hash_name(name);
	int err;

	err = sort_by_hash(table);
	if (err)
		return err;
	for (size_t i = lower_bound(table, hash); i < table->n_all; i++) {
		uint32_t index = (uint32_t)table->by_hash[i];

		if (table->by_hash[i] >> 32 != hash)
			break;
		if (strcmp(name_of(table, index), name) != 0)
			continue;
		*ret_symbol = symbol_of(table, index);
		return 0;
	}
	return -ENOENT;
}

/*
 * Comparing all prefixes takes 1-3 ms; an index sorted by name would take thirty globs to pay for
 * itself.
 */
int symbol_table_glob(const struct symbol_table *table, const char *glob,
		      int (*visit)(void *user, const struct elf_symbol *symbol), void *user)
{
	size_t len = strcspn(glob, "*?[\\");

	for (size_t i = 0; i < table->n_all; i++) {
		struct elf_symbol symbol;
		int stop;

		if (strncmp(name_of(table, table->all[i]), glob, len) != 0)
			continue;
		symbol = symbol_of(table, table->all[i]);
		if (fnmatch(glob, symbol.name, 0) != 0)
			continue;
		stop = visit(user, &symbol);
		if (stop)
			return stop;
	}
	return 0;
}

/* Number of functions that start at or before the address. */
static size_t upper_bound(const struct symbol_table *table, uint64_t address)
{
	return PARTITION_POINT(i, table->n_by_address,
			       table->symbols[table->by_address[i]].st_value <= address);
}

int symbol_table_at(struct symbol_table *table, uint64_t address, struct elf_symbol *ret_symbol)
{
	size_t n;

	sort_by_address(table);
	n = upper_bound(table, address);
	for (size_t i = 1; i <= n && i <= MAX_OVERLAP; i++) {
		struct elf_symbol symbol = symbol_of(table, table->by_address[n - i]);

		if (address != symbol.address && address - symbol.address >= symbol.size)
			continue;
		*ret_symbol = symbol;
		return 0;
	}
	return -ENOENT;
}
