/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_heap.h"

#include <string.h>

#include "symbolizer/base.h"

void v8_heap_init(struct v8_heap *heap, const struct memory *memory, const struct v8_layout *layout)
{
	memset(heap, 0, sizeof(*heap));
	heap->memory = memory;
	heap->layout = layout;
}

void v8_heap_forget(struct v8_heap *heap)
{
	memset(heap->maps, 0, sizeof(heap->maps));
	memset(heap->pages, 0, sizeof(heap->pages));
	heap->attempt++;
}

static int read_page(struct v8_heap *heap, uint64_t page, const uint8_t **ret_bytes)
{
	size_t slot = (page / V8_PAGE * 0x9e3779b97f4a7c15ULL) >> 58;
	int err;

	_Static_assert(V8_KNOWN_PAGES == 1 << (64 - 58), "slot of a page");
	if (!page || heap->pages[slot] != page) {
		heap->pages[slot] = 0;
		heap->reads++;
		err = memory_read(heap->memory, page, heap->page_bytes[slot], V8_PAGE);
		if (err)
			return err;
		heap->pages[slot] = page;
	}
	*ret_bytes = heap->page_bytes[slot];
	return 0;
}

int v8_read_raw(struct v8_heap *heap, uint64_t address, void *buf, size_t len)
{
	uint8_t *out = buf;

	if (len > V8_PAGE) {
		heap->reads++;
		return memory_read(heap->memory, address, buf, len);
	}
	while (len) {
		size_t at = address % V8_PAGE;
		size_t n = len < V8_PAGE - at ? len : V8_PAGE - at;
		const uint8_t *bytes;
		int err = read_page(heap, address - at, &bytes);

		if (err)
			return err;
		memcpy(out, bytes + at, n);
		out += n;
		address += n;
		len -= n;
	}
	return 0;
}

int v8_read(struct v8_heap *heap, uint64_t object, uint32_t offset, void *buf, size_t len)
{
	if (!v8_is_object(object))
		return -EBADMSG;
	return v8_read_raw(heap, object - 1 + offset, buf, len);
}

int v8_read_word(struct v8_heap *heap, uint64_t object, uint32_t offset, uint64_t *ret_word)
{
	return v8_read(heap, object, offset, ret_word, sizeof(*ret_word));
}

/* While garbage is collected, the map of an object that has moved is its new address. The old copy
 * stays as it was until the end, so that it can be read all the same. */
static int current_map(struct v8_heap *heap, uint64_t *map)
{
	if ((*map & 7) || !v8_is_object(*map + 1))
		return 0;
	return v8_read_word(heap, *map + 1, 0, map);
}

int v8_map_type(struct v8_heap *heap, uint64_t map, uint16_t *ret_type)
{
	size_t slot;
	uint16_t type;
	int err = current_map(heap, &map);

	if (err)
		return err;
	slot = (map * 0x9e3779b97f4a7c15ULL) >> 58;
	_Static_assert(V8_KNOWN_MAPS == 1 << (64 - 58), "slot of a map");
	if (map && heap->maps[slot].map == map) {
		*ret_type = heap->maps[slot].type;
		return 0;
	}
	err = v8_read(heap, map, heap->layout->map_instance_type, &type, sizeof(type));
	if (err)
		return err;
	heap->maps[slot].map = map;
	heap->maps[slot].type = type;
	*ret_type = type;
	return 0;
}

int v8_type(struct v8_heap *heap, uint64_t object, uint16_t *ret_type)
{
	uint64_t map;
	int err = v8_read_word(heap, object, 0, &map);

	return err ? err : v8_map_type(heap, map, ret_type);
}

int v8_check(struct v8_heap *heap, uint64_t object, uint32_t type)
{
	uint16_t found;
	int err = v8_type(heap, object, &found);

	if (err)
		return err;
	return type && found == type ? 0 : -EBADMSG;
}

int v8_array_length(struct v8_heap *heap, uint64_t array, uint32_t *ret_length)
{
	uint64_t word;
	int err = v8_read_word(heap, array, heap->layout->array_length, &word);

	if (err)
		return err;
	/* A Smi, or a plain number where arrays are trusted. */
	*ret_length = v8_is_smi(word) ? (uint32_t)(word >> 32) : (uint32_t)word;
	return 0;
}

static bool is_byte_array(const struct v8_layout *layout, uint16_t type)
{
	return type == layout->type_byte_array ||
	       (layout->type_trusted_bytes && type == layout->type_trusted_bytes);
}

int v8_read_bytes(struct v8_heap *heap, uint64_t array, size_t max, uint8_t **ret_bytes,
		  size_t *ret_len)
{
	uint8_t *bytes = NULL;
	uint32_t len;
	uint16_t type;
	int err;

	err = v8_type(heap, array, &type);
	if (!err && !is_byte_array(heap->layout, type))
		err = -EBADMSG;
	if (!err)
		err = v8_array_length(heap, array, &len);
	if (err)
		return err;
	if (len > max)
		return -EBADMSG;
	if (len) {
		bytes = malloc(len);
		if (!bytes)
			return -ENOMEM;
		err = v8_read(heap, array, heap->layout->array_data, bytes, len);
		if (err) {
			free(bytes);
			return err;
		}
	}
	*ret_bytes = bytes;
	*ret_len = len;
	return 0;
}
