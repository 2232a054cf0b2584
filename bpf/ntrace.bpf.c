// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/*
 * The probes, one program per shape (config.h). Each reads its registers, fills an event, sends it.
 * Which symbols they sit on is symbolizer/sites.c's business; sites are told apart by the cookie.
 */
#include "identity.bpf.h"
#include "stack.bpf.h"
#include "stream.bpf.h"
#include "timers.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TYPE_NAME_MAX 32
#define SOCKADDR_MAX 28
#define SHORT_TEXT 256

struct short_event {
	struct nt_event event;
	char text[SHORT_TEXT];
};

/* Sends `out` with the first `len` bytes of its text. */
static __always_inline void short_send(struct pt_regs *ctx, struct short_event *out, __u64 len)
{
	len = text_bound(len);
	if (len >= SHORT_TEXT)
		len = SHORT_TEXT - 1;
	out->event.text_len = len;
	event_send(ctx, &out->event, sizeof(out->event) + len);
}

/* Reads a NUL-terminated string into out->text. Returns its length. */
static __always_inline __u32 short_read(struct short_event *out, __u64 address)
{
	long len = bpf_probe_read_user_str(out->text, sizeof(out->text), (const void *)address);

	if (len < 0)
		count(NT_COUNTER_READ_TEXT);
	return len > 1 ? len - 1 : 0;
}

/* Types whose operation is seen, with its stack, where libuv is asked to do it. */
static __always_inline int has_better_stack(__u32 name)
{
	switch (name) {
	case 0x45525346: /* "FSRE" */
	case 0x57504354: /* "TCPW" */
	case 0x43504354: /* "TCPC" */
	case 0x50545448: /* "HTTP" */
	case 0x54554853: /* "SHUT" */
	case 0x54495257: /* "WRIT" */
	case 0x41544547: /* "GETA" */
	case 0x474f5250: /* "PROG" */
	case 0x434f5250: /* "PROC" */
	case 0x45504950: /* "PIPE" */
	case 0x57534c54: /* "TLSW" */
		return 1;
	}
	return 0;
}

SEC("uprobe")
int nt_init(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_of_env(ctx->di);
	struct short_event out;
	__u32 len;
	__u64 type;

	if (!thread)
		return 0;
	event_begin(&out.event, thread, NT_EVENT_INIT);
	event_ids(&out.event, thread);
	type = read_u64(ctx->dx) & ~1ULL;
	len = read_u32(type + cfg.string_length);
	len = len < TYPE_NAME_MAX ? len : TYPE_NAME_MAX - 1;
	__builtin_memset(out.text, 0, TYPE_NAME_MAX);
	if (read_bytes(out.text, len & (TYPE_NAME_MAX - 1), type + cfg.string_chars))
		count(NT_COUNTER_READ_TEXT);
	out.event.text_len = len;
	if (!has_better_stack(*(__u32 *)out.text))
		out.event.stack = stack_capture(ctx, thread, bpf_get_attach_cookie(ctx));
	event_send(ctx, &out.event, sizeof(out.event) + TYPE_NAME_MAX);
	return 0;
}

static __always_inline void scope_open(struct pt_regs *ctx, struct nt_thread *thread, __u64 scope,
				       __u64 ids_at, __u32 flags)
{
	struct nt_event event;
	__u64 ids[2] = {};

	event_begin(&event, thread, NT_EVENT_SCOPE_OPEN);
	event_ids(&event, thread);
	if (read_bytes(ids, sizeof(ids), ids_at))
		count(NT_COUNTER_READ_IDS);
	event.arg = flags;
	event.a = scope;
	event.b = ids[0];
	event.c = ids[1];
	/* a timer or immediate phase enters with id 0, and twice when there are native immediates */
	if (!thread->depth++ && ids[0])
		thread->phase = NT_PHASE_NONE;
	event_send(ctx, &event, sizeof(event));
}

