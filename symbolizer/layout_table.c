/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/layout_table.h"

#include "symbolizer/base.h"
#include "symbolizer/layout_row.h"
#include "symbolizer/layout_steps.h"

struct release {
	uint32_t node_major;
	uint32_t v8_major;
	uint32_t v8_minor;
};

/* https://github.com/nodejs/node/blob/v20.20.2/deps/v8/include/v8-version.h, each at its tag */
static const struct release releases[] = {
	{.node_major = 16, .v8_major = 9, .v8_minor = 4},
	{.node_major = 18, .v8_major = 10, .v8_minor = 2},
	{.node_major = 20, .v8_major = 11, .v8_minor = 3},
	{.node_major = 22, .v8_major = 12, .v8_minor = 4},
	{.node_major = 24, .v8_major = 13, .v8_minor = 6},
	{.node_major = 25, .v8_major = 14, .v8_minor = 1},
	{.node_major = 26, .v8_major = 14, .v8_minor = 6},
};

const char layout_table_majors[] = "16, 18, 20, 22, 24, 25 and 26";

#define ROW(f, v, from, to)                                                            \
	{                                                                              \
		.field = LAYOUT_FIELD_##f, .value = (v), .first = (from), .last = (to) \
	}

/* Each link shows one release of the range. */
static const struct layout_row rows[] = {
	/* BaseObject is vptr, persistent_handle_, realm_ (env_ before 18):
	   https://github.com/nodejs/node/blob/v20.20.2/src/base_object.h */
	ROW(wrap_realm, 0x10, 16, 26),

	/* Parser is AsyncWrap, StreamListener, llhttp_t; StreamListener is vptr, stream_,
	   previous_listener_:
	   https://github.com/nodejs/node/blob/v20.20.2/src/node_http_parser.cc
	   https://github.com/nodejs/node/blob/v20.20.2/src/stream_base.h */
	ROW(parser_stream, 0x10, 16, 26),
	ROW(listener_stream, 0x8, 16, 26),
	/* struct llhttp__internal_s; its accessors are not in the binary before 20:
	   https://github.com/nodejs/node/blob/v18.20.8/deps/llhttp/include/llhttp.h */
	ROW(llhttp_type, 72, 16, 18),
	ROW(llhttp_upgrade, 78, 16, 18),
	ROW(llhttp_status, 82, 16, 18),

	/* StreamBase is vptr, listener_, bytes_read_, bytes_written_, env_, default_listener_; then
	   come LibuvStreamWrap::stream_ and the uv handle, or TLSWrap's StreamListener:
	   https://github.com/nodejs/node/blob/v20.20.2/src/stream_base.h
	   https://github.com/nodejs/node/blob/v20.20.2/src/stream_wrap.h
	   https://github.com/nodejs/node/blob/v20.20.2/src/connection_wrap.h
	   https://github.com/nodejs/node/blob/v20.20.2/src/crypto/crypto_tls.h */
	ROW(stream_uv, 0x40, 16, 26),
	ROW(stream_uv_embedded, 0x48, 16, 26),
	ROW(tls_underlying, 0x48, 16, 26),

	/* Http2Stream is AsyncWrap, StreamBase (0x78 with what it keeps for C++), then session_, id_,
	   code_, flags_. NgHeader is vptr, env_, name_ and value_ (each vptr,
	   buf_, internalizable_), token_, flags_. NgHeaders is count_, then a MaybeStackBuffer of
	   length_, capacity_, buf_. A weak pointer holds PointerData, whose last field is self:
	   https://github.com/nodejs/node/blob/v20.20.2/src/node_http2.h
	   https://github.com/nodejs/node/blob/v20.20.2/src/node_http_common.h
	   https://github.com/nodejs/node/blob/v20.20.2/src/base_object.h */
	ROW(http2_session, 0x80, 16, 26),
	ROW(http2_id, 0x88, 16, 26),
	ROW(http2_flags, 0x90, 16, 26),
	ROW(http2_header_size, 72, 16, 26),
	ROW(http2_header_name, 0x18, 16, 26),
	ROW(http2_header_value, 0x30, 16, 26),
	ROW(http2_nva, 0x18, 16, 26),
	ROW(weak_self, 0x10, 16, 26),
	/* nghttp2_rcbuf is mem_user_data, free, base, len, ref:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/nghttp2/lib/nghttp2_rcbuf.h */
	ROW(http2_text_base, 16, 16, 26),
	ROW(http2_text_len, 24, 16, 26),

	/* libuv 1.x, public ABI: offsetof() with the header of each release:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/uv/include/uv.h */
	ROW(uv_data, 0, 16, 26),
	ROW(uv_fs_work, 336, 16, 26),
	ROW(uv_fs_type, 64, 16, 26),
	ROW(uv_fs_path, 104, 16, 26),
	ROW(uv_fs_file, 280, 16, 26),
	ROW(uv_fs_result, 88, 16, 26),
	/* struct uv__iou is sqhead, sqtail, sqarray, sqmask, sqflags, cqhead, cqtail, cqmask, sq,
	   cqe, sqe. libuv has no ring before 1.45, and node asks for none since libuv 1.49 wants to
	   be asked:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/uv/src/unix/internal.h */
	ROW(uring_mask, 0, 16, 18),
	ROW(uring_mask, 0x18, 20, 20),
	ROW(uring_mask, 0, 22, 26),
	ROW(uring_entries, 0, 16, 18),
	ROW(uring_entries, 0x50, 20, 20),
	ROW(uring_entries, 0, 22, 26),
	ROW(uv_addrinfo_work, 72, 16, 26),
	ROW(uv_addrinfo_host, 128, 16, 26),
	ROW(uv_addrinfo_result, 152, 16, 26),
	ROW(uv_work_work, 88, 16, 26),
	ROW(uv_write_handle, 80, 16, 26),
	ROW(uv_stream_fd, 184, 16, 26),
	ROW(uv_spawn_file, 8, 16, 26),
	/* ThreadPoolWork is vptr, env_, work_req_:
	   https://github.com/nodejs/node/blob/v20.20.2/src/node_internals.h */
	ROW(pool_work_req, 0x10, 16, 26),

	/* PromiseResolveThenableJobTask is map, context, promise_to_resolve; since V8 12 the
	   continuation-preserved data stands between map and context:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/microtask.tq
	   https://github.com/nodejs/node/blob/v22.23.3/deps/v8/src/objects/microtask.tq */
	ROW(microtask_payload, 16, 16, 20),
	ROW(microtask_payload, 24, 22, 26),
	/* A page starts with size_, flags_; since V8 12 with its flags; kPageSizeBits:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/heap/basic-memory-chunk.h
	   https://github.com/nodejs/node/blob/v22.23.3/deps/v8/src/heap/memory-chunk.h
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/base/build_config.h */
	ROW(page_flags, 8, 16, 20),
	ROW(page_flags, 0, 22, 26),
	ROW(page_mask_bits, 18, 16, 26),
	/* MemoryChunk::EVACUATION_CANDIDATE, in the same files */
	ROW(page_candidate, 0x40, 16, 18),
	ROW(page_candidate, 0x100, 20, 22),
	ROW(page_candidate, 0x800, 24, 24),
	ROW(page_candidate, 0x200, 25, 25),
	ROW(page_candidate, 0x100, 26, 26),
	/* marking_bitmap(), behind the fields of MemoryChunk; since V8 12 in what the page's second
	   word leads to. Builtins_RecordWriteIgnoreFP reads it:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/heap/memory-chunk-layout.h
	   https://github.com/nodejs/node/blob/v22.23.3/deps/v8/src/heap/mutable-page-metadata.h */
	ROW(page_metadata, 0, 16, 20),
	ROW(page_metadata, 8, 22, 26),
	ROW(page_marks, 0x110, 16, 16),
	ROW(page_marks, 0x128, 18, 18),
	ROW(page_marks, 0x140, 20, 24),
	ROW(page_marks, 0x150, 25, 25),
	ROW(page_marks, 0x140, 26, 26),
	/* Context is map, length, scope_info, previous:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/contexts.tq */
	ROW(context_previous, 24, 16, 26),
	/* ExternalReference::new_space_allocation_top_address() is an address in the table of
	   external references until V8 10 puts the area into IsolateData:
	   https://github.com/nodejs/node/blob/v18.20.8/deps/v8/src/execution/isolate-data.h */
	ROW(lab_indirect, 1, 16, 16),
	ROW(lab_indirect, 0, 18, 26),
	/* Oddball is map, to_number_raw:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/oddball.tq */
	ROW(oddball_number, 8, 16, 26),

	/* PromiseReactionJobTask is map, argument, context, handler, promise_or_capability; since V8
	   12 the continuation-preserved data stands behind the map, as in PromiseReaction, which is
	   map, next, reject_handler, fulfill_handler, promise_or_capability. PromiseCapability is map,
	   promise, resolve, reject:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/promise.tq
	   https://github.com/nodejs/node/blob/v22.23.3/deps/v8/src/objects/promise.tq */
	ROW(task_handler, 24, 16, 20),
	ROW(task_handler, 32, 22, 26),
	ROW(task_promise, 32, 16, 20),
	ROW(task_promise, 40, 22, 26),
	ROW(reaction_next, 8, 16, 20),
	ROW(reaction_next, 16, 22, 26),
	ROW(reaction_reject, 16, 16, 20),
	ROW(reaction_reject, 24, 22, 26),
	ROW(reaction_fulfill, 24, 16, 20),
	ROW(reaction_fulfill, 32, 22, 26),
	ROW(reaction_promise, 32, 16, 20),
	ROW(reaction_promise, 40, 22, 26),
	ROW(capability_promise, 8, 16, 26),
	/* JSPromise is a JSObject (24 bytes), reactions_or_result, flags:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/js-promise.tq */
	ROW(promise_reactions, 24, 16, 26),
	ROW(promise_flags, 32, 16, 26),
	/* Context is map, length, scope_info, previous, then its own slots:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/contexts.tq */
	ROW(context_slots, 32, 16, 26),
	/* JSGeneratorObject is a JSObject, function, context, receiver, input_or_debug_pos,
	   resume_mode, continuation, parameters_and_registers; then JSAsyncFunctionObject has its
	   promise, JSAsyncGeneratorObject its queue. AsyncGeneratorRequest is map, next, resume_mode,
	   value, promise. kGeneratorExecuting is -2:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/js-generator.tq
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/js-generator.h */
	ROW(generator_function, 24, 16, 26),
	ROW(generator_position, 48, 16, 26),
	ROW(generator_state, 64, 16, 26),
	ROW(generator_running, 0xfffffffe, 16, 26),
	ROW(generator_promise, 80, 16, 26),
	ROW(request_promise, 32, 16, 26),
	/* SharedFunctionInfo's function_data; since V8 13 the trusted part stands before it:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/shared-function-info.tq
	   https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/objects/shared-function-info.tq */
	ROW(shared_builtin, 8, 16, 22),
	ROW(shared_builtin, 16, 24, 26),

	/* The constructor of Timeout assigns, behind map, properties and elements (24 bytes):
	   _idleTimeout, _idlePrev, _idleNext, _idleStart, _onTimeout, _timerArgs, _repeat,
	   _destroyed, [kRefed], [kHasPrimitive]; initAsyncResource() then [async_id_symbol],
	   [trigger_async_id_symbol]. Immediate: _idleNext, _idlePrev, _onImmediate, _argv,
	   _destroyed, [kRefed], [async_id_symbol], [trigger_async_id_symbol]:
	   https://github.com/nodejs/node/blob/v20.20.2/lib/internal/timers.js */
	ROW(timeout_delay, 0x18, 16, 26),
	ROW(timeout_repeat, 0x48, 16, 26),
	ROW(timeout_refed, 0x58, 16, 26),
	ROW(timeout_async_id, 0x68, 16, 26),
	ROW(immediate_async_id, 0x48, 16, 26),
	/* FixedQueue assigns, behind map, properties and elements, tail and head; FixedCircularBuffer
	   bottom, top, list, next. A TickObject begins with [async_id_symbol] and
	   [trigger_async_id_symbol]:
	   https://github.com/nodejs/node/blob/v16.20.2/lib/internal/fixed_queue.js
	   https://github.com/nodejs/node/blob/v26.10.0/lib/internal/fixed_queue.js
	   https://github.com/nodejs/node/blob/v16.20.2/lib/internal/process/task_queues.js
	   https://github.com/nodejs/node/blob/v26.10.0/lib/internal/process/task_queues.js */
	ROW(tick_tail, 0x18, 16, 26),
	ROW(tick_bottom, 0x18, 16, 26),
	ROW(tick_async_id, 0x18, 16, 26),
	/* PriorityQueue's fields: compare, heap, setPosition, size; on 16 the heap is behind setPosition.
	   TimersList assigns _idleNext, _idlePrev, expiry, id, msecs:
	   https://github.com/nodejs/node/blob/v16.20.2/lib/internal/priority_queue.js
	   https://github.com/nodejs/node/blob/v26.10.0/lib/internal/priority_queue.js
	   https://github.com/nodejs/node/blob/v26.10.0/lib/internal/timers.js */
	ROW(queue_heap, 0x28, 16, 16),
	ROW(queue_heap, 0x20, 18, 26),
	ROW(queue_size, 0x30, 16, 26),
	ROW(list_first, 0x20, 16, 26),
	ROW(timeout_next, 0x28, 16, 26),
	/* JSObject is map, properties, elements; FixedArray is map, length, its elements:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/js-objects.tq
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/fixed-array.tq */
	ROW(array_elements, 16, 16, 26),
	ROW(array_first, 16, 16, 26),
};

