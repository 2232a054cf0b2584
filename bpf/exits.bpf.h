/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * How JavaScript was left for what it called: C++ keeps its frames apart, but libc, the vdso, assembly
 * and code of regular expressions do not, and no walk of frame pointers comes back from there. V8 must come
 * back too: to look for objects. So the isolate knows the frame by which JavaScript was left.
 *
 * A stub that calls C++ writes the frame pointer of its own frame there and clears it when that returns or
 * throws; who enters JavaScript clears it for as long. Deoptimisation leaves a frame of JavaScript's
 * behind, which has another shape.
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/builtins/x64/builtins-x64.cc: Generate_CEntry,
 * Generate_JSEntryVariant, Generate_DeoptimizationEntry
 *
 * Quick calls have no such frame: the caller's is written, with an address in its code.
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/codegen/x64/macro-assembler-x64.cc: CallCFunction
 */
#ifndef NT_BPF_EXITS_BPF_H
#define NT_BPF_EXITS_BPF_H

#include "bpf/stack.bpf.h"

#define MAX_FRAME_TYPE 64 /* V8 has some 30 */

/* What is around the frame pointer of a stub.
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/execution/frame-constants.h: ExitFrameConstants */
struct exit_frame {
	__u64 sp;   /* when it called */
	__u64 type; /* twice the number of the type of the frame */
	__u64 fp;   /* of who called the stub … */
	__u64 pc;   /* … and the address there */
};

/* A frame that is alive while the thread is at sp. */
static __always_inline int is_above(__u64 fp, __u64 sp)
{
	return fp > sp && !(fp & 7);
}

/* The frame of a stub. Returns where it is, 0 there is none. */
static __always_inline __u64 exit_slow(__u64 isolate, struct stack_ends *ends)
{
	struct exit_frame frame;
	__u64 at;

	if (!cfg.exit_frame)
		return 0;
	at = read_u64(isolate + cfg.exit_frame);
	if (!is_above(at, ends->sp) || read_bytes(&frame, sizeof(frame), at - 16) ||
	    frame.sp < ends->sp || frame.sp >= at || frame.type & 1 ||
	    frame.type >= 2 * MAX_FRAME_TYPE || !is_above(frame.fp, at) || is_native(frame.pc))
		return 0;
	ends->left_fp = frame.fp;
	ends->left_pc = frame.pc;
	return at;
}

/* A quick call, in what the stub called if it called one. */
static __always_inline void exit_fast(__u64 isolate, struct stack_ends *ends, __u64 slow)
{
	__u64 at, pc;

	if (!cfg.fast_call_frame)
		return;
	at = read_u64(isolate + cfg.fast_call_frame);
	if (!is_above(at, ends->sp) || (slow && at > slow))
		return;
	pc = read_u64(isolate + cfg.fast_call_pc);
	if (!pc || is_native(pc))
		return;
	ends->left_fp = at;
	ends->left_pc = pc + 1; /* like all others: one behind */
}

/* Notes where the walk is to go on, where the thread is in something that JavaScript called. */
__noinline int exit_find(struct nt_thread *thread, struct scratch *s)
{
	__u64 isolate;

	if (!thread || !s)
		return 0;
	s->ends.left_fp = 0;
	if (!cfg.env_isolate || is_builtin(s->ends.ip))
		return 0;
	isolate = read_u64(thread->env + cfg.env_isolate);
	if (isolate)
		exit_fast(isolate, &s->ends, exit_slow(isolate, &s->ends));
	if (!s->ends.left_fp)
		return 0;
	s->ends.sp = s->ends.left_fp - FRAME_BELOW;
	return 1;
}

#endif