SEC("uprobe")
int nt_scope_open_env(struct pt_regs *ctx)
{
	/* all three loaded first: clang would else select the context field by a modified ctx */
	__u64 cx = ctx->cx, r8 = ctx->r8, r9 = ctx->r9;
	struct nt_thread *thread;

	asm volatile("" : "+r"(cx), "+r"(r8), "+r"(r9));
	thread = thread_of_env(ctx->si);
	if (!thread)
		return 0;
	if (cfg.scope_context_in_r8)
		scope_open(ctx, thread, ctx->di, r8, r9);
	else
		scope_open(ctx, thread, ctx->di, cx, r8);
	return 0;
}

SEC("uprobe")
int nt_scope_open_wrap(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_current();
	__u64 wrap = ctx->si, env;

	if (!thread || !thread->env) {
		env = read_u64(wrap + cfg.wrap_realm);
		if (cfg.realm_env)
			env = read_u64(env + cfg.realm_env);
		thread = thread_of_env(env);
	}
	if (thread)
		scope_open(ctx, thread, ctx->di, wrap + cfg.wrap_async_id, ctx->dx);
	return 0;
}

SEC("uprobe")
int nt_scope_close(struct pt_regs *ctx)
{
	struct nt_thread *thread;

	/* the destructor closes again */
	if (cfg.scope_closed && read_u8(ctx->di + cfg.scope_closed))
		return 0;
	thread = thread_js();
	if (!thread)
		return 0;
	event_plain(ctx, thread, NT_EVENT_SCOPE_CLOSE, 0, ctx->di, 0);
	if (thread->depth)
		thread->depth--;
	return 0;
}

/* A timer may have been inserted: only when ids were born since the last event. */
SEC("uprobe")
int nt_timer_now(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_of_env(ctx->di);
	struct timer_scan scan = {};
	struct nt_event event;
	__u64 before;

	if (!thread)
		return 0;
	before = thread->counter;
	event_begin(&event, thread, NT_EVENT_TIMER_NOW);
	event_ids(&event, thread);
	if (event.counter != before && cfg.timeout_async_id) {
		scan.wanted = event.counter;
		scan.scratch = scratch_take();
		if (scan.scratch) {
			if (!scan_stack(ctx, scan.scratch))
				bpf_loop(SCAN_WORDS, scan_inserted, &scan, 0);
			if (scan.found && cfg.stacks)
				event.stack = stack_capture_in(ctx, thread, scan.scratch,
							       bpf_get_attach_cookie(ctx));
			scratch_give(scan.scratch);
		}
	}
	if (scan.found) {
		event.a = double_to_integer(event.counter);
		event.b = read_number(read_field(scan.found, cfg.timeout_delay));
		event.arg = timer_flags(scan.found);
	}
	event_send(ctx, &event, sizeof(event));
	return 0;
}

SEC("uprobe")
int nt_tick_boundary(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	struct timer_scan scan = {};

	if (!thread)
		return 0;
	scan.id_offset = thread->phase == NT_PHASE_TIMERS ? cfg.timeout_async_id :
							    cfg.immediate_async_id;
	if (!thread->phase || thread->depth != 1 || !scan.id_offset) {
		event_plain(ctx, thread, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
		return 0;
	}
	scan.scratch = scratch_take();
	if (!scan.scratch) {
		event_plain(ctx, thread, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
		return 0;
	}
	event_begin(&scan.scratch->large.event, thread, NT_EVENT_TICK_BOUNDARY);
	event_ids(&scan.scratch->large.event, thread);
	scan.limit = double_to_integer(scan.scratch->large.event.counter);
	if (!scan_stack(ctx, scan.scratch))
		bpf_loop(SCAN_WORDS, scan_waiting, &scan, 0);
	scan.scratch->large.event.arg = scan.n;
	large_send(ctx, &scan.scratch->large, scan.n * sizeof(struct timer_pair));
	scratch_give(scan.scratch);
	return 0;
}

SEC("uprobe")
int nt_microtasks_begin(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread)
		event_plain(ctx, thread, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	return 0;
}

SEC("uprobe")
int nt_microtasks_end(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread)
		event_plain(ctx, thread, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	return 0;
}

/* PerformPromiseThen: await (its result promise is undefined: the key is the await context) or then */
SEC("uprobe")
int nt_promise_then(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	__u64 result = ctx->dx, handler = ctx->bx;

	if (!thread)
		return 0;
	if (result == undefined_of(ctx, thread))
		result = read_field(handler, cfg.js_function_context);
	token_register(ctx, thread, result, NT_TOKEN_REACTION);
	return 0;
}

SEC("uprobe")
int nt_promise_await_fast(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread)
		token_register(ctx, thread, read_field(ctx->bx, cfg.js_function_context),
			       NT_TOKEN_REACTION);
	return 0;
}

SEC("uprobe")
int nt_promise_prototype_then(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread)
		token_register(ctx, thread, ctx->cx, NT_TOKEN_REACTION);
	return 0;
}

