/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The stack an operation is started from: one copy of 16 KB, walked by frame pointers in the copy,
 * hashed. A stack that was seen before costs its hash only; a new one is sent once, with the
 * SharedFunctionInfo of each JavaScript frame (a JSFunction moves, so it is read now). Behind them
 * stand those who wait for it (async.bpf.h).
 */
#ifndef NT_BPF_STACK_BPF_H
#define NT_BPF_STACK_BPF_H

#include "bpf/async.bpf.h"
#include "bpf/closures.bpf.h"
#include "bpf/stack_copy.bpf.h"

#define STACK_BYTES (8 * STACK_COPY) /* walked at most */
#define FRAME_BELOW 64               /* bytes below fp that may tell something of the frame */

/* How the walk ended where there are more frames than are kept. */
enum stack_end {
	STACK_WHOLE = 0,
	STACK_CUT = 1,
	STACK_CUT_BEHIND = 2, /* the words of the last frame were not looked at */
};

struct stack_walk {
	struct scratch *scratch;
	__u64 start;
	__u64 base; /* address of the copy's first byte */
	__u64 len;
	__u64 pc;
	__u64 fp;
	__u64 hash;
	__u32 n;
	__u32 before; /* frames met before this copy */
	__u32 first;  /* frame at hand when the walk left the first copy; 0 it did not */
	__u32 cut;    /* enum stack_end */
	__u32 index;  /* of the one at hand, in the record */
	struct nt_thread *thread;
	__u64 callee; /* offset in the copy of the frame called by the one at hand */
	__u64 frame;  /* of the one at hand */
};

static __always_inline int is_builtin(__u64 pc)
{
	return pc - cfg.builtins_start < cfg.builtins_end - cfg.builtins_start ||
	       pc - cfg.builtins_copy_start < cfg.builtins_copy_end - cfg.builtins_copy_start;
}

static __always_inline int is_native(__u64 pc)
{
	return pc - cfg.text_start < cfg.text_end - cfg.text_start && !is_builtin(pc);
}

#define SPILLS_MAX 24
#define VALUES_MAX 128

static long stack_spill(__u32 i, struct stack_walk *walk)
{
	__u64 at = walk->callee + 16 + i * 8, word;

	if (at > walk->frame - 24)
		return 1;
	word = *(const __u64 *)(walk->scratch->stack + (at & (STACK_COPY - 8)));
	if (!is_heap(word))
		return 0;
	at = walk->frame - 32 - at;
	walk->thread->sight_function = at < 64 * 8 ? NT_SPILL(walk->index & 127, at / 8) : 0;
	sight_spill(walk->thread, word);
	return 0;
}

static long stack_value(__u32 i, struct stack_walk *walk)
{
	__u64 at = walk->callee + 16 + i * 8, word;

	if (at > walk->frame)
		return 1;
	word = *(const __u64 *)(walk->scratch->stack + (at & (STACK_COPY - 8)));
	if (is_heap(word))
		sight_value(walk->thread, word);
	return 0;
}

/* What a JavaScript frame closes over. The optimiser inlines closures: those are in its spill slots. */
static long stack_sight(__u32 i, struct stack_walk *walk)
{
	struct stack_ends *ends = &walk->scratch->ends;
	const struct js_frame *js = &ends->js[i & (JS_FRAMES - 1)];
	const char *fp = walk->scratch->stack + (js->at & (STACK_COPY - 8));

	if (i >= ends->n_js || i >= JS_FRAMES || walk->thread->n_sight >= NT_MAX_BIRTHS ||
	    js->at < 48)
		return 1;
	walk->frame = js->at;
	walk->callee = js->callee;
	walk->index = js->index;
	walk->thread->sight_frame = NT_SIGHT_FRAME;
	walk->thread->sight_first = walk->thread->n_sight;
	if (!js->is_builtin && !is_bytecode(walk->thread, *(const __u64 *)(fp - 32)))
		bpf_loop(SPILLS_MAX, stack_spill, walk, 0);
	sight_frame(walk->thread, *(const __u64 *)(fp - 8), *(const __u64 *)(fp - 16));
	if (js->at <= STACK_COPY - 24)
		receiver_note(walk->thread, ends, *(const __u64 *)(fp + 16),
			      *(const __u64 *)(fp - 16),
			      js->is_builtin ? *(const __u64 *)(fp - 32) : 0);
	return 0;
}

