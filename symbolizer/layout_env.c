/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"
#include "symbolizer/loop_handles.h"

enum {
	PAGE = 4096,
	ENV_MAX = 16384,         /* bytes of an Environment that are looked at */
	BUFFER_WORDS = 4,        /* isolate, count, byte offset, data */
	MAX_BUFFER_COUNT = 4096, /* elements of a believable buffer */
	MAX_BUFFER_OFFSET = 1 << 20,
	ID_STACK_COUNT =
		32, /* AsyncHooks::async_ids_stack_, at first: src/env.cc of v16.20.2 to v26.10.0 */
};

#define USER_SPACE_END (1ULL << 47)
#define FIRST_ADDRESS  0x10000ULL
/* Integers above this are not exact as doubles. */
#define MAX_ASYNC_ID 9007199254740992.0

/* The words of an Environment, as many as can be read. */
struct env_image {
	uint64_t words[ENV_MAX / 8];
	size_t n_words;
};

struct search {
	const struct memory *memory;
	uint64_t check_immediate; /* run-time address of the callback */
	uint64_t vtable;          /* what the Environment's first word holds */
	uint64_t env;
};

/* The check handle is a member of Environment, so its start is the nearest vtable pointer before.
 * Page by page, since memory before the Environment need not be there. */
static int env_before(const struct search *search, uint64_t handle, uint64_t *ret_env)
{
	uint64_t words[PAGE / 8];
	uint64_t end = handle;

	if (handle < ENV_MAX || handle % 8)
		return -ENOENT;
	while (end > handle - ENV_MAX) {
		uint64_t start = (end - 1) & ~(uint64_t)(PAGE - 1);
		int err = memory_read(search->memory, start, words, end - start);

		if (err)
			return err;
		for (size_t i = (end - start) / 8; i-- > 0;) {
			if (words[i] != search->vtable)
				continue;
			*ret_env = start + i * 8;
			return 0;
		}
		end = start;
	}
	return -ENOENT;
}

static int see_handle(void *user, const struct loop_handle *handle)
{
	struct search *search = user;
	uint64_t callback;

	if (handle->type != layout_walk.type_check ||
	    memory_read_u64(search->memory, handle->address + layout_walk.check_callback,
			    &callback) ||
	    callback != search->check_immediate)
		return 0;
	return env_before(search, handle->address, &search->env) == 0;
}

int layout_find_env(const struct memory *memory, const struct elf_file *elf,
		    struct node_layout *layout)
{
	struct elf_symbol callback;
	struct elf_symbol vtable;
	struct elf_symbol loop;
	struct search search = {.memory = memory};

	if (elf_file_find(elf, "default_loop_struct", &loop) ||
	    elf_file_find(elf, "_ZTVN4node11EnvironmentE", &vtable) ||
	    elf_file_find(elf, "_ZN4node11Environment14CheckImmediateEP10uv_check_s", &callback))
		return -EOPNOTSUPP;
	search.check_immediate = callback.address + layout->load_bias;
	/* Offset to top and type information come before the first virtual function. */
	search.vtable = vtable.address + layout->load_bias + 16;
	(void)loop_handles_visit(memory, loop.address + layout->load_bias, see_handle, &search);
	if (!search.env)
		return -ENOENT;
	layout->main_env = search.env;
	return 0;
}

static bool is_address(uint64_t word)
{
	return word >= FIRST_ADDRESS && word < USER_SPACE_END;
}

size_t layout_read_object(const struct memory *memory, uint64_t address, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t piece = PAGE - (address + done) % PAGE;

		if (piece > len - done)
			piece = len - done;
		if (memory_read(memory, address + done, (char *)buf + done, piece))
			break;
		done += piece;
	}
	return done;
}

static int read_env(const struct memory *memory, uint64_t env, struct env_image *ret_image)
{
	ret_image->n_words = layout_read_object(memory, env, ret_image->words, ENV_MAX) / 8;
	return ret_image->n_words ? 0 : -EFAULT;
}

/* The data of a buffer of `count` elements at word `at`, or 0 when there is none. */
static uint64_t buffer_at(const struct env_image *image, size_t at, uint64_t count)
{
	const uint64_t *word = &image->words[at];
	uint64_t data;

	if (at + BUFFER_WORDS > image->n_words || !is_address(word[0]) || word[0] % 8)
		return 0;
	data = word[layout_walk.buffer_data / 8];
	if (word[layout_walk.buffer_count / 8] != count ||
	    word[layout_walk.buffer_offset / 8] >= MAX_BUFFER_OFFSET || !is_address(data))
		return 0;
	return data;
}