SEC("uprobe")
int nt_reaction_job(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	__u64 handler = ctx->bx, result = ctx->cx, undefined;

	if (!thread)
		return 0;
	undefined = undefined_of(ctx, thread);
	if (result != undefined)
		token_run(ctx, thread, result, NT_TOKEN_REACTION);
	else if (handler != undefined)
		token_run(ctx, thread, read_field(handler, cfg.js_function_context),
			  NT_TOKEN_REACTION);
	else
		event_plain(ctx, thread, NT_EVENT_TOKEN_RUN, NT_TOKEN_REACTION, 0, 0);
	return 0;
}

SEC("uprobe")
int nt_thenable_enqueue(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread)
		token_register(ctx, thread, read_field(ctx->ax, cfg.microtask_payload),
			       NT_TOKEN_THENABLE);
	return 0;
}

SEC("uprobe")
int nt_thenable_job(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread)
		token_run(ctx, thread, ctx->ax, NT_TOKEN_THENABLE);
	return 0;
}

SEC("uprobe")
int nt_callable_enqueue(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread)
		token_register(ctx, thread, read_u64(ctx->dx), NT_TOKEN_CALLABLE);
	return 0;
}

SEC("uprobe")
int nt_callable_run(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	volatile __u64 r8 = ctx->r8, r9 = ctx->r9, r11 = ctx->r11, r12 = ctx->r12;
	volatile __u64 r14 = ctx->r14, r15 = ctx->r15, bx = ctx->bx, di = ctx->di;
	__u64 task = 0;

	if (!thread)
		return 0;
	switch (cfg.microtask_register) {
	case 3:
		task = bx;
		break;
	case 7:
		task = di;
		break;
	case 8:
		task = r8;
		break;
	case 9:
		task = r9;
		break;
	case 11:
		task = r11;
		break;
	case 12:
		task = r12;
		break;
	case 14:
		task = r14;
		break;
	case 15:
		task = r15;
		break;
	}
	if (task) /* the callable stands one field before a thenable task's promise */
		token_run(ctx, thread, read_field(task, cfg.microtask_payload - 8),
			  NT_TOKEN_CALLABLE);
	return 0;
}

SEC("uprobe")
int nt_gc_scavenge(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread)
		tokens_rekey(thread, 0);
	return 0;
}

SEC("uprobe")
int nt_gc_mark_compact(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread)
		tokens_rekey(thread, 1);
	return 0;
}

SEC("uprobe")
int nt_phase(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	__u32 phase = bpf_get_attach_cookie(ctx);

	if (!thread)
		return 0;
	thread->phase = phase;
	event_plain(ctx, thread, NT_EVENT_PHASE, phase, 0, 0);
	return 0;
}

/* Parsers of responses (type 2) are the client side: their bytes are seen at the streams. */
SEC("uprobe")
int nt_parser(struct pt_regs *ctx)
{
	__u64 llhttp = ctx->di, base;
	struct nt_thread *thread = thread_js();
	__u8 type[4] = {}; /* type, method, major, minor */
	struct nt_event event;
	int tls;

	if (!thread || read_bytes(type, sizeof(type), llhttp + cfg.llhttp_type) || type[0] != 1)
		return 0;
	event_begin(&event, thread, (__u32)bpf_get_attach_cookie(ctx) & 0xffff);
	event_ids(&event, thread);
	event.a = llhttp;
	if (event.kind == NT_EVENT_MESSAGE_BEGIN) {
		base = read_u64(llhttp - cfg.parser_stream);
		event.b = base ? stream_uv_of(base, &tls) : 0;
		event.arg = event.b ? tls : 0;
	} else if (event.kind == NT_EVENT_MESSAGE_HEADERS) {
		event.b = type[0] | (__u64)type[1] << 8 |
			  (__u64)read_u8(llhttp + cfg.llhttp_upgrade) << 16 |
			  (__u64)type[2] << 24 | (__u64)type[3] << 32;
		event.c = read_u16(llhttp + cfg.llhttp_status);
	}
	event_send(ctx, &event, sizeof(event));
	return 0;
}

