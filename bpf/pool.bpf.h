/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Programs: thread-pool jobs, connects, child processes, messages between threads. */
#ifndef NT_BPF_POOL_BPF_H
#define NT_BPF_POOL_BPF_H

#include "bpf/started.bpf.h"
#include "bpf/stream.bpf.h"

#define SOCKADDR_MAX 28

SEC("uprobe")
int nt_work_submit(struct pt_regs *ctx)
{
	__u64 work = ctx->si, function = ctx->cx, request, path = 0;
	struct nt_thread *thread = thread_js();
	struct nt_event *event;
	struct scratch *s;

	s = thread ? started_begin(ctx, thread, NT_EVENT_WORK_SUBMIT, work) : 0;
	if (!s)
		return 0;
	event = &s->large.event;
	if (function == cfg.fs_work_function) {
		request = work - cfg.uv_fs_work;
		event->arg = NT_WORK_FS | read_u32(request + cfg.uv_fs_file) << 8;
		event->b = read_u32(request + cfg.uv_fs_type) + 1;
		event->c = wrap_id_of(request);
		path = read_u64(request + cfg.uv_fs_path);
	} else if (function == cfg.addrinfo_work_function) {
		request = work - cfg.uv_addrinfo_work;
		event->arg = NT_WORK_ADDRINFO;
		event->c = wrap_id_of(request);
		path = read_u64(request + cfg.uv_addrinfo_host);
	}
	started_send(ctx, s, path ? started_text(s, path) : 0);
	return 0;
}

#define URING_TAIL      8    /* struct uv__iou.sqtail, behind sqhead */
#define URING_ENTRY     64   /* sizeof(struct io_uring_sqe) … */
#define URING_ENTRY_FOR 0x20 /* … and its user_data: libuv's request */
#define UV_REQ_TYPE     8    /* struct uv_req_s.type, behind data */
#define UV_FS           6    /* enum uv_req_type */
#define UV_WORK_DONE    8    /* struct uv__work.done, behind work */

/* uv__iou_submit: a call into the file system goes to io_uring, not to the pool */
SEC("uprobe")
int nt_uring_submit(struct pt_regs *ctx)
{
	__u64 ring = ctx->di, request, entry, path;
	struct nt_thread *thread = thread_js();
	struct scratch *s;

	if (!thread)
		return 0;
	entry = read_u32(read_u64(ring + URING_TAIL)) & read_u32(ring + cfg.uring_mask);
	request = read_u64(read_u64(ring + cfg.uring_entries) + entry * URING_ENTRY +
			   URING_ENTRY_FOR);
	if (!request || read_u32(request + UV_REQ_TYPE) != UV_FS)
		return 0;
	s = started_begin(ctx, thread, NT_EVENT_WORK_SUBMIT, request + cfg.uv_fs_work);
	if (!s)
		return 0;
	s->large.event.arg = NT_WORK_FS_URING | read_u32(request + cfg.uv_fs_file) << 8;
	s->large.event.b = read_u32(request + cfg.uv_fs_type) + 1;
	s->large.event.c = wrap_id_of(request);
	path = read_u64(request + cfg.uv_fs_path);
	started_send(ctx, s, path ? started_text(s, path) : 0);
	return 0;
}

/* The end of either: where the pool did it, that was told by what the pool calls in the end. */
SEC("uprobe")
int nt_uring_done(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	__u64 request = ctx->di, work = request + cfg.uv_fs_work;

	if (thread && !read_u64(work + UV_WORK_DONE))
		event_plain(ctx, thread, NT_EVENT_WORK_DONE, 0, work,
			    read_u64(request + cfg.uv_fs_result));
	return 0;
}

/* Does the job read or write a whole file? */
static __always_inline enum nt_work queued_kind(__u64 job)
{
	__u64 table = cfg.read_file_job ? read_u64(job) : 0;

	if (table && table == cfg.read_file_job)
		return NT_WORK_READ_FILE;
	return table && table == cfg.write_file_job ? NT_WORK_WRITE_FILE : NT_WORK_QUEUED;
}

/* uv_queue_work of node's ThreadPoolWork: crypto, zlib, whole-file jobs */
SEC("uprobe")
int nt_queue_work(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	__u64 request = ctx->si, job = request - cfg.pool_work_req - cfg.wrap_size, path = 0;
	struct scratch *s;

	s = thread ? started_begin(ctx, thread, NT_EVENT_WORK_SUBMIT, request + cfg.uv_work_work)
		   : 0;
	if (!s)
		return 0;
	s->large.event.arg = queued_kind(job);
	s->large.event.c = read_u64(job + cfg.wrap_async_id);
	if (s->large.event.arg != NT_WORK_QUEUED)
		path = read_u64(job + cfg.file_job_path);
	started_send(ctx, s, path ? started_text(s, path) : 0);
	return 0;
}

#define UV_FS_CLOSE 2

/* A descriptor given back by a synchronous call: what it stood for must be forgotten. */
static __always_inline void sync_close(void *ctx, struct nt_thread *thread, __u64 work)
{
	__u64 request = work - cfg.uv_fs_work;

	if (read_u32(request + cfg.uv_fs_type) == UV_FS_CLOSE)
		event_plain(ctx, thread, NT_EVENT_FD_CLOSED, read_u32(request + cfg.uv_fs_file), 0,
			    0);
}

/* On a pool thread. JavaScript threads come here with synchronous calls, and some queued jobs call
 * uv__fs_work themselves: neither is a job of its own. */
