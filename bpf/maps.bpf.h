/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Configuration, maps, counters and scratch buffers. Sizes marked (user) are set before loading. */
#ifndef NT_BPF_MAPS_BPF_H
#define NT_BPF_MAPS_BPF_H

#include "vmlinux/vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/config.h"
#include "bpf/event.h"

#define STACK_COPY      16384
#define WRITE_BUFFERS   32
#define SCAN_WORDS      112
#define SCRATCH_PER_CPU 4
#define SCRATCH_OBJECT  128 /* of a heap object, read at once; a power of two */

const volatile struct nt_config cfg = {};

struct token {
	__u64 value;
	__u32 tid;
	__u32 life; /* of the thread, as in struct nt_thread: only its collections move the key */
};

struct uv_buf {
	__u64 base;
	__u64 len;
};

struct stack_record {
	struct nt_event event;
	struct nt_frame frames[NT_STACK_MAX_LOGICAL];
};

struct large_event {
	struct nt_event event;
	char text[NT_TEXT_MAX * 2]; /* twice: the verifier bounds a read by a mask */
};

/* With all of a long head. */
struct head_event {
	struct nt_event event;
	char text[NT_HEAD_MAX + 64]; /* it is searched in steps */
};

/* The search of one allocation range for contexts; here, since the verifier follows no map's values. */
struct birth_scan {
	__u64 start; /* of the chunk */
	__u64 left;  /* bytes of the range */
	__u32 words; /* of the chunk */
	__u32 seq;
	__u32 bytes; /* searched so far */
	__u32 since; /* births of events before this one do not matter */
};

/* A function of the promise machinery. */
struct async_handler {
	__u64 shared;
	__u64 context;
	__u64 hash;    /* of its identity: says which element of Promise.all() it is for */
	__u64 builtin; /* its number, 0 none */
};

/* See async.bpf.h. */
struct async_state {
	__u64 promise; /* the next one, 0 none */
	__u64 hash;
	__u64 n_frames;   /* in the record … */
	__u64 n_physical; /* … of them the physical ones */
	__u64 is_full;
	struct async_handler fulfill;
	struct async_handler reject;
	char object[SCRATCH_OBJECT]; /* the one loaded last */
};

#define JS_FRAMES 16

/* Where a frame is in the copy of the stack. */
struct js_frame {
	__u32 at;
	__u32 callee; /* the frame that it called */
	__u32 is_builtin;
	__u32 index; /* in the record */
};

/* Registers that a walk starts from, and what it found: arguments of a function that the verifier looks
 * at once, for all programs. */
struct stack_ends {
	__u64 ip;
	__u64 sp;
	__u64 bp;
	__u64 left_fp;   /* of a sample: the frame that the walk goes on with, and the … */
	__u64 left_pc;   /* … address there; fp 0: the walk starts from bp */
	__u64 id;        /* out */
	__u64 stack_end; /* of the thread, as in struct nt_thread; in and out */
	__u32 state;     /* of the caller's frame: NT_COOKIE_FRAME */
	__u32 n;         /* out: frames */

	/* JavaScript frames of what runs now, innermost first */
	__u32 n_js;
	__u32 js_over; /* the frames at hand belong to what called it */
	__u32 js_last; /* offset of the outermost, noted here or not */
	__u32 has_js;  /* a frame is JavaScript's */
	struct js_frame js[JS_FRAMES];
	__u64 receiver; /* the last that was looked at */
	__u32 n_receivers;
	__u32 receivers[NT_MAX_RECEIVERS]; /* their births … */
	__u16 received[NT_MAX_RECEIVERS];  /* … NT_RECEIVER */
};

/*
 * Working memory that does not fit on the BPF stack. A program may be preempted by another thread's
 * program on the same CPU, so a buffer is taken and given back, never assumed free.
 */
struct scratch {
	__u32 busy;
	__u32 any; /* any_u32() */
	struct stack_ends ends;
	struct birth_scan scan;
	struct large_event large;
	struct uv_buf buffers[WRITE_BUFFERS];
	__u64 words[SCAN_WORDS];
	struct async_state async;
	struct stack_record record;
	char stack[STACK_COPY + 128];
	union {
		char behind[STACK_COPY + 128]; /* what lies behind that */
		struct head_event whole;
	};
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 32 << 20); /* (user) */
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct nt_thread);
} threads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NT_COUNTER_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256); /* (user) CPUs * SCRATCH_PER_CPU */
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

/* Walked at every scavenge, some 15 ns a bucket: small. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct token);
} tokens_young SEC(".maps");

/* Objects in old space; walked at mark-compacts only. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct token);
} tokens_old SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u8);
} stack_seen SEC(".maps");

/* What user space has learnt of operations with that stack: enum nt_stack_verdict. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u8);
} stack_verdicts SEC(".maps");

/* By uv_stream_t, or llhttp_t where that is not known: in the middle of a url whose query string is being dropped. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u8);
} query_cut SEC(".maps");

/* What a call site of GetNow is known to be: see timers.bpf.h. */
struct timer_site {
	__u32 slot;   /* word of the stack that held the Timeout last time */
	__u32 misses; /* in a row */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct timer_site);
} timer_sites SEC(".maps");

static __always_inline void count(enum nt_counter counter)
{
	__u32 key = counter;
	__u64 *value = bpf_map_lookup_elem(&counters, &key);

	if (value)
		(*value)++;
}

static __always_inline struct scratch *scratch_take(void)
{
	__u32 first = bpf_get_smp_processor_id() * SCRATCH_PER_CPU;

#pragma unroll
	for (int i = 0; i < SCRATCH_PER_CPU; i++) {
		__u32 key = first + i;
		struct scratch *s = bpf_map_lookup_elem(&scratch, &key);

		if (s && __sync_val_compare_and_swap(&s->busy, 0, 1) == 0)
			return s;
	}
	count(NT_COUNTER_SCRATCH_BUSY);
	return 0;
}

static __always_inline void scratch_give(struct scratch *s)
{
	__sync_lock_test_and_set(&s->busy, 0);
}

/* The same number, of which the verifier knows nothing: it looks at what follows once, and not for each
 * value that it can have. */
static __always_inline __u32 any_u32(struct scratch *s, __u32 number)
{
	volatile __u32 *at = &s->any;

	*at = number;
	return *at;
}

#endif