struct query_scan {
	struct scratch *scratch;
	__u32 len;
	__u32 cut;
};

static long query_find(__u32 i, struct query_scan *scan)
{
	if (i >= NT_TEXT_MAX || i >= scan->len)
		return 1;
	if (scan->scratch->large.text[i] != '?')
		return 0;
	scan->len = i;
	scan->cut = 1;
	return 1;
}

SEC("uprobe")
int nt_parser_url(struct pt_regs *ctx)
{
	__u64 llhttp = ctx->di, text = ctx->si, len = ctx->dx;
	struct nt_thread *thread = thread_js();
	struct query_scan scan = {};
	struct scratch *s;

	if (!thread || read_u8(llhttp + cfg.llhttp_type) != 1)
		return 0;
	s = scratch_take();
	if (!s) {
		event_plain(ctx, thread, NT_EVENT_MESSAGE_URL, 1, llhttp, 0);
		return 0;
	}
	event_begin(&s->large.event, thread, NT_EVENT_MESSAGE_URL);
	event_ids(&s->large.event, thread);
	s->large.event.a = llhttp;
	s->large.event.b = s->large.event.c = 0;
	s->large.event.arg = len > NT_TEXT_MAX;
	scan.scratch = s;
	scan.len = text_bound(len);
	if (read_bytes(s->large.text, text_bound(len), text)) {
		count(NT_COUNTER_READ_TEXT);
		scan.len = 0;
	}
	if (!cfg.keep_query)
		bpf_loop(NT_TEXT_MAX, query_find, &scan, 0);
	if (scan.cut)
		s->large.event.arg |= 2;
	large_send(ctx, &s->large, scan.len);
	scratch_give(s);
	return 0;
}

/* The StreamBase of a LibuvStreamWrap method: rdi itself in the thunk, else a base before it. */
static __always_inline __u64 stream_base_of(__u64 this, __u64 cookie)
{
	return cookie & 1 ? this + cfg.wrap_size + 0x20 : this;
}

SEC("uprobe")
int nt_stream_try_write(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx), base = stream_base_of(ctx->di, cookie);
	__u64 buffers = ctx->si, n = ctx->dx, uv;
	struct nt_thread *thread = thread_js();

	if (!thread)
		return 0;
	uv = read_u64(base + cfg.stream_uv);
	stream_write_send(ctx, thread, uv, wrap_id_of(uv), read_u64(buffers), read_u64(n), 0,
			  cookie);
	return 0;
}

SEC("uprobe")
int nt_tls_write(struct pt_regs *ctx)
{
	__u64 wrap = ctx->di, buffers = ctx->dx, n = ctx->cx;
	struct nt_thread *thread = thread_js();
	__u64 uv;
	int tls;

	if (!thread)
		return 0;
	uv = stream_uv_of(wrap + cfg.wrap_size, &tls);
	stream_write_send(ctx, thread, uv, read_u64(wrap + cfg.wrap_async_id), buffers, n,
			  NT_WRITE_TLS, bpf_get_attach_cookie(ctx));
	return 0;
}

SEC("uprobe")
int nt_stream_write(struct pt_regs *ctx)
{
	__u64 base = stream_base_of(ctx->di, bpf_get_attach_cookie(ctx));
	struct nt_thread *thread = thread_js();

	if (thread)
		event_plain(ctx, thread, NT_EVENT_STREAM_WRITE_QUEUED, 0,
			    read_u64(base + cfg.stream_uv), 0);
	return 0;
}

