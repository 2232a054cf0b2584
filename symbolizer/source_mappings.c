/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_mappings.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/digits.h"

enum {
	STRIDE = 128,       /* segments between two marks: a search decodes so many */
	VLQ_SHIFT = 5,      /* bits a digit carries, above them one that says whether more follow */
	VLQ_MAX_SHIFT = 30, /* numbers have 32 bits, the sign included */
};

/* Decoding so far: numbers are relative to those of earlier segments. */
struct state {
	uint32_t at; /* offset in the text */
	uint32_t line;
	uint32_t column;
	uint32_t source;
	uint32_t source_line;
	uint32_t source_column;
	uint32_t name;
};

struct mark {
	struct state before; /* the segment */
	uint32_t line;       /* its own */
	uint32_t column;
};

struct source_mappings {
	const char *text;
	size_t len;
	uint32_t n_sources;
	uint32_t n_names;
	struct mark *marks;
	size_t n_marks;
	size_t capacity;
	size_t count;
};

static bool at_number(const struct source_mappings *mappings, const struct state *state)
{
	return state->at < mappings->len && mappings->text[state->at] != ',' &&
	       mappings->text[state->at] != ';';
}

/* Takes a number and adds it to *sum, which must stay one of 31 bits. */
static int take_number(const struct source_mappings *mappings, struct state *state, uint32_t *sum)
{
	uint64_t value = 0;
	int64_t result;
	int digit;

	for (unsigned int shift = 0;; shift += VLQ_SHIFT) {
		digit = at_number(mappings, state) ? digits_base64(mappings->text[state->at]) : -1;
		if (digit < 0 || shift > VLQ_MAX_SHIFT)
			return -EBADMSG;
		state->at++;
		value |= (uint64_t)(digit & ((1 << VLQ_SHIFT) - 1)) << shift;
		if (!(digit >> VLQ_SHIFT))
			break;
	}
	result = (int64_t)*sum + (value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1));
	if (value == 1 || result < 0 || result > INT32_MAX) /* 1 stands for -2^31 */
		return -EBADMSG;
	*sum = (uint32_t)result;
	return 0;
}

/* The numbers behind the column: source, line and column there, perhaps a name. */
static int take_source(const struct source_mappings *mappings, struct state *state,
		       struct source_segment *segment)
{
	int err = take_number(mappings, state, &state->source);

	if (!err)
		err = take_number(mappings, state, &state->source_line);
	if (!err)
		err = take_number(mappings, state, &state->source_column);
	if (!err && state->source >= mappings->n_sources)
		err = -EBADMSG;
	if (err)
		return err;
	segment->source = state->source;
	segment->source_line = state->source_line;
	segment->source_column = state->source_column;
	if (!at_number(mappings, state))
		return 0;
	err = take_number(mappings, state, &state->name);
	if (!err && (state->name >= mappings->n_names || at_number(mappings, state)))
		err = -EBADMSG;
	segment->name = state->name;
	return err;
}

/* Returns 1 with a segment, 0 at the end, or -EBADMSG. */
static int next_segment(const struct source_mappings *mappings, struct state *state,
			struct source_segment *segment)
{
	int err;

	for (; state->at < mappings->len && !at_number(mappings, state); state->at++)
		if (mappings->text[state->at] == ';') {
			state->line++;
			state->column = 0;
		}
	if (state->at == mappings->len)
		return 0;
	*segment = (struct source_segment){.source = SOURCE_NONE, .name = SOURCE_NONE};
	err = take_number(mappings, state, &state->column);
	if (!err && at_number(mappings, state))
		err = take_source(mappings, state, segment);
	segment->line = state->line;
	segment->column = state->column;
	return err ? err : 1;
}

static int add_mark(struct source_mappings *mappings, const struct state *before,
		    const struct source_segment *segment)
{
	if (array_reserve(&mappings->marks, &mappings->capacity, mappings->n_marks,
			  sizeof(*mappings->marks)))
		return -ENOMEM;
	mappings->marks[mappings->n_marks++] = (struct mark){
		.before = *before,
		.line = segment->line,
		.column = segment->column,
	};
	return 0;
}

static bool is_before(const struct source_segment *a, uint32_t line, uint32_t column)
{
	return a->line < line || (a->line == line && a->column < column);
}

static int index_all(struct source_mappings *mappings)
{
	struct source_segment last = {0};
	struct source_segment segment;
	struct state state = {0};
	struct state before = state;
	int err = 0;

	while ((err = next_segment(mappings, &state, &segment)) > 0) {
		if (is_before(&segment, last.line, last.column))
			return -EBADMSG;
		if (mappings->count % STRIDE == 0 && add_mark(mappings, &before, &segment))
			return -ENOMEM;
		mappings->count++;
		last = segment;
		before = state;
	}
	return err;
}

int source_mappings_new(const char *text, size_t len, uint32_t n_sources, uint32_t n_names,
			struct source_mappings **ret_mappings)
{
	struct source_mappings *mappings;
	int err;

	if (len > INT32_MAX)
		return -EBADMSG;
	mappings = calloc(1, sizeof(*mappings));
	if (!mappings)
		return -ENOMEM;
	mappings->text = text;
	mappings->len = len;
	mappings->n_sources = n_sources;
	mappings->n_names = n_names;
	err = index_all(mappings);
	if (err) {
		source_mappings_free(mappings);
		return err;
	}
	*ret_mappings = mappings;
	return 0;
}

void source_mappings_free(struct source_mappings *mappings)
{
	if (!mappings)
		return;
	free(mappings->marks);
	free(mappings);
}

static bool is_until(const struct mark *mark, uint32_t line, uint32_t column)
{
	return mark->line < line || (mark->line == line && mark->column <= column);
}

/* Number of marks whose segment is at or before the place. */
static size_t marks_until(const struct source_mappings *mappings, uint32_t line, uint32_t column)
{
	return PARTITION_POINT(i, mappings->n_marks, is_until(&mappings->marks[i], line, column));
}

int source_mappings_find(const struct source_mappings *mappings, uint32_t line, uint32_t column,
			 struct source_segment *ret_segment)
{
	size_t n = marks_until(mappings, line, column);
	struct source_segment segment;
	struct source_segment found;
	struct state state;

	if (!n)
		return -ENOENT;
	state = mappings->marks[n - 1].before;
	found.line = SOURCE_NONE;
	while (next_segment(mappings, &state, &segment) > 0) {
		if (segment.line > line || (segment.line == line && segment.column > column))
			break;
		found = segment;
	}
	if (found.line != line)
		return -ENOENT;
	*ret_segment = found;
	return 0;
}

size_t source_mappings_count(const struct source_mappings *mappings)
{
	return mappings->count;
}

size_t source_mappings_bytes(const struct source_mappings *mappings)
{
	return sizeof(*mappings) + mappings->capacity * sizeof(*mappings->marks);
}
