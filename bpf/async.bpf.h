/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Who waits for the code that runs now: the logical stack below the physical one.
 *
 * The way is the one that V8 goes for the "async" frames of Error.stack: from the microtask that
 * runs to the promise that its function settles, to the only reaction of that promise, to the async
 * function that waits in it, and so on. Reactions are gone once they have run, so all of it is read
 * while it runs. Every object is asked for its type before anything in it is believed.
 *
 * Functions that are not static are verified once for each program, and not once for each way to them.
 *
 * https://github.com/nodejs/node/blob/v22.23.3/deps/v8/src/execution/isolate.cc:
 * CaptureAsyncStackTrace
 */
#ifndef NT_BPF_ASYNC_BPF_H
#define NT_BPF_ASYNC_BPF_H

#include "bpf/thread.bpf.h"

#define ASYNC_STEPS 32 /* promises looked at; not all of them are frames */

/* status in the flags of a promise */
#define PROMISE_STATUS  3
#define PROMISE_PENDING 0

static __always_inline void stack_hash(__u64 *hash, __u64 value)
{
	*hash = (*hash ^ value) * 0x9E3779B97F4A7C15ULL;
	*hash ^= *hash >> 29;
}

/* Copies an object up to and including its field `last`. */
__noinline int object_load(struct async_state *state, __u64 object, __u32 last)
{
	__u32 size = (last + 8) & (SCRATCH_OBJECT - 1);

	if (!state || !is_heap(object))
		return -1;
	if (!read_bytes(state->object, size, object - TAG_HEAP))
		return 0;
	count(NT_COUNTER_READ_OBJECT);
	return -1;
}

static __always_inline __u64 object_field(const struct async_state *state, __u32 offset)
{
	return *(const __u64 *)(state->object + (offset & (SCRATCH_OBJECT - 8)));
}

/* Is the loaded object of one of these types? All objects of a kind have few maps: the last one is
 * remembered, until a collection may have moved it. */
__noinline int object_is(struct nt_thread *thread, struct async_state *state, __u32 kind,
			 __u32 first, __u32 last)
{
	__u64 map;
	__u16 type;

	if (!thread || !state || kind >= NT_MAP_COUNT)
		return 0;
	map = object_field(state, 0);
	if (map && map == thread->maps[kind])
		return 1;
	if (!first || !is_heap(map))
		return 0;
	type = read_u16(map - TAG_HEAP + cfg.map_instance_type);
	if (type < first || type > last)
		return 0; /* often: it may be of several kinds */
	thread->maps[kind] = map;
	return 1;
}

/* Says in frame n that there were more; returns how many frames there are then. */
__noinline __u32 stack_cut(struct scratch *scratch, __u32 n)
{
	struct nt_frame *frame;

	if (!scratch || n >= NT_STACK_MAX_LOGICAL)
		return n;
	frame = &scratch->record.frames[n];
	__builtin_memset(frame, 0, sizeof(*frame));
	frame->kind = NT_FRAME_CUT;
	return n + 1;
}

__noinline int async_frame(struct scratch *scratch, __u32 kind, __u64 shared, __u64 offset)
{
	struct nt_frame *frame;
	__u64 n;

	if (!scratch)
		return 0;
	n = scratch->async.n_frames;
	if (n >= NT_STACK_MAX_LOGICAL || n >= scratch->async.n_physical + NT_STACK_MAX_ASYNC) {
		count(NT_COUNTER_WAITERS_CUT);
		if (!scratch->async.is_full)
			scratch->async.n_frames = stack_cut(scratch, n);
		scratch->async.is_full = 1;
		return 0;
	}
	frame = &scratch->record.frames[n];
	__builtin_memset(frame, 0, sizeof(*frame));
	frame->function = shared;
	frame->offset = offset;
	frame->kind = kind;
	scratch->async.n_frames = n + 1;
	stack_hash(&scratch->async.hash, shared + (offset >> 32) + kind);
	return 0;
}

/* The promise of the first in the queue of an async generator. */
static __always_inline __u64 request_promise(struct nt_thread *thread, struct async_state *state,
					     __u64 request)
{
	if (object_load(state, request, cfg.request_promise) ||
	    !object_is(thread, state, NT_MAP_REQUEST, cfg.types_request, cfg.types_request))
		return 0;
	return object_field(state, cfg.request_promise);
}