SEC("uprobe")
int nt_stream_after_write(struct pt_regs *ctx)
{
	__u64 request = ctx->di, status = ctx->si;
	struct nt_thread *thread = thread_js();

	if (thread)
		event_plain(ctx, thread, NT_EVENT_STREAM_WRITE_FLUSHED, 0,
			    read_u64(request + cfg.uv_write_handle), status);
	return 0;
}

SEC("uprobe")
int nt_stream_read(struct pt_regs *ctx)
{
	__u64 listener = ctx->di, nread = ctx->si, buffer = ctx->dx, base;
	struct nt_thread *thread = thread_js();
	struct short_event out;
	int tls = 0;

	if (!thread)
		return 0;
	event_begin(&out.event, thread, NT_EVENT_STREAM_READ);
	event_ids(&out.event, thread);
	base = read_u64(listener + cfg.listener_stream);
	out.event.a = base ? stream_uv_of(base, &tls) : 0;
	out.event.b = nread;
	if (out.event.a) {
		out.event.c = tls ? read_u64(base - cfg.wrap_size + cfg.wrap_async_id) :
				    wrap_id_of(out.event.a);
		out.event.arg = tls;
	}
	__builtin_memset(out.text, 0, 16);
	if ((__s64)nread >= 16 && !read_bytes(out.text, 16, read_u64(buffer)) &&
	    (*(__u64 *)out.text & 0xffffffffffffffULL) == HTTP_1)
		out.event.text_len = 16;
	event_send(ctx, &out.event, sizeof(out.event) + 16);
	return 0;
}

SEC("uprobe")
int nt_handle(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx), di = ctx->di, si = ctx->si;
	struct nt_thread *thread = thread_js();

	if (thread)
		event_plain(ctx, thread, cookie & 0xffff, 0, cookie & NT_HANDLE_IN_RSI ? si : di,
			    0);
	return 0;
}

SEC("uprobe")
int nt_work_submit(struct pt_regs *ctx)
{
	__u64 work = ctx->si, function = ctx->cx, request, path;
	struct nt_thread *thread = thread_js();
	struct short_event out;
	__u32 len = 0;

	if (!thread)
		return 0;
	event_begin(&out.event, thread, NT_EVENT_WORK_SUBMIT);
	event_ids(&out.event, thread);
	out.event.a = work;
	if (function == cfg.fs_work_function) {
		request = work - cfg.uv_fs_work;
		out.event.arg = NT_WORK_FS | read_u32(request + cfg.uv_fs_file) << 8;
		out.event.b = read_u32(request + cfg.uv_fs_type) + 1;
		out.event.c = wrap_id_of(request);
		path = read_u64(request + cfg.uv_fs_path);
	} else if (function == cfg.addrinfo_work_function) {
		request = work - cfg.uv_addrinfo_work;
		out.event.arg = NT_WORK_ADDRINFO;
		out.event.c = wrap_id_of(request);
		path = read_u64(request + cfg.uv_addrinfo_host);
	} else {
		path = 0;
	}
	if (path)
		len = short_read(&out, path);
	out.event.stack = stack_capture(ctx, thread, bpf_get_attach_cookie(ctx));
	short_send(ctx, &out, len);
	return 0;
}

/* uv_queue_work of node's ThreadPoolWork: crypto, zlib, whole-file jobs */
SEC("uprobe")
int nt_queue_work(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	__u64 request = ctx->si;
	struct nt_event event;

	if (!thread)
		return 0;
	event_begin(&event, thread, NT_EVENT_WORK_SUBMIT);
	event_ids(&event, thread);
	event.a = request + cfg.uv_work_work;
	event.arg = NT_WORK_QUEUED;
	event.c = read_u64(request - cfg.pool_work_req - cfg.wrap_size + cfg.wrap_async_id);
	event.stack = stack_capture(ctx, thread, bpf_get_attach_cookie(ctx));
	event_send(ctx, &event, sizeof(event));
	return 0;
}

/* On a pool thread. JavaScript threads come here with synchronous calls, and jobs of Node 26 call
 * uv__fs_work themselves: neither is a job of its own. */
