/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_string.h"

#include <string.h>

#include "symbolizer/base.h"

enum {
	MAX_PENDING = 64, /* right halves that wait for their left ones */
	MAX_STEPS = 4096, /* strings that one string is made of */
};

/* Bits of a string's instance type; v8dbg_StringRepresentationMask and others, the same in all
 * releases: https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/instance-type.h */
enum {
	SHAPE_MASK = 7,
	SHAPE_SEQUENTIAL = 0,
	SHAPE_CONS = 1,
	SHAPE_EXTERNAL = 2,
	SHAPE_SLICED = 3,
	SHAPE_THIN = 5,
	ONE_BYTE = 8,
	UNCACHED = 16,
	RESOURCE_DATA = 8, /* ExternalStringResource is vptr, data, length as node implements it */
};

/* A part of a string. */
struct part {
	uint64_t string;
	uint32_t from;
	uint32_t n;
};

struct walk {
	struct v8_heap *heap;
	struct part pending[MAX_PENDING];
	size_t n_pending;
	size_t steps;
	int (*visit)(void *user, const struct v8_chars *chars);
	void *user;
};

struct header {
	uint16_t type;
	uint32_t length;
};

static int read_header(struct v8_heap *heap, uint64_t string, struct header *ret_header)
{
	uint8_t raw[16];
	uint32_t length;
	uint16_t type;
	uint64_t map;
	int err;

	if (heap->layout->string_length > sizeof(raw) - sizeof(length))
		return -EBADMSG;
	err = v8_read(heap, string, 0, raw, sizeof(raw));
	if (err)
		return err;
	memcpy(&map, raw, sizeof(map));
	memcpy(&length, raw + heap->layout->string_length, sizeof(length));
	err = v8_map_type(heap, map, &type);
	if (err)
		return err;
	if (type >= heap->layout->first_nonstring || length > INT32_MAX)
		return -EBADMSG;
	ret_header->type = type;
	ret_header->length = length;
	return 0;
}

int v8_string_length(struct v8_heap *heap, uint64_t string, uint32_t *ret_length)
{
	struct header header;
	int err = read_header(heap, string, &header);

	if (!err)
		*ret_length = header.length;
	return err;
}

static int push(struct walk *walk, uint64_t string, uint32_t from, uint32_t n)
{
	if (!n)
		return 0;
	if (walk->n_pending == MAX_PENDING)
		return -EBADMSG;
	walk->pending[walk->n_pending++] = (struct part){string, from, n};
	return 0;
}

static int visit_flat(struct walk *walk, uint64_t address, bool is_wide, const struct part *part)
{
	size_t width = is_wide ? 2 : 1;
	size_t at = part->from;
	size_t end = at + part->n;

	while (at < end) {
		size_t n = end - at < V8_CHUNK / width ? end - at : V8_CHUNK / width;
		struct v8_chars chars = {.data = walk->heap->chunk, .n = n, .is_wide = is_wide};
		int err;

		err = v8_read_raw(walk->heap, address + at * width, walk->heap->chunk, n * width);
		if (!err)
			err = walk->visit(walk->user, &chars);
		if (err)
			return err;
		at += n;
	}
	return 0;
}

static int step_external(struct walk *walk, const struct part *part, uint16_t type)
{
	const struct v8_layout *layout = walk->heap->layout;
	uint64_t data;
	int err;

	if (type & UNCACHED) {
		err = v8_read_word(walk->heap, part->string, layout->external_resource, &data);
		if (!err)
			err = v8_read_raw(walk->heap, data + RESOURCE_DATA, &data, sizeof(data));
	} else {
		err = v8_read_word(walk->heap, part->string, layout->external_data, &data);
	}
	return err ? err : visit_flat(walk, data, !(type & ONE_BYTE), part);
}

static int step_cons(struct walk *walk, const struct part *part)
{
	const struct v8_layout *layout = walk->heap->layout;
	uint32_t left_n = 0;
	struct header left;
	uint64_t first;
	uint64_t second;
	int err;

	err = v8_read_word(walk->heap, part->string, layout->cons_first, &first);
	if (!err)
		err = v8_read_word(walk->heap, part->string, layout->cons_second, &second);
	if (!err)
		err = read_header(walk->heap, first, &left);
	if (err)
		return err;
	if (part->from < left.length)
		left_n = left.length - part->from < part->n ? left.length - part->from : part->n;
	err = push(walk, second, part->from + left_n - left.length, part->n - left_n);
	return err ? err : push(walk, first, part->from, left_n);
}