SEC("uprobe")
int nt_work_start(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_any();
	__u64 cookie = bpf_get_attach_cookie(ctx), work = ctx->di;
	struct nt_event event;

	if (!thread)
		return 0;
	if (thread->env) {
		if ((cookie & 0xff) == NT_WORK_FS) {
			sync_close(ctx, thread, work);
			thread->sync_request = work - cfg.uv_fs_work;
			thread->sync_since = bpf_ktime_get_ns();
		}
		return 0;
	}
	if (thread->work) {
		thread->depth++;
		return 0;
	}
	thread->work = work;
	event_begin(ctx, &event, thread, NT_EVENT_WORK_START);
	event.a = thread->work;
	event_send(ctx, &event, sizeof(event));
	return 0;
}

/* What blocks for longer is worth a stack. */
#define SYNC_STACK_NS 1000000

/* The event loop stood still for a call into the file system. Its uv_fs_t is the caller's, still. */
static __always_inline void sync_end(struct pt_regs *ctx, struct nt_thread *thread)
{
	__u64 since = thread->sync_since, request = thread->sync_request, stack = 0, path;
	struct scratch *s;

	thread->sync_since = 0;
	s = scratch_take();
	if (!s) {
		event_plain(ctx, thread, NT_EVENT_FS_SYNC, 0, since, 0);
		return;
	}
	sight_begin(thread);
	if (bpf_ktime_get_ns() - since > SYNC_STACK_NS)
		stack = stack_capture_in(ctx, thread, s, bpf_get_attach_cookie(ctx));
	event_begin(ctx, &s->large.event, thread, NT_EVENT_FS_SYNC);
	event_ids(&s->large.event, thread);
	event_stack(&s->large.event, thread, stack);
	s->large.event.a = since;
	s->large.event.b = read_u32(request + cfg.uv_fs_type) + 1;
	path = read_u64(request + cfg.uv_fs_path);
	started_send(ctx, s, path ? started_text(s, path) : 0);
}

SEC("uprobe")
int nt_work_end(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_any();
	struct nt_event event;

	if (thread && thread->env && thread->sync_since) {
		sync_end(ctx, thread);
		return 0;
	}
	if (!thread || thread->env || !thread->work)
		return 0;
	if (thread->depth) {
		thread->depth--;
		return 0;
	}
	event_begin(ctx, &event, thread, NT_EVENT_WORK_END);
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
	else if ((bpf_get_attach_cookie(ctx) & 0xff) == NT_WORK_ADDRINFO)
		result = (__s32)read_u32(work - cfg.uv_addrinfo_work + cfg.uv_addrinfo_result);
	event_plain(ctx, thread, NT_EVENT_WORK_DONE, 0, work, result);
	return 0;
}

/* rdi = request, rsi = handle; 0 when nothing is to be sent. */
static __always_inline struct scratch *connect_begin(struct pt_regs *ctx)
{
	__u64 request = ctx->di, handle = ctx->si;
	struct nt_thread *thread = thread_js();
	struct scratch *s = thread ? started_begin(ctx, thread, NT_EVENT_CONNECT, handle) : 0;

	if (!s)
		return 0;
	s->large.event.b = request;
	s->large.event.c = wrap_id_of(request);
	return s;
}

SEC("uprobe")
int nt_tcp_connect(struct pt_regs *ctx)
{
	struct scratch *s = connect_begin(ctx);
	__u64 address = ctx->dx;

	if (!s)
		return 0;
	__builtin_memset(s->large.text, 0, SOCKADDR_MAX);
	/* a sockaddr_in is shorter, but both stand in a sockaddr_storage or on the stack */
	if (read_bytes(s->large.text, SOCKADDR_MAX, address))
		(void)read_bytes(s->large.text, 16, address);
	started_send(ctx, s, SOCKADDR_MAX);
	return 0;
}

SEC("uprobe")
int nt_pipe_connect(struct pt_regs *ctx)
{
	struct scratch *s = connect_begin(ctx);
	__u64 name = ctx->dx;

	if (!s)
		return 0;
	s->large.event.arg = 1;
	started_send(ctx, s, started_text(s, name));
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
	struct scratch *s;

	s = thread ? started_begin(ctx, thread, NT_EVENT_SPAWN, process) : 0;
	if (!s)
		return 0;
	s->large.event.c = wrap_id_of(process);
	started_send(ctx, s, started_text(s, read_u64(options + cfg.uv_spawn_file)));
	return 0;
}

/* The operation was made with its QUERYWRAP: no stack here. */
SEC("uprobe")
int nt_dns_query(struct pt_regs *ctx)
{
	__u64 name = ctx->si, type = ctx->cx;
	struct nt_thread *thread = thread_js();
	struct scratch *s = thread ? scratch_take() : 0;

	if (!s)
		return 0;
	event_begin(ctx, &s->large.event, thread, NT_EVENT_DNS_QUERY);
	event_ids(&s->large.event, thread);
	s->large.event.arg = type;
	started_send(ctx, s, started_text(s, name));
	return 0;
}

/* MessagePortData::AddToIncomingQueue runs on the sender's thread, inside postMessage */
SEC("uprobe")
int nt_port_post(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	__u64 message = ctx->si;
	struct scratch *s;

	if (!thread)
		return 0;
	thread->sight_values = 1; /* messages are data: pools of workers queue no closures */
	s = started_begin(ctx, thread, NT_EVENT_PORT_POST, read_u64(message));
	if (s)
		started_send(ctx, s, 0);
	return 0;
}

SEC("uprobe")
int nt_port_receive(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_of_env(ctx->si);

	if (thread)
		event_plain(ctx, thread, NT_EVENT_PORT_RECEIVE, 0, ctx->di, 0);
	return 0;
}

#endif