static bool is_id(double value, double first, double last)
{
	return value >= first && value <= last && value == (double)(int64_t)value;
}

/* executionAsyncId, triggerAsyncId, the counter, defaultTriggerAsyncId */
static bool holds_ids(const struct memory *memory, uint64_t data)
{
	double ids[4];

	if (memory_read(memory, data, ids, sizeof(ids)))
		return false;
	return is_id(ids[2], 1, MAX_ASYNC_ID) && is_id(ids[0], 0, ids[2]) &&
	       is_id(ids[1], 0, ids[2]) && is_id(ids[3], -1, ids[2]);
}

/* How many words before async_id_fields_ AsyncHooks::fields_ stands; 0: it does not. */
static size_t hook_stride(const struct env_image *image, size_t at)
{
	for (size_t stride = layout_walk.buffer_stride_min / 8;
	     stride <= layout_walk.buffer_stride_max / 8; stride++) {
		if (at >= stride && buffer_at(image, at - stride, layout_walk.hook_fields) &&
		    image->words[at - stride] == image->words[at])
			return stride;
	}
	return 0;
}

/* async_id_fields_ is the buffer of four ids that follows AsyncHooks::fields_. */
static bool is_async_ids(const struct memory *memory, const struct env_image *image, size_t at)
{
	uint64_t data = buffer_at(image, at, layout_walk.async_id_fields);

	return data && hook_stride(image, at) && holds_ids(memory, data);
}

/* async_ids_stack_ stands before fields_, as far as that is before it; it may have grown, in its one buffer. */
static void find_id_stack(const struct env_image *image, size_t ids, struct node_layout *layout)
{
	size_t back = 2 * hook_stride(image, ids), at = ids - back;
	uint64_t count;

	if (ids < back || image->words[at] != image->words[ids])
		return;
	count = image->words[at + layout_walk.buffer_count / 8];
	if (count >= ID_STACK_COUNT && count <= MAX_BUFFER_COUNT && buffer_at(image, at, count))
		layout_set(layout, LAYOUT_FIELD_env_ids_stack, at * 8 + layout_walk.buffer_data,
			   LAYOUT_DERIVED);
}

static size_t next_buffer(const struct env_image *image, size_t at, uint64_t count)
{
	uint64_t isolate = image->words[at];

	for (size_t i = at + 1; i < image->n_words; i++) {
		if (image->words[i] == isolate && buffer_at(image, i, count))
			return i;
	}
	return 0;
}

static void set_buffer(struct node_layout *layout, const struct env_image *image, size_t at,
		       enum layout_field field, uint64_t *ret_data)
{
	layout_set(layout, field, at * 8 + layout_walk.buffer_data, LAYOUT_DERIVED);
	*ret_data = image->words[at + layout_walk.buffer_data / 8];
}

int layout_find_buffers(const struct memory *memory, struct node_layout *layout)
{
	struct env_image image;
	size_t immediate;
	size_t ids = 0;
	size_t tick;
	int err;

	err = read_env(memory, layout->main_env, &image);
	if (err)
		return err;
	for (size_t i = 1; i < image.n_words; i++) {
		if (!is_async_ids(memory, &image, i))
			continue;
		if (ids)
			return -EOPNOTSUPP; /* Two that look alike: do not guess. */
		ids = i;
	}
	immediate = ids ? next_buffer(&image, ids, layout_walk.immediate_fields) : 0;
	tick = immediate ? next_buffer(&image, immediate, layout_walk.tick_fields) : 0;
	if (!tick)
		return -EOPNOTSUPP;
	layout_set(layout, LAYOUT_FIELD_env_isolate, ids * 8, LAYOUT_DERIVED);
	find_id_stack(&image, ids, layout);
	set_buffer(layout, &image, ids, LAYOUT_FIELD_env_async_ids, &layout->async_ids);
	set_buffer(layout, &image, immediate, LAYOUT_FIELD_env_immediate_info,
		   &layout->immediate_info);
	set_buffer(layout, &image, tick, LAYOUT_FIELD_env_tick_info, &layout->tick_info);
	return 0;
}

int layout_isolate(const struct memory *memory, const struct node_layout *layout,
		   uint64_t *ret_isolate)
{
	uint64_t isolate;
	int err;

	err = memory_read_u64(
		memory, layout->main_env + layout->config.env_async_ids - layout_walk.buffer_data,
		&isolate);
	if (err)
		return err;
	*ret_isolate = isolate;
	return 0;
}
