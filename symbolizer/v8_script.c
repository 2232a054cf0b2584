/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_script.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/stacks.h"
#include "symbolizer/v8_string.h"

enum {
	SLOT_BITS = 11,
	WAYS = 8,              /* slots that one script may be in */
	MAX_LINES = 4 << 20,   /* of all scripts together, 4 bytes each */
	MAX_SOURCE = 64 << 20, /* characters */
	MAX_FAILURES = 8,      /* to read the lines of a source that stays where it is */
	MAX_NAME = 512,        /* bytes; stacks_name() cuts there too */
	SCRIPT_SIZE = 128,     /* of what is read of a Script at once, at most */
};

struct v8_scripts {
	struct v8_heap *heap;
	struct stacks *stacks;
	uint64_t serial;
	uint64_t shed;
	size_t lines;                                    /* in all tables */
	struct v8_script slots[(1 << SLOT_BITS) + WAYS]; /* serial 0: free */
};

/* The words of a Script that count. */
struct raw_script {
	int32_t id;
	uint64_t name;
	uint64_t source;
	uint64_t line_ends;
	int32_t first_line;
	int32_t first_column;
};

int v8_scripts_new(struct v8_heap *heap, struct stacks *stacks, struct v8_scripts **ret_scripts)
{
	struct v8_scripts *scripts = calloc(1, sizeof(*scripts));

	if (!scripts)
		return -ENOMEM;
	scripts->heap = heap;
	scripts->stacks = stacks;
	*ret_scripts = scripts;
	return 0;
}

static void forget_lines(struct v8_scripts *scripts, struct v8_script *script)
{
	scripts->lines -= script->n_ends;
	free(script->ends);
	script->ends = NULL;
	script->n_ends = 0;
	script->has_lines = false;
}

void v8_scripts_free(struct v8_scripts *scripts)
{
	if (!scripts)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(scripts->slots); i++)
		free(scripts->slots[i].ends);
	free(scripts);
}

static uint64_t word_at(const uint8_t *bytes, uint32_t offset)
{
	uint64_t word;

	memcpy(&word, bytes + offset, sizeof(word));
	return word;
}

