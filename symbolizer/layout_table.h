/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What only the source of a release tells: the last resort of layout_discover(), and the only place
 * for numbers that describe somebody else's memory.
 *
 * A row holds for the releases it names and no other: a release that is not listed has no table
 * values at all, and layout_discover() refuses it rather than take the newest known.
 */
#ifndef NT_SYMBOLIZER_LAYOUT_TABLE_H
#define NT_SYMBOLIZER_LAYOUT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "symbolizer/layout.h"
#include "symbolizer/node_release.h"

/* How to get from symbols to the Environment and to handles; the same in all known releases. */
struct layout_walk {
	uint32_t loop_handles;   /* uv_loop_t.handle_queue */
	uint32_t handle_link;    /* uv_handle_t.handle_queue */
	uint32_t handle_type;    /* uv_handle_t.type, u32 */
	uint32_t check_callback; /* uv_check_t.check_cb */
	uint32_t type_check;     /* UV_CHECK */
	uint32_t type_tcp;       /* UV_TCP */
	uint32_t work_callback;  /* how far before uv_work_t.work_req its work_cb stands … */
	uint32_t work_after;     /* … and its after_work_cb */
	uint32_t handle_wrap;    /* sizeof(HandleWrap) - sizeof(AsyncWrap) */
	uint32_t isolate_root;   /* Isolate -> where r13 points in builtins */
	/* node::AliasedBufferBase; its isolate_ comes first */
	uint32_t buffer_count;
	uint32_t buffer_offset;     /* byte_offset_ */
	uint32_t buffer_data;       /* buffer_ */
	uint32_t buffer_stride_min; /* sizeof, between neighbours */
	uint32_t buffer_stride_max;
	/* lengths of the buffers that are looked for */
	uint64_t hook_fields;      /* AsyncHooks::Fields */
	uint64_t async_id_fields;  /* AsyncHooks::UidFields */
	uint64_t immediate_fields; /* ImmediateInfo::Fields */
	uint64_t tick_fields;      /* TickInfo::Fields */
};

extern const struct layout_walk layout_walk;

/* True when the table knows this pair of node major and V8 minor. */
bool layout_table_knows(const struct node_release *release);

/* Fills the fields that are still absent from the rows of this node major. */
void layout_table_fill(struct node_layout *layout);

/* The known majors, for messages: "16, 18, …". */
extern const char layout_table_majors[];

#endif
