/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Programs: continuations of promises and microtasks, and the collections that move them. */
#ifndef NT_BPF_PROMISES_BPF_H
#define NT_BPF_PROMISES_BPF_H

#include "bpf/closures.bpf.h"
#include "bpf/rekey.bpf.h"

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
	thread->root = ctx->r13;
	undefined = undefined_of(ctx, thread);
	if (result != undefined)
		token_run(ctx, thread, result, NT_TOKEN_REACTION);
	else if (handler != undefined)
		token_run(ctx, thread, read_field(handler, cfg.js_function_context),
			  NT_TOKEN_REACTION);
	else
		event_token(ctx, thread, NT_EVENT_TOKEN_RUN, NT_TOKEN_REACTION, 0, BIRTH_UNKNOWN);
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
int nt_gc_begin(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread && cfg.closures)
		births_keep(thread);
	return 0;
}

SEC("uprobe")
int nt_gc_marked(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (thread)
		tokens_bury(thread);
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

#endif