static int step_sliced(struct walk *walk, const struct part *part)
{
	const struct v8_layout *layout = walk->heap->layout;
	uint64_t parent;
	uint64_t offset;
	int err;

	err = v8_read_word(walk->heap, part->string, layout->sliced_parent, &parent);
	if (!err)
		err = v8_read_word(walk->heap, part->string, layout->sliced_offset, &offset);
	if (err)
		return err;
	if (!v8_is_smi(offset) || v8_smi(offset) < 0)
		return -EBADMSG;
	/* Both are below 2^31, and the sum is checked against the parent's length. */
	return push(walk, parent, part->from + (uint32_t)v8_smi(offset), part->n);
}

static int step_thin(struct walk *walk, const struct part *part)
{
	uint64_t actual;
	int err = v8_read_word(walk->heap, part->string, walk->heap->layout->thin_actual, &actual);

	return err ? err : push(walk, actual, part->from, part->n);
}

static int step(struct walk *walk, const struct part *part)
{
	struct header header;
	int err = read_header(walk->heap, part->string, &header);

	if (err)
		return err;
	if (part->from > header.length || part->n > header.length - part->from)
		return -EBADMSG;
	switch (header.type & SHAPE_MASK) {
	case SHAPE_SEQUENTIAL:
		return visit_flat(walk, part->string - 1 + walk->heap->layout->string_chars,
				  !(header.type & ONE_BYTE), part);
	case SHAPE_EXTERNAL:
		return step_external(walk, part, header.type);
	case SHAPE_CONS:
		return step_cons(walk, part);
	case SHAPE_SLICED:
		return step_sliced(walk, part);
	case SHAPE_THIN:
		return step_thin(walk, part);
	default:
		return -EBADMSG;
	}
}

int v8_string_visit(struct v8_heap *heap, uint64_t string, size_t max,
		    int (*visit)(void *user, const struct v8_chars *chars), void *user)
{
	struct walk walk = {.heap = heap, .visit = visit, .user = user};
	uint32_t length;
	int err;

	err = v8_string_length(heap, string, &length);
	if (err)
		return err;
	err = push(&walk, string, 0, length < max ? length : (uint32_t)max);
	while (!err && walk.n_pending) {
		struct part part = walk.pending[--walk.n_pending];

		err = ++walk.steps > MAX_STEPS ? -EBADMSG : step(&walk, &part);
	}
	return err;
}

/* Where a copy goes. */
struct sink {
	char *buf;
	size_t size;
	size_t len;
	uint16_t high; /* surrogate that waits for its other half */
};

enum {
	FULL = 1
};

static size_t encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* A half surrogate stays one: who keeps the text makes it printable. */
static int put(struct sink *sink, uint32_t c)
{
	char bytes[4];
	size_t n = encode(c, bytes);

	if (n > sink->size - sink->len)
		return FULL;
	memcpy(sink->buf + sink->len, bytes, n);
	sink->len += n;
	return 0;
}

static int put_unit(struct sink *sink, uint16_t unit)
{
	uint16_t high = sink->high;

	sink->high = 0;
	if (high && unit >= 0xdc00 && unit < 0xe000)
		return put(sink, 0x10000 + ((uint32_t)(high - 0xd800) << 10) + (unit - 0xdc00));
	if (high && put(sink, high))
		return FULL;
	if (unit >= 0xd800 && unit < 0xdc00) {
		sink->high = unit;
		return 0;
	}
	return put(sink, unit);
}

static int copy_chars(void *user, const struct v8_chars *chars)
{
	int full = 0;

	for (size_t i = 0; !full && i < chars->n; i++)
		full = put_unit(user, v8_char(chars, i));
	return full;
}

int v8_string_copy(struct v8_heap *heap, uint64_t string, char *buf, size_t size, size_t *ret_len)
{
	struct sink sink = {.size = size};
	int err;

	sink.buf = buf;
	err = v8_string_visit(heap, string, size, copy_chars, &sink);
	if (err < 0)
		return err;
	if (sink.high)
		(void)put(&sink, sink.high);
	*ret_len = sink.len;
	return 0;
}