/* From a generator to the promise that waits for it; with a frame when it is suspended. */
__noinline __u64 async_generator(struct nt_thread *thread, struct scratch *scratch, __u64 generator,
				 __u32 is_running)
{
	struct async_state *state;
	__u64 function, next, shared = 0;
	int is_function;

	if (!thread || !scratch)
		return 0;
	state = &scratch->async;
	if (object_load(state, generator, cfg.generator_promise))
		return 0;
	is_function = object_is(thread, state, NT_MAP_ASYNC_FUNCTION, cfg.types_async_function,
				cfg.types_async_function);
	if (!is_function && !object_is(thread, state, NT_MAP_ASYNC_GENERATOR,
				       cfg.types_async_generator, cfg.types_async_generator))
		return 0;
	function = object_field(state, cfg.generator_function);
	next = object_field(state, cfg.generator_promise);
	if (is_running) {
		if (object_field(state, cfg.generator_state) >> 32 != cfg.generator_running)
			return 0;
	} else {
		if (is_heap(function))
			shared = read_field(function, cfg.js_function_shared);
		async_frame(scratch, NT_FRAME_ASYNC, shared,
			    object_field(state, cfg.generator_position));
	}
	return is_function ? next : request_promise(thread, state, next);
}

/* Reads a function that handles a promise; nothing of undefined. */
__noinline int handler_read(struct async_state *state, __u64 function, __u64 undefined,
			    __u32 is_reject)
{
	struct async_handler *handler;

	if (!state)
		return -1;
	handler = &state->fulfill;
	if (is_reject)
		handler = &state->reject;
	handler->shared = handler->context = handler->builtin = 0;
	if (function == undefined || object_load(state, function, cfg.js_function_context))
		return -1;
	handler->shared = object_field(state, cfg.js_function_shared);
	handler->context = object_field(state, cfg.js_function_context);
	handler->hash = object_field(state, cfg.receiver_hash);
	return 0;
}

/* Fills in which builtin it is, when it is one. */
static __always_inline void handler_identify(struct async_handler *handler)
{
	__u64 data = 1;

	if (is_heap(handler->shared) && cfg.shared_builtin)
		data = read_field(handler->shared, cfg.shared_builtin);
	if (!(data & 0xffffffff))
		handler->builtin = data >> 32;
}

/* The generator of a handler that resumes one, else 0. */
static __always_inline __u64 awaiting(struct nt_thread *thread, struct async_state *state,
				      __u64 context)
{
	if (object_load(state, context, cfg.context_slots) ||
	    !object_is(thread, state, NT_MAP_AWAIT, cfg.types_context_first,
		       cfg.types_context_first))
		return 0;
	return object_field(state, cfg.context_slots);
}

/* What is settled when a reaction has run: a promise, the capability of one, or nothing. */
__noinline __u64 promise_of(struct nt_thread *thread, struct async_state *state, __u64 word)
{
	if (!thread || !state || object_load(state, word, cfg.capability_promise))
		return 0;
	if (object_is(thread, state, NT_MAP_PROMISE, cfg.types_promise, cfg.types_promise))
		return word;
	if (object_is(thread, state, NT_MAP_CAPABILITY, cfg.types_capability, cfg.types_capability))
		return object_field(state, cfg.capability_promise);
	return 0;
}

/* Promise.all() and the like: their handlers share a context, in its second slot the capability. */
static __always_inline __u64 combinator(struct nt_thread *thread, struct scratch *scratch,
					const struct async_handler *handler)
{
	async_frame(scratch, NT_FRAME_COMBINATOR, handler->builtin, handler->hash);
	if (!is_heap(handler->context))
		return 0;
	return promise_of(thread, &scratch->async,
			  read_field(handler->context, cfg.context_slots + 8));
}