const struct layout_walk layout_walk = {
	/* https://github.com/nodejs/node/blob/v20.20.2/deps/uv/include/uv.h */
	.loop_handles = 16,
	.handle_link = 32,
	.handle_type = 16,
	.check_callback = 96,
	.type_check = 2,
	.type_tcp = 12,
	.work_callback = 16,
	.work_after = 8,
	/* handle_wrap_queue_, state_, handle_:
	   https://github.com/nodejs/node/blob/v20.20.2/src/handle_wrap.h */
	.handle_wrap = 0x20,
	/* https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/execution/isolate-data.h:
	   kIsolateRootBias */
	.isolate_root = 0x80,
	/* https://github.com/nodejs/node/blob/v20.20.2/src/aliased_buffer.h: isolate_, count_,
	   byte_offset_, buffer_, js_array_, and since 18 index_ */
	.buffer_count = 8,
	.buffer_offset = 16,
	.buffer_data = 24,
	.buffer_stride_min = 48,
	.buffer_stride_max = 56,
	/* AsyncHooks::Fields and ::UidFields, ImmediateInfo::Fields, TickInfo::Fields:
	   https://github.com/nodejs/node/blob/v20.20.2/src/env.h */
	.hook_fields = 9,
	.async_id_fields = 4,
	.immediate_fields = 3,
	.tick_fields = 2,
};

bool layout_table_knows(const struct node_release *release)
{
	for (size_t i = 0; i < ARRAY_SIZE(releases); i++) {
		if (releases[i].node_major == release->node_major &&
		    releases[i].v8_major == release->v8_major &&
		    releases[i].v8_minor == release->v8_minor)
			return true;
	}
	return false;
}

void layout_table_fill(struct node_layout *layout)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct layout_row *row = &rows[i];

		if (layout_row_counts(row, layout->node_major, layout->origin))
			layout_set(layout, row->field, row->value, LAYOUT_TABLE);
	}
}