SEC("uprobe")
int nt_work_start(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_any();
	struct nt_event event;

	if (!thread || thread->env)
		return 0;
	if (thread->work) {
		thread->depth++;
		return 0;
	}
	thread->work = ctx->di;
	event_begin(&event, thread, NT_EVENT_WORK_START);
	event.a = thread->work;
	event_send(ctx, &event, sizeof(event));
	return 0;
}

SEC("uprobe")
int nt_work_end(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_any();
	struct nt_event event;

	if (!thread || thread->env || !thread->work)
		return 0;
	if (thread->depth) {
		thread->depth--;
		return 0;
	}
	event_begin(&event, thread, NT_EVENT_WORK_END);
	event.a = thread->work;
	thread->work = 0;
	event_send(ctx, &event, sizeof(event));
	return 0;
}

SEC("uprobe")
int nt_work_done(struct pt_regs *ctx)
{
	__u64 work = ctx->di, result = 0;
	struct nt_thread *thread = thread_js();

	if (!thread)
		return 0;
	if ((bpf_get_attach_cookie(ctx) & 0xff) == NT_WORK_FS)
		result = read_u64(work - cfg.uv_fs_work + cfg.uv_fs_result);
	event_plain(ctx, thread, NT_EVENT_WORK_DONE, 0, work, result);
	return 0;
}

static __always_inline void connect_begin(struct nt_event *event, struct nt_thread *thread,
					  __u64 request, __u64 handle)
{
	event_begin(event, thread, NT_EVENT_CONNECT);
	event_ids(event, thread);
	event->a = handle;
	event->b = request;
	event->c = wrap_id_of(request);
}

SEC("uprobe")
int nt_tcp_connect(struct pt_regs *ctx)
{
	__u64 request = ctx->di, handle = ctx->si, address = ctx->dx;
	struct nt_thread *thread = thread_js();
	struct short_event out;

	if (!thread)
		return 0;
	connect_begin(&out.event, thread, request, handle);
	__builtin_memset(out.text, 0, SOCKADDR_MAX);
	/* a sockaddr_in is shorter, but both stand in a sockaddr_storage or on the stack */
	if (read_bytes(out.text, SOCKADDR_MAX, address))
		(void)read_bytes(out.text, 16, address);
	out.event.text_len = SOCKADDR_MAX;
	out.event.stack = stack_capture(ctx, thread, bpf_get_attach_cookie(ctx));
	event_send(ctx, &out.event, sizeof(out.event) + SOCKADDR_MAX);
	return 0;
}

SEC("uprobe")
int nt_pipe_connect(struct pt_regs *ctx)
{
	__u64 request = ctx->di, handle = ctx->si, name = ctx->dx;
	struct nt_thread *thread = thread_js();
	struct short_event out;

	if (!thread)
		return 0;
	connect_begin(&out.event, thread, request, handle);
	out.event.arg = 1;
	out.event.stack = stack_capture(ctx, thread, bpf_get_attach_cookie(ctx));
	short_send(ctx, &out, short_read(&out, name));
	return 0;
}

SEC("uprobe")
int nt_connect_done(struct pt_regs *ctx)
{
	__u64 request = ctx->di, status = ctx->si;
	struct nt_thread *thread = thread_js();

	if (thread)
		event_plain(ctx, thread, NT_EVENT_CONNECT_DONE, 0, request, status);
	return 0;
}

SEC("uprobe")
int nt_spawn(struct pt_regs *ctx)
{
	__u64 process = ctx->si, options = ctx->dx;
	struct nt_thread *thread = thread_js();
	struct short_event out;

	if (!thread)
		return 0;
	event_begin(&out.event, thread, NT_EVENT_SPAWN);
	event_ids(&out.event, thread);
	out.event.a = process;
	out.event.c = wrap_id_of(process);
	out.event.stack = stack_capture(ctx, thread, bpf_get_attach_cookie(ctx));
	short_send(ctx, &out, short_read(&out, read_u64(options + cfg.uv_spawn_file)));
	return 0;
}