/*
 * The closures of the frames that were noted; not where user space knows that the ids tell. Where an
 * operation was nobody's before: whose are the values?
 */
static __always_inline void stack_closures(struct stack_walk *walk, __u64 id)
{
	struct stack_ends *ends = &walk->scratch->ends;
	struct nt_thread *thread = walk->thread;
	__u8 *verdict = bpf_map_lookup_elem(&stack_verdicts, &id);

	if (ends->n_js && (thread->sight_values || (verdict && *verdict == NT_STACK_UNOWNED))) {
		walk->callee = ends->js[0].callee;
		walk->frame = ends->js_last;
		bpf_loop(VALUES_MAX, stack_value, walk, 0);
	}
	thread->sight_values = 0;
	if (!ends->n_js || (verdict && *verdict == NT_STACK_PLAIN))
		return;
	ends->receiver = 0;
	ends->n_receivers = 0;
	bpf_loop(JS_FRAMES, stack_sight, walk, 0);
	receivers_tell(thread, ends);
}

/* Notes a JavaScript frame for that: those of what runs now, up to the first native caller. */
static __always_inline void stack_note(struct stack_walk *walk)
{
	struct stack_ends *ends = &walk->scratch->ends;
	__u32 n = ends->n_js;

	if (ends->js_over)
		return;
	ends->js_last = walk->fp - walk->base;
	if (n >= JS_FRAMES)
		return;
	ends->js[n & (JS_FRAMES - 1)] = (struct js_frame){
		.at = walk->fp - walk->base,
		.callee = walk->callee,
		.is_builtin = is_builtin(walk->pc),
		.index = walk->n - 1,
	};
	ends->n_js = n + 1;
}

/* The words below fp of a JavaScript frame. Optimised frames have spills there: only what looks like an
 * interpreted frame goes into the hash, else the same stack would hash to many values. */
static __always_inline void stack_js_words(struct stack_walk *walk, struct nt_frame *frame,
					   const char *fp)
{
	frame->kind = NT_FRAME_JS;
	walk->scratch->ends.has_js = 1;
	frame->function = *(const __u64 *)(fp - 16);
	frame->bytecode = *(const __u64 *)(fp - 32);
	frame->offset = *(const __u64 *)(fp - 40);
	if (is_heap(frame->bytecode) && !(frame->offset & 0xffffffff) && frame->offset >> 32 &&
	    !(frame->offset >> 56))
		stack_hash(&walk->hash, frame->bytecode + (frame->offset >> 32));
}

static __always_inline void stack_js_frame(struct stack_walk *walk, struct nt_frame *frame,
					   const char *fp)
{
	__u64 marker = *(const __u64 *)(fp - 8);

	if (!(marker & 1)) {
		frame->kind = NT_FRAME_TYPED;
		return;
	}
	if (cfg.closures)
		stack_note(walk);
	stack_js_words(walk, frame, fp);
}

/* A frame of this return address; what else there is to tell of it is found at fp. */
static __always_inline struct nt_frame *stack_frame(struct stack_walk *walk, __u32 n)
{
	struct nt_frame *frame = &walk->scratch->record.frames[n];

	frame->pc = walk->pc;
	frame->function = frame->bytecode = frame->offset = 0;
	frame->kind = NT_FRAME_NATIVE;
	frame->script = frame->literal = 0;
	frame->sampled = 0;
	walk->n = n + 1;
	stack_hash(&walk->hash, walk->pc);
	return frame;
}

static long stack_step(__u32 i, struct stack_walk *walk)
{
	struct nt_frame *frame;
	/* no counter of our own: the verifier would follow its values */
	__u32 n = walk->before + i + 1;
	__u64 at, next;
	const char *fp;

	if (n >= NT_STACK_MAX_FRAMES) {
		walk->cut = STACK_CUT;
		return 1;
	}
	frame = stack_frame(walk, n);
	at = walk->fp - walk->base;
	if (at > walk->len - 16) {
		walk->first = 1; /* set below: a number here would be followed */
		return 1;
	}
	at &= STACK_COPY - 1;
	fp = walk->scratch->stack + at;
	if (is_native(walk->pc))
		walk->scratch->ends.js_over |= walk->scratch->ends.n_js != 0;
	else if (at >= 48) /* a frame so near to the top is no JavaScript */
		stack_js_frame(walk, frame, fp);
	walk->callee = walk->fp - walk->base;
	next = *(const __u64 *)fp;
	walk->pc = *(const __u64 *)(fp + 8);
	if (next <= walk->fp)
		return 1;
	walk->fp = next;
	return 0;
}

