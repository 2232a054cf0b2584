/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * One decoded event: the engine's input, and what a recording holds.
 *
 * aggregator/decode.c makes it from the kernel's struct nt_event: async ids become integers, HTTP
 * heads are parsed and forgotten (no header value, no query string unless asked for goes further),
 * stack ids become resolved stacks. Fields keep the names of bpf/event.h; where a kind carries
 * something decoded, it stands in the union-like fields at the end.
 */
#ifndef NT_AGGREGATOR_EVENT_H
#define NT_AGGREGATOR_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/event.h"
#include "symbolizer/stacks.h"

#define EVENT_MAX_CANDIDATES NT_MAX_TICKS /* timers on a stack are fewer */

/* A timer or immediate that BPF saw on the stack, or a tick in the queue. */
struct timer_candidate {
	uint64_t id;
	uint64_t trigger;
};

enum body_framing {
	BODY_UNKNOWN, /* the head was cut short before it told */
	BODY_NONE,    /* status or method forbid a body */
	BODY_LENGTH,  /* content-length */
	BODY_CHUNKED,
	BODY_UNTIL_CLOSE,
};

struct event {
	uint64_t ts;
	uint32_t tid;
	uint32_t seq;
	enum nt_event_kind kind;
	uint32_t arg;
	bool has_ids;
	uint8_t tick;
	uint8_t entered; /* enum nt_entered */
	uint32_t immediates;
	uint64_t exec;
	uint64_t trigger;
	uint64_t counter;
	const struct stack *stack; /* NULL none */
	uint64_t stack_id;         /* as BPF hashed it, one of several of the stack; 0 none */
	uint64_t a;
	uint64_t b;
	uint64_t c; /* an async id is an integer here */
	/* sanitized text, NUL-terminated, valid UTF-8; lives until the next event is decoded */
	const char *text;
	uint32_t text_len;

	/* STREAM_WRITE with a head: text = "GET http://host/path" of a request head, else "" */
	uint32_t status;           /* of a response head */
	enum body_framing framing; /* of a response head */
	uint64_t content_length;   /* BODY_LENGTH */
	uint32_t head_length;      /* bytes of the head in the first buffer, 0 when cut short */

	/* events with a stack: how many events ago the gaps ended in which the contexts of the
	   calling closures were born, innermost first */
	uint32_t n_births;
	uint32_t birth_kinds; /* 4 bits each: enum nt_birth, NT_SIGHT_FRAME */
	uint32_t births[NT_MAX_BIRTHS];
	uint16_t birth_functions[NT_MAX_BIRTHS]; /* which function object; 0 unknown */

	/* TICK_BOUNDARY, SCOPE_CLOSE */
	uint32_t n_candidates;
	struct timer_candidate candidates[EVENT_MAX_CANDIDATES];
};

#endif
