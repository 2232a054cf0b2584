/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * V8's builtins without a symbol table: Builtins::name() reads a table of names, in the order of
 * their numbers; the data of the embedded blob tells where the code of each number lies.
 *   https://github.com/nodejs/node/blob/v18.20.4/deps/v8/src/builtins/builtins.cc
 *   https://github.com/nodejs/node/blob/v18.20.4/deps/v8/src/snapshot/embedded/embedded-data.h
 * How many words precede the places, and how long each entry is, differs between releases: all
 * that are possible are tried, and only one may fit.
 */
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/code_call.h"
#include "symbolizer/hidden_symbols.h"

enum {
	MAX_BUILTINS = 3500, /* V8 14 has some 2,300 */
	MIN_BUILTINS = 500,
	MAX_KIND = 16,
	MAX_ENTRY = 32,
	CODE_ALIGNMENT = 32,
};

struct name_entry {
	uint64_t name;
	int32_t kind;
	int32_t pad;
	uint64_t data;
};

struct place {
	uint32_t offset;
	uint32_t length;
};

struct table {
	const struct memory *memory;
	uint64_t bias;
	const struct elf_file *elf;
	size_t n;
	char names[MAX_BUILTINS][HIDDEN_NAME_MAX - sizeof("Builtins_")];
	struct place places[MAX_BUILTINS];
	struct place sorted[MAX_BUILTINS];
	struct code code;
	uint8_t raw[MAX_BUILTINS * MAX_ENTRY];
};

/* What a function of V8 returns when it is called with `argument`. */
static int call(struct table *t, const char *function, uint64_t argument,
		struct code_result *ret_result)
{
	struct elf_symbol symbol;

	if (elf_file_find(t->elf, function, &symbol) || code_load(t->elf, &symbol, &t->code))
		return -ENOENT;
	return code_call(t->memory, t->bias, &t->code, argument, ret_result);
}

static bool is_name(const char *name, size_t size)
{
	size_t len = strnlen(name, size);

	return len && len < size &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
		       len;
}

static bool read_name(struct table *t, uint64_t table, size_t i)
{
	struct name_entry entry;
	uint64_t address;

	if (memory_read(t->memory, table + i * sizeof(entry), &entry, sizeof(entry)) ||
	    entry.kind < 0 || entry.kind >= MAX_KIND)
		return false;
	address = entry.name - t->bias;
	if (elf_file_read(t->elf, address, t->names[i], sizeof(t->names[i])))
		return false;
	return is_name(t->names[i], sizeof(t->names[i]));
}

static int read_names(struct table *t)
{
	static const char name_of[] = "_ZN2v88internal8Builtins4nameENS0_7BuiltinE";
	struct code_result first, second;

	if (call(t, name_of, 0, &first) || call(t, name_of, 1, &second) ||
	    second.loaded - first.loaded != sizeof(struct name_entry))
		return -ENOENT;
	while (t->n < MAX_BUILTINS && read_name(t, first.loaded, t->n))
		t->n++;
	return t->n >= MIN_BUILTINS && t->n < MAX_BUILTINS ? 0 : -ENOENT;
}

static int by_offset(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	return p->offset < q->offset ? -1 : p->offset > q->offset;
}

/* Every builtin has code, none overlaps another, the first starts where the blob does. */
static bool is_layout(struct table *t, uint32_t blob_size)
{
	memcpy(t->sorted, t->places, t->n * sizeof(t->places[0]));
	qsort(t->sorted, t->n, sizeof(t->sorted[0]), by_offset);
	if (t->sorted[0].offset)
		return false;
	for (size_t i = 0; i < t->n; i++) {
		const struct place *place = &t->sorted[i];
		uint32_t limit = i + 1 < t->n ? t->sorted[i + 1].offset : blob_size;

		if (place->offset % CODE_ALIGNMENT || !place->length || place->offset >= limit ||
		    place->length > limit - place->offset)
			return false;
	}
	return true;
}

static bool read_places(struct table *t, uint64_t start, size_t entry)
{
	if (memory_read(t->memory, start, t->raw, t->n * entry))
		return false;
	for (size_t i = 0; i < t->n; i++)
		memcpy(&t->places[i], t->raw + i * entry, sizeof(t->places[i]));
	return true;
}

/* Returns 0 when exactly one reading of the blob's data makes sense; places hold it then. */
static int find_places(struct table *t, uint64_t data, uint32_t blob_size)
{
	static const size_t heads[] = {16, 24, 32, 40}, entries[] = {8, 12, 16, 20, 24, 28, 32};
	size_t fits = 0, head = 0, entry = 0;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		for (size_t j = 0; j < ARRAY_SIZE(entries); j++) {
			if (!read_places(t, data + heads[i], entries[j]) ||
			    !is_layout(t, blob_size))
				continue;
			head = heads[i];
			entry = entries[j];
			fits++;
		}
	return fits == 1 && read_places(t, data + head, entry) ? 0 : -ENOENT;
}

static void read_table(struct table *t, struct hidden_symbols *found)
{
	struct code_result code, data, size;
	uint64_t start;

	if (read_names(t) || call(t, "_ZN2v88internal23DefaultEmbeddedBlobCodeEv", 0, &code) ||
	    call(t, "_ZN2v88internal23DefaultEmbeddedBlobDataEv", 0, &data) ||
	    call(t, "_ZN2v88internal27DefaultEmbeddedBlobCodeSizeEv", 0, &size) || !size.value ||
	    size.value > INT32_MAX || !size.loaded ||
	    find_places(t, data.value, (uint32_t)size.value))
		return;
	start = code.value - t->bias;
	hidden_symbols_add(found, "", "v8_Default_embedded_blob_code_data_", start, 0);
	hidden_symbols_add(found, "", "v8_Default_embedded_blob_code_size_", size.loaded - t->bias,
			   0);
	for (size_t i = 0; i < t->n; i++)
		hidden_symbols_add(found, "Builtins_", t->names[i], start + t->places[i].offset,
				   t->places[i].length);
}

void builtin_table_read(const struct memory *memory, uint64_t bias, const struct elf_file *elf,
			struct hidden_symbols *found)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return;
	t->memory = memory;
	t->bias = bias;
	t->elf = elf;
	read_table(t, found);
	free(t);
}
