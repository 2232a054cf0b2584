/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What the memory of this node process looks like: every offset the tracer uses, with its origin.
 *
 * Order of trust: constants in the binary (v8dbg_*), what can be derived exactly from code or from the
 * live process, a row of layout_table.c for exactly this release. What none of them tells is
 * absent, and the abilities that need it are off; never "the newest known". All of it is verified
 * in the live process before any claim.
 */
#ifndef NT_SYMBOLIZER_LAYOUT_H
#define NT_SYMBOLIZER_LAYOUT_H

#include "bpf/config.h"
#include "symbolizer/elf_file.h"
#include "symbolizer/process.h"

enum layout_origin {
	LAYOUT_ABSENT,
	LAYOUT_SYMBOL,
	LAYOUT_DERIVED,
	LAYOUT_TABLE
};

/*
 * The fields of struct nt_config that the layout fills, X(field): one row each, so that doctor and
 * tests can list them with origin. Addresses (text, builtins, functions) are part of it.
 */
/* clang-format off */
#define LAYOUT_FIELDS(X) \
	X(env_async_ids) X(env_immediate_info) X(env_tick_info) X(wrap_async_id) \
	X(wrap_size) X(wrap_realm) X(realm_env) X(scope_closed) X(scope_context_in_r8) \
	X(parser_stream) X(llhttp_type) X(llhttp_upgrade) X(llhttp_status) X(stream_uv) \
	X(stream_uv_embedded) X(tls_underlying) X(listener_stream) X(uv_data) \
	X(http2_session) X(http2_id) X(http2_flags) X(http2_headers) X(http2_header_size) \
	X(http2_header_name) X(http2_header_value) X(http2_text_base) X(http2_text_len) \
	X(http2_nva) X(weak_self) \
	X(uv_fs_work) X(uv_fs_type) X(uv_fs_path) X(uv_fs_file) X(uv_fs_result) \
	X(uring_mask) X(uring_entries) \
	X(uv_addrinfo_work) X(uv_addrinfo_host) X(uv_addrinfo_result) X(uv_work_work) \
	X(uv_write_handle) X(uv_stream_fd) \
	X(uv_spawn_file) X(pool_work_req) X(js_function_context) X(js_function_shared) \
	X(shared_script) X(shared_flags) X(script_line_ends) \
	X(root_undefined) X(microtask_payload) X(microtask_register) X(page_flags) \
	X(page_mask_bits) X(page_candidate) \
	X(page_metadata) X(page_marks) X(map_instance_type) X(string_length) X(string_chars) \
	X(heap_number_value) X(timeout_async_id) X(timeout_delay) X(timeout_repeat) \
	X(immediate_async_id) X(tick_realm) X(tick_callback) X(tick_slot) X(tick_tail) \
	X(tick_bottom) X(tick_async_id) X(timer_callback) X(timer_slot) X(queue_heap) \
	X(queue_size) X(list_first) X(timeout_next) X(env_ids_stack) X(array_elements) X(array_first) X(timeout_refed) X(oddball_number) X(types_promise) \
	X(types_capability) X(types_context_first) X(types_context_last) \
	X(types_function_first) X(types_function_last) X(types_bytecode) X(context_previous) X(env_isolate) \
	X(lab_top) X(lab_indirect) X(exit_frame) X(fast_call_frame) X(fast_call_pc) X(root_microtask) X(task_handler) \
	X(task_promise) X(promise_reactions) X(promise_flags) X(reaction_next) \
	X(reaction_reject) X(reaction_fulfill) X(reaction_promise) X(capability_promise) \
	X(context_slots) X(generator_function) X(generator_position) X(generator_state) \
	X(generator_running) X(generator_promise) X(request_promise) X(receiver_hash) \
	X(shared_builtin) X(types_task_first) X(types_task_last) X(types_task_thenable) \
	X(types_reaction) \
	X(types_async_function) X(types_async_generator) X(types_request) X(builtin_all) \
	X(builtin_all_settled) X(builtin_any) X(builtin_resolve) X(fs_work_function) \
	X(addrinfo_work_function) X(read_file_job) X(write_file_job) X(file_job_path) X(text_start) X(text_end) X(builtins_start) \
	X(builtins_end) X(builtins_copy_start) X(builtins_copy_end)
/* clang-format on */

enum layout_field {
#define LAYOUT_FIELD_ENUM(field) LAYOUT_FIELD_##field,
	LAYOUT_FIELDS(LAYOUT_FIELD_ENUM)
#undef LAYOUT_FIELD_ENUM
	LAYOUT_FIELD_COUNT,
};

struct node_layout {
	char node_version[32];              /* "v20.20.2", "" unknown */
	char v8_version[32];                /* "11.3.244.8" */
	uint32_t node_major;                /* 0 unknown */
	struct nt_config config;            /* only the fields above are set */
	uint8_t origin[LAYOUT_FIELD_COUNT]; /* enum layout_origin */
	uint64_t load_bias;                 /* run-time address - link-time address of the binary */
	uint64_t main_env;                  /* node::Environment of the main thread */
	/* for the first nt_thread entry */
	uint64_t async_ids;
	uint64_t immediate_info;
	uint64_t tick_info;
};

/*
 * Fills the layout of a running node. On failure returns a negative errno and one sentence in `why`
 * (size why_len): -EOPNOTSUPP unknown release or large-pages text or stripped binary, -ENOENT not node,
 * -EAGAIN a node that has only just started and is not set up yet, …
 */
int layout_discover(struct process *process, const struct elf_file *elf,
		    struct node_layout *ret_layout, char *why, size_t why_len);

/* What can be told of a build that layout_discover() refuses, for people who want to know: any part
 * of it may be missing. */
void layout_survey(const struct process *process, const struct elf_file *elf,
		   struct node_layout *ret_layout);

/* Checks the invariants in the live process: ids are sane, their types fit. Returns 0, -EOPNOTSUPP and why. */
int layout_verify(const struct process *process, const struct node_layout *layout, char *why,
		  size_t why_len);

/* Words for listings. */
const char *layout_field_name(enum layout_field field);
const char *layout_origin_name(enum layout_origin origin);
/* Value of a field as a number, for listings. */
uint64_t layout_value(const struct node_layout *layout, enum layout_field field);

#endif