static int read_script(struct v8_heap *heap, uint64_t object, struct raw_script *ret_raw)
{
	const struct v8_layout *layout = heap->layout;
	uint32_t size = layout->script_id + (uint32_t)sizeof(uint64_t);
	uint8_t bytes[SCRIPT_SIZE];
	uint16_t type;
	int err;

	if (size > sizeof(bytes) || layout->script_line_ends > layout->script_id ||
	    layout->script_name > layout->script_id || layout->script_column_offset > size)
		return -EBADMSG;
	err = v8_read(heap, object, 0, bytes, size);
	if (!err)
		err = v8_map_type(heap, word_at(bytes, 0), &type);
	if (err)
		return err;
	if (type != layout->type_script || !v8_is_smi(word_at(bytes, layout->script_id)))
		return -EBADMSG;
	ret_raw->id = v8_smi(word_at(bytes, layout->script_id));
	ret_raw->name = word_at(bytes, layout->script_name);
	ret_raw->source = word_at(bytes, layout->script_source);
	ret_raw->line_ends = word_at(bytes, layout->script_line_ends);
	ret_raw->first_line = v8_smi(word_at(bytes, layout->script_line_offset));
	ret_raw->first_column = v8_smi(word_at(bytes, layout->script_column_offset));
	return ret_raw->id > 0 ? 0 : -EBADMSG;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "file:///a%20b.js?v=1" is /a b.js. In place; returns the new length. */
static size_t url_to_path(char *text, size_t len)
{
	static const char scheme[] = "file://";
	size_t at = sizeof(scheme) - 1;
	size_t out = 0;

	if (len <= at || memcmp(text, scheme, at) != 0 || text[at] != '/')
		return len;
	while (at < len && text[at] != '?' && text[at] != '#') {
		if (text[at] == '%' && at + 2 < len && hex_digit(text[at + 1]) >= 0 &&
		    hex_digit(text[at + 2]) >= 0) {
			text[out++] =
				(char)(hex_digit(text[at + 1]) << 4 | hex_digit(text[at + 2]));
			at += 3;
		} else {
			text[out++] = text[at++];
		}
	}
	return out;
}

/* True for a string; undefined stands for none. */
static int is_string(struct v8_heap *heap, uint64_t word, bool *ret_is_string)
{
	uint16_t type;
	int err;

	*ret_is_string = false;
	if (v8_is_smi(word))
		return 0;
	err = v8_type(heap, word, &type);
	if (!err)
		*ret_is_string = type < heap->layout->first_nonstring;
	return err;
}

/* What does not change while a script lives: its name (NULL for none) and the length of its source
 * (0 for none). */
struct identity {
	const char *file;
	uint32_t length;
};

static int read_identity(struct v8_scripts *scripts, const struct raw_script *raw,
			 struct identity *ret_identity)
{
	struct v8_heap *heap = scripts->heap;
	struct identity identity = {0};
	char name[MAX_NAME];
	bool has_source;
	bool has_name;
	size_t len = 0;
	int err;

	err = is_string(heap, raw->name, &has_name);
	if (!err && has_name)
		err = v8_string_copy(heap, raw->name, name, sizeof(name), &len);
	if (!err)
		err = is_string(heap, raw->source, &has_source);
	if (!err && has_source)
		err = v8_string_length(heap, raw->source, &identity.length);
	if (err)
		return err;
	if (len)
		identity.file = stacks_name(scripts->stacks, name, url_to_path(name, len));
	*ret_identity = identity;
	return 0;
}

/* Makes `script` the one that was just read, which it may be already. */
static int recognise(struct v8_scripts *scripts, struct v8_script *script, uint32_t tid,
		     const struct raw_script *raw)
{
	bool is_same = script->serial && script->tid == tid && script->id == raw->id;
	struct identity identity;
	int err;

	if (is_same && script->name == raw->name && script->source == raw->source)
		return 0;
	err = read_identity(scripts, raw, &identity);
	if (err)
		return err;
	if (!is_same || script->file != identity.file || script->length != identity.length) {
		scripts->shed += script->serial != 0;
		forget_lines(scripts, script);
		*script = (struct v8_script){
			.file = identity.file,
			.serial = ++scripts->serial,
			.learned = scripts->heap->attempt,
			.tid = tid,
			.id = raw->id,
			.length = identity.length,
		};
	}
	script->name = raw->name;
	script->source = raw->source;
	script->failures = 0;
	return 0;
}

/* The slot of the script, or one that it may take: a free one, else the longest unused. */
static struct v8_script *find_slot(struct v8_scripts *scripts, uint32_t tid, int32_t id)
{
	uint64_t key = (uint64_t)tid << 32 | (uint32_t)id;
	size_t first = (key * 0x9e3779b97f4a7c15ULL) >> (64 - SLOT_BITS);
	struct v8_script *oldest = &scripts->slots[first];

	for (size_t i = first; i < first + WAYS; i++) {
		struct v8_script *slot = &scripts->slots[i];

		if (slot->serial && slot->tid == tid && slot->id == id)
			return slot;
		if (slot->used < oldest->used)
			oldest = slot;
	}
	return oldest;
}

int v8_scripts_get(struct v8_scripts *scripts, uint32_t tid, uint64_t object,
		   struct v8_script **ret_script)
{
	struct v8_script *script;
	struct raw_script raw;
	int err = read_script(scripts->heap, object, &raw);

	if (err)
		return err;
	script = find_slot(scripts, tid, raw.id);
	err = recognise(scripts, script, tid, &raw);
	if (err)
		return err;
	script->first_line = raw.first_line;
	script->first_column = raw.first_column;
	script->line_ends = raw.line_ends;
	script->used = ++scripts->serial;
	*ret_script = script;
	return 0;
}

int v8_scripts_recall(struct v8_scripts *scripts, uint32_t tid, int32_t id,
		      struct v8_script **ret_script)
{
	struct v8_script *script = find_slot(scripts, tid, id);

	if (!script->serial || script->tid != tid || script->id != id)
		return -ENOENT;
	script->used = ++scripts->serial;
	*ret_script = script;
	return 0;
}

void v8_scripts_discard(struct v8_scripts *scripts)
{
	for (size_t i = 0; i < ARRAY_SIZE(scripts->slots); i++) {
		struct v8_script *script = &scripts->slots[i];

		if (script->has_lines && script->learned_lines == scripts->heap->attempt)
			forget_lines(scripts, script);
		if (!script->serial || script->learned != scripts->heap->attempt)
			continue;
		forget_lines(scripts, script);
		*script = (struct v8_script){0};
	}
}

/* A line table in the making. */
struct scan {
	uint32_t *ends;
	size_t n;
	size_t capacity;
	uint32_t at;
	bool after_return; /* the last character was one, and may end a line alone */
};

static int add_end(struct scan *scan, uint32_t offset)
{
	if (scan->n == MAX_LINES || (scan->n && offset <= scan->ends[scan->n - 1]))
		return -EBADMSG;
	if (array_reserve(&scan->ends, &scan->capacity, scan->n, sizeof(*scan->ends)))
		return -ENOMEM;
	scan->ends[scan->n++] = offset;
	return 0;
}

/* "\n", "\r\n", "\r" and the two separators of Unicode end lines. */
static int scan_char(struct scan *scan, uint16_t c)
{
	int err = 0;

	if (scan->after_return && c != '\n')
		err = add_end(scan, scan->at - 1);
	scan->after_return = c == '\r';
	if (!err && (c == '\n' || c == 0x2028 || c == 0x2029))
		err = add_end(scan, scan->at);
	return err;
}

static int scan_chars(void *user, const struct v8_chars *chars)
{
	struct scan *scan = user;
	int err = 0;

	for (size_t i = 0; !err && i < chars->n; i++) {
		uint16_t c = v8_char(chars, i);

		if (scan->after_return || c <= '\r' || c >= 0x2028)
			err = scan_char(scan, c);
		scan->at++;
	}
	return err;
}

/* The table that V8 made for itself, when it did. */
static int read_line_ends(struct v8_heap *heap, uint64_t array, struct scan *scan)
{
	uint64_t *words = (uint64_t *)(void *)heap->chunk;
	uint32_t length;
	int err;

	err = v8_check(heap, array, heap->layout->type_fixed_array);
	if (!err)
		err = v8_array_length(heap, array, &length);
	if (err)
		return err;
	if (!length || length > MAX_LINES)
		return -EBADMSG;
	for (uint32_t i = 0; !err && i < length; i++) {
		uint32_t in_chunk = i % (V8_CHUNK / sizeof(*words));
		uint32_t n = length - i < V8_CHUNK / sizeof(*words) ? length - i
								    : V8_CHUNK / sizeof(*words);

		if (!in_chunk)
			err = v8_read(heap, array, heap->layout->array_data + i * 8, words, n * 8);
		if (!err && !v8_is_smi(words[in_chunk]))
			err = -EBADMSG;
		if (!err)
			err = add_end(scan, (uint32_t)v8_smi(words[in_chunk]));
	}
	return err;
}

static int read_source(struct v8_heap *heap, const struct v8_script *script, struct scan *scan)
{
	int err;

	if (!script->length || script->length > MAX_SOURCE)
		return -ENOENT;
	err = v8_string_visit(heap, script->source, script->length, scan_chars, scan);
	if (!err && scan->after_return)
		err = add_end(scan, scan->at - 1);
	return err;
}

static void forget_all_lines(struct v8_scripts *scripts)
{
	for (size_t i = 0; i < ARRAY_SIZE(scripts->slots); i++)
		if (scripts->slots[i].ends)
			forget_lines(scripts, &scripts->slots[i]);
	scripts->shed++;
}

static int read_lines(struct v8_scripts *scripts, struct v8_script *script)
{
	struct scan scan = {0};
	int err;

	if (script->failures >= MAX_FAILURES)
		return -ENOENT;
	err = read_line_ends(scripts->heap, script->line_ends, &scan);
	if (err) {
		scan.n = 0;
		err = read_source(scripts->heap, script, &scan);
	}
	if (err) {
		script->failures++;
		free(scan.ends);
		return -ENOENT;
	}
	if (scripts->lines + scan.n > MAX_LINES)
		forget_all_lines(scripts);
	script->has_lines = true;
	script->learned_lines = scripts->heap->attempt;
	script->ends = scan.ends;
	script->n_ends = scan.n;
	scripts->lines += scan.n;
	return 0;
}

int v8_script_locate(struct v8_scripts *scripts, struct v8_script *script, uint32_t offset,
		     uint32_t *ret_line, uint32_t *ret_column)
{
	size_t low;
	int64_t line;
	int64_t column;

	if (!script->has_lines && read_lines(scripts, script))
		return -ENOENT;
	if (offset > script->length)
		return -EBADMSG;
	low = PARTITION_POINT(i, script->n_ends, script->ends[i] < offset);
	column = low ? (int64_t)offset - script->ends[low - 1] : (int64_t)offset + 1;
	if (!low)
		column += script->first_column;
	line = (int64_t)low + 1 + script->first_line;
	if (line < 1 || line > INT32_MAX || column < 1 || column > INT32_MAX)
		return -EBADMSG;
	*ret_line = (uint32_t)line;
	*ret_column = (uint32_t)column;
	return 0;
}

uint64_t v8_scripts_shed(const struct v8_scripts *scripts)
{
	return scripts->shed;
}