/* The next copy, which starts with the frame at hand. */
static __always_inline int stack_copy_next(struct stack_walk *walk, int behind)
{
	if (walk->fp - walk->start > STACK_BYTES)
		return 1; /* also where something else is in the frame pointer */
	walk->base = walk->fp - FRAME_BELOW;
	walk->len = (__u32)stack_copy(walk->scratch, walk->base, behind);
	return walk->len < FRAME_BELOW + 16;
}

/*
 * One frame of C++ may take all of the first copy: node writes a string by way of 16 KB in such a one. Where
 * no JavaScript was met yet, the next copy takes the place of the first, and the walk begins anew in it.
 */
static __always_inline void stack_begin_anew(struct stack_walk *walk)
{
	if (!walk->first || walk->scratch->ends.has_js || stack_copy_next(walk, 0))
		return;
	walk->before = walk->n - 2;
	walk->callee = 0;
	walk->first = 0;
	bpf_loop(NT_STACK_MAX_FRAMES, stack_step, walk, 0);
}

/* The same behind the first copy, which stays as it is: what was met there is looked at later. */
static long stack_step_behind(__u32 i, struct stack_walk *walk)
{
	__u32 n = walk->first + i;
	__u64 at, next;
	const char *fp;

	if (n >= NT_STACK_MAX_FRAMES - 1) {
		walk->cut = STACK_CUT_BEHIND;
		return 1;
	}
	at = walk->fp - walk->base;
	if (at > walk->len - 16) {
		if (stack_copy_next(walk, 1))
			return 1;
		at = FRAME_BELOW;
	}
	at &= STACK_COPY - 1;
	fp = walk->scratch->behind + at;
	if (!is_native(walk->pc)) {
		if (*(const __u64 *)(fp - 8) & 1)
			stack_js_words(walk, &walk->scratch->record.frames[n], fp);
		else
			walk->scratch->record.frames[n].kind = NT_FRAME_TYPED;
	}
	next = *(const __u64 *)fp;
	walk->pc = *(const __u64 *)(fp + 8);
	if (next <= walk->fp)
		return 1;
	walk->fp = next;
	stack_frame(walk, n + 1);
	return 0;
}

/* What stays the same when a collection moves the function before user space has looked at it. */
__noinline int stack_identify(struct nt_frame *frame)
{
	__u64 script = 0, id = 0, shared;
	__u32 literal = 0;

	if (!frame || !cfg.shared_script || !cfg.shared_flags || !cfg.script_line_ends)
		return 0;
	shared = frame->function - TAG_HEAP;
	if (read_bytes(&script, sizeof(script), shared + cfg.shared_script) || !is_heap(script) ||
	    read_bytes(&literal, sizeof(literal), shared + cfg.shared_flags + 4) ||
	    read_bytes(&id, sizeof(id), script - TAG_HEAP + cfg.script_line_ends + 8) ||
	    (id & 0xffffffff))
		return 0;
	frame->script = id >> 32;
	frame->literal = literal;
	return 0;
}

/* JSFunction -> SharedFunctionInfo: the former moves at every scavenge. */
static long stack_share(__u32 i, struct stack_walk *walk)
{
	struct nt_frame *frame;
	__u64 shared = 0;

	if (i >= walk->n || i >= NT_STACK_MAX_LOGICAL)
		return 1;
	frame = &walk->scratch->record.frames[i];
	if (frame->kind == NT_FRAME_COMBINATOR)
		return 0;
	if (frame->kind == NT_FRAME_ASYNC) {
		if (is_heap(frame->function))
			stack_identify(frame);
		return 0;
	}
	if (frame->kind != NT_FRAME_JS || !cfg.js_function_shared || !is_heap(frame->function) ||
	    read_bytes(&shared, sizeof(shared),
		       frame->function - TAG_HEAP + cfg.js_function_shared) ||
	    !is_heap(shared))
		shared = 0;
	frame->function = shared;
	if (shared)
		stack_identify(frame);
	return 0;
}