/* What a reaction leads to: the promise that is settled when it has run. The order is V8's. */
static __always_inline __u64 reaction_follow(struct nt_thread *thread, struct scratch *scratch,
					     __u64 fulfill, __u64 reject, __u64 promise)
{
	struct async_state *state = &scratch->async;
	struct async_handler *on_fulfill = &state->fulfill, *on_reject = &state->reject;
	__u64 generator;

	if (!handler_read(state, fulfill, thread->undefined, 0)) {
		generator = awaiting(thread, state, on_fulfill->context);
		if (generator)
			return async_generator(thread, scratch, generator, 0);
		handler_identify(on_fulfill);
	}
	if (on_fulfill->builtin && (on_fulfill->builtin == cfg.builtin_all ||
				    on_fulfill->builtin == cfg.builtin_all_settled))
		return combinator(thread, scratch, on_fulfill);
	if (!handler_read(state, reject, thread->undefined, 1))
		handler_identify(on_reject);
	if (on_reject->builtin && on_reject->builtin == cfg.builtin_any)
		return combinator(thread, scratch, on_reject);
	if (on_fulfill->builtin && on_fulfill->builtin == cfg.builtin_resolve &&
	    is_heap(on_fulfill->context))
		return read_field(on_fulfill->context, cfg.context_slots);
	return promise_of(thread, state, promise);
}

/* The only reaction of the promise, when it is pending and has just one. Returns the next promise. */
__noinline __u64 promise_follow(struct nt_thread *thread, struct scratch *scratch, __u64 promise)
{
	struct async_state *state;
	__u64 reaction;

	if (!thread || !scratch)
		return 0;
	state = &scratch->async;
	if (object_load(state, promise, cfg.promise_flags) ||
	    !object_is(thread, state, NT_MAP_PROMISE, cfg.types_promise, cfg.types_promise) ||
	    (object_field(state, cfg.promise_flags) >> 32 & PROMISE_STATUS) != PROMISE_PENDING)
		return 0;
	reaction = object_field(state, cfg.promise_reactions);
	if (object_load(state, reaction, cfg.reaction_promise) ||
	    !object_is(thread, state, NT_MAP_REACTION, cfg.types_reaction, cfg.types_reaction) ||
	    object_field(state, cfg.reaction_next) & 0xffffffff)
		return 0;
	return reaction_follow(thread, scratch, object_field(state, cfg.reaction_fulfill),
			       object_field(state, cfg.reaction_reject),
			       object_field(state, cfg.reaction_promise));
}

/* Where the way begins: the promise that what runs in this microtask settles, 0 none. */
__noinline __u64 async_first(struct nt_thread *thread, struct scratch *scratch)
{
	struct async_state *state;
	__u64 task, next, generator;

	if (!thread || !scratch)
		return 0;
	state = &scratch->async;
	task = read_u64(thread->root + cfg.root_microtask);
	if (task == thread->undefined || object_load(state, task, cfg.task_promise))
		return 0;
	if (object_is(thread, state, NT_MAP_THENABLE, cfg.types_task_thenable,
		      cfg.types_task_thenable))
		return object_field(state, cfg.microtask_payload);
	if (!object_is(thread, state, NT_MAP_TASK, cfg.types_task_first, cfg.types_task_last))
		return 0;
	next = object_field(state, cfg.task_promise);
	if (!handler_read(state, object_field(state, cfg.task_handler), thread->undefined, 0)) {
		generator = awaiting(thread, state, state->fulfill.context);
		if (generator)
			return async_generator(thread, scratch, generator, 1);
	}
	return next == thread->undefined ? 0 : next;
}

struct async_walk {
	struct nt_thread *thread;
	struct scratch *scratch;
};

static long async_step(__u32 i, struct async_walk *walk)
{
	struct async_state *state = &walk->scratch->async;

	state->promise = promise_follow(walk->thread, walk->scratch, state->promise);
	return !state->promise || state->is_full;
}

/* Appends those who wait to the n frames in the scratch buffer; they take part in the hash. Returns
 * the number of frames then. */
static __always_inline __u32 async_walk(struct nt_thread *thread, struct scratch *scratch, __u32 n,
					__u64 *hash)
{
	struct async_walk walk = {.thread = thread, .scratch = scratch};
	struct async_state *state = &scratch->async;

	if (!thread->root || !cfg.root_microtask)
		return n;
	state->n_frames = state->n_physical = n;
	state->is_full = 0;
	state->hash = *hash;
	state->promise = async_first(thread, scratch);
	if (!state->promise)
		return n; /* nothing runs that anyone can wait for */
	count(NT_COUNTER_WAITERS);
	bpf_loop(ASYNC_STEPS, async_step, &walk, 0);
	*hash = state->hash;
	return state->n_frames;
}

#endif