/*
 * The function that a sample hit, in the middle: rbp is its frame, or that of its caller. Code of V8 that
 * makes no frame is told by a JavaScript frame though the code is a builtin's: the caller's address is on
 * top of the stack. All addresses are one behind. What JavaScript called is one frame (exits.bpf.h).
 */
static __always_inline void stack_start_sampled(struct stack_walk *walk, struct nt_frame *frame)
{
	__u64 at = walk->fp - walk->base;
	const char *fp;

	walk->pc = 0;
	frame->sampled = 1;
	if (walk->scratch->ends.left_fp) {
		walk->pc = walk->scratch->ends.left_pc;
		walk->fp = walk->scratch->ends.left_fp;
		return;
	}
	if (at < 48 || at > walk->len - 16)
		return;
	at &= STACK_COPY - 1;
	fp = walk->scratch->stack + at;
	if (is_native(frame->pc)) {
		walk->pc = *(const __u64 *)(fp + 8);
	} else if (!(*(const __u64 *)(fp - 8) & 1)) {
		frame->kind = NT_FRAME_TYPED;
		walk->pc = *(const __u64 *)(fp + 8);
	} else if (is_builtin(frame->pc)) {
		walk->pc = *(const __u64 *)walk->scratch->stack;
		return;
	} else {
		stack_js_words(walk, frame, fp);
		frame->pc++;
		walk->pc = *(const __u64 *)(fp + 8);
	}
	walk->fp = *(const __u64 *)fp;
}

/* The caller of the probed function; where its address is depends on the site. */
static __always_inline void stack_start(struct stack_walk *walk, const struct stack_ends *ends)
{
	struct nt_frame *frame = &walk->scratch->record.frames[0];

	__builtin_memset(frame, 0, sizeof(*frame));
	frame->pc = ends->ip;
	stack_hash(&walk->hash, frame->pc);
	walk->n = 1;
	walk->fp = ends->bp;
	if (ends->state == NT_FRAME_SAMPLED)
		stack_start_sampled(walk, frame);
	else if (ends->state == 0)
		walk->pc = *(const __u64 *)walk->scratch->stack;
	else if (ends->state == 1)
		walk->pc = *(const __u64 *)(walk->scratch->stack + 8);
	else
		walk->pc = 0;
}

/*
 * The walk itself, over the registers in s->ends; its id and length end there too. A global function:
 * the verifier looks at it once, not once a program. Returns whether there is a stack.
 */
__noinline int stack_walk_in(struct nt_thread *thread, struct scratch *s)
{
	struct stack_walk walk = {.scratch = s, .thread = thread};
	__u64 id;

	if (!thread || !s)
		return 0;
	walk.start = walk.base = s->ends.sp;
	walk.hash = thread->gc_epoch;
	s->ends.n_js = s->ends.js_over = s->ends.has_js = 0;
	s->ends.stack_end = thread->stack_end;
	walk.len = (__u32)stack_copy(s, walk.base, 0);
	if (walk.len < 16) {
		count(NT_COUNTER_STACK_READ);
		return 0;
	}
	stack_start(&walk, &s->ends);
	if (walk.pc)
		bpf_loop(NT_STACK_MAX_FRAMES, stack_step, &walk, 0);
	stack_begin_anew(&walk);
	if (walk.first) {
		walk.first = walk.n - 1;
		bpf_loop(NT_STACK_MAX_FRAMES, stack_step_behind, &walk, 0);
	}
	thread->stack_end = s->ends.stack_end;
	if (walk.cut) {
		count(NT_COUNTER_STACKS_CUT);
		walk.n = stack_cut(s, walk.n - (walk.cut == STACK_CUT_BEHIND));
	}
	if (cfg.stacks)
		walk.n = async_walk(thread, s, walk.n, &walk.hash);
	id = walk.hash ? walk.hash : 1;
	if (cfg.closures && s->ends.state != NT_FRAME_SAMPLED)
		stack_closures(&walk, id);
	s->ends.id = id;
	s->ends.n = walk.n;
	return 1;
}

/* What must be read now: objects move. */
__noinline int stack_share_in(struct scratch *s)
{
	struct stack_walk walk = {.scratch = s};

	if (!s)
		return 0;
	walk.n = s->ends.n;
	bpf_loop(NT_STACK_MAX_LOGICAL, stack_share, &walk, 0);
	return 0;
}

#endif
