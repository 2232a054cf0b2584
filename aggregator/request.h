/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A finished HTTP request and the operations behind it: what the engine produces and what every
 * view, exporter and store reads.
 *
 * A request is immutable once finished. It owns all of its memory (one arena), except for stacks
 * and type names, which are interned and outlive it; request_free() releases it in one call. Times
 * are CLOCK_MONOTONIC nanoseconds. Strings are valid UTF-8 without control characters.
 *
 * Operations stand in the order of their creation; an operation's parent is the operation in whose
 * callback it was created and always stands before it.
 */
#ifndef NT_AGGREGATOR_REQUEST_H
#define NT_AGGREGATOR_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregator/label.h"
#include "aggregator/loops.h"
#include "aggregator/pool_watch.h"
#include "aggregator/protocol.h"
#include "aggregator/stack_gaps.h"
#include "aggregator/stuck_loop.h"
#include "aggregator/turn_delay.h"
#include "symbolizer/stacks.h"

/* How we know to which request something belongs, best first: the weakest link of the chain from
 * the operation up to its request. X(NAME, text) */
#define EVIDENCE(X)                   \
	X(PARSER, "exact:parser")     \
	X(TOKEN, "exact:token")       \
	X(CREATED, "exact:created")   \
	X(MESSAGE, "exact:message")   \
	X(PAIR, "exact:pair")         \
	X(OBJECT, "exact:object")     \
	X(INTERVAL, "exact:interval") \
	X(TICKS, "derived:ticks")     \
	X(STREAM, "derived:stream")   \
	X(CLOSURE, "derived:closure") \
	X(NONE, "none")               \
	X(UNKNOWN, "unknown")

enum evidence {
#define EVIDENCE_ENUM(name, text) EVIDENCE_##name,
	EVIDENCE(EVIDENCE_ENUM)
#undef EVIDENCE_ENUM
	EVIDENCE_COUNT,
};

#define OP_PARENT_REQUEST UINT32_MAX /* created by the request's own handler */

struct span {
	uint64_t start_ns;
	uint64_t end_ns;
	bool elsewhere; /* on another thread than the request's */
};

/* Flags of an operation. X(NAME, bit, text) */
#define OP_FLAGS(X)                                                                               \
	X(OPEN, 0, "open")                 /* had not ended when the request was closed */        \
	X(FAILED, 1, "failed")             /* ended with an error */                              \
	X(TRUNCATED, 2, "truncated")       /* detail was cut short */                             \
	X(FOLDED, 3, "folded")             /* stands for `count` operations beyond --max-nodes */ \
	X(END_INFERRED, 4, "end-inferred") /* a timer that was due, and showed no callback */     \
	X(INTERNAL, 5, "internal")         /* node's own, shown with --all-ops only */            \
	X(FUNCTION, 6, "function")         /* no operation: an async function, above them */      \
	X(IO_URING, 7, "io_uring")         /* the kernel did it, no thread of the pool */

enum op_flag {
#define OP_FLAG_ENUM(name, bit, text) OP_##name = 1u << (bit),
	OP_FLAGS(OP_FLAG_ENUM)
#undef OP_FLAG_ENUM
};

/* What compression counted instead of showing it (compress.h). */
struct inlined {
	uint32_t count;
	uint64_t elapsed_ns; /* their elapsed times, summed */
};

/* Of the `count` siblings that one node stands for. */
struct op_sums {
	uint64_t elapsed_ns; /* of them together; those still open count until the request's end */
	uint64_t min_ns;
	uint64_t max_ns;
	uint64_t queued_ns; /* thread pool: waited for a thread … */
	uint64_t pool_ns;   /* … and ran on one */
};

/* On a connection to another server. Times of what did not happen, or was not seen: 0. */
struct op_wire {
	uint64_t connect_ns;   /* the connection was asked for; 0: it was there already */
	uint64_t connected_ns; /* it was there */
	uint64_t agent_ns; /* it got one that an http.Agent had made it wait for since its start */
	uint64_t
		written_ns; /* the first bytes of the request were handed to the kernel or to TLS */
	uint64_t first_byte_ns; /* of the response: JavaScript is given it */
	uint64_t bytes_out;     /* cleartext, heads and framing included */
	uint64_t bytes_in;
	uint32_t round_trips; /* bytes out, then bytes in */
	uint32_t status;      /* of an HTTP response, 0 none */
};

/*
 * A job that had a thread of the pool while another one waited: the thread that the other one then got.
 * As long as both lasted.
 */
struct op_front {
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t request; /* its request's serial, 0 nobody's */
	uint64_t op;      /* op.id, 0: it is older than the trace */
	const char *job;  /* "crypto pbkdf2" …, static; NULL: it is older than the trace */
	const struct stack *stack; /* where it was submitted, NULL unknown */
};

#define OP_MAX_FRONTS 16 /* of a job; the longest */

struct op {
	uint64_t id;               /* unique within this capture */
	uint64_t async_id;         /* 0 unknown */
	const char *type;          /* "fs.stat", "timer", … static or interned, never NULL */
	const char *wrap;          /* AsyncWrap type, NULL when it has none */
	const char *detail;        /* path, host, delay …; never NULL */
	const struct stack *stack; /* where it was created, NULL unknown */
	uint64_t start_ns;
	uint64_t end_ns;    /* 0: not ended when the request was closed */
	uint64_t queued_ns; /* thread pool: submitted, taken by a thread, finished; 0 none */
	uint64_t started_ns;
	uint64_t finished_ns;
	const struct op_front *fronts; /* in front of it while it was queued, in order */
	uint32_t n_fronts;
	bool fronts_cut;   /* there were more */
	uint64_t ready_ns; /* timers: when due; 0 unknown */
	struct span *runs; /* its callbacks on the event loop, in order, not overlapping */
	uint32_t n_runs;
	uint32_t pool_tid;
	uint32_t tid;    /* whose event loop it was created on */
	uint32_t parent; /* index in request->ops, or OP_PARENT_REQUEST */
	uint32_t count; /* 1, or the number of operations this node stands for, 0 for OP_FUNCTION */
	uint32_t flags; /* enum op_flag */
	enum evidence evidence;
	const struct op_sums *sums; /* of siblings that were merged; NULL: it is one operation */
	const struct op_wire *wire; /* of merged siblings together, without times; NULL none */
	struct inlined inlined;     /* descendants that were too short to be shown */
};

/* Where a callback of an operation was, by looks at its thread now and then. */
struct cpu_sample {
	uint32_t op; /* index in request->ops, or OP_PARENT_REQUEST: the handler */
	uint32_t count;
	uint64_t ns; /* CPU time that they stand for */
	const struct stack *stack;
};

#define CPU_SAMPLES_MAX 1024 /* of a request; with what is beyond the time stays without a line */

/* Flags of a request. X(NAME, bit, text) */
#define REQUEST_FLAGS(X)                                                                      \
	X(ABORTED, 0, "aborted") /* the connection closed before the response was complete */ \
	X(PARTIAL, 1, "partial") /* was open when tracing began */                            \
	X(OPEN, 2, "open")       /* was still open when tracing ended */                      \
	X(LOSSY, 3, "lossy")     /* events were lost while it was open */                     \
	X(FOLDED, 4, "folded")   /* more operations than --max-nodes */                       \
	X(QUERY_DROPPED, 5, "query-dropped")                                                  \
	X(URL_TRUNCATED, 6, "url-truncated")                                                  \
	X(UPGRADED, 7, "upgraded")                                                            \
	X(END_APPROXIMATE, 8, "end-approximate") /* end = last write seen, framing unknown */ \
	X(UNPARSED, 9, "unparsed") /* half-sent or malformed: its headers never were complete */

enum request_flag {
#define REQUEST_FLAG_ENUM(name, bit, text) REQUEST_##name = 1u << (bit),
	REQUEST_FLAGS(REQUEST_FLAG_ENUM)
#undef REQUEST_FLAG_ENUM
};

struct around;
struct arena;

struct request {
	uint64_t id;     /* unique within this capture, from 1 */
	uint64_t serial; /* the same among those of its process: label_span.culprit is one */
	uint32_t pid;
	uint32_t tid;
	const char *method; /* static */
	const char *url;    /* path, and query when kept */
	enum protocol protocol;
	bool tls;
	uint32_t status;   /* 0 unknown or never sent */
	uint32_t flags;    /* enum request_flag */
	uint64_t start_ns; /* its bytes came, where that is known to be earlier; else as read_ns */
	uint64_t read_ns;  /* first byte of the request parsed; 0: before tracing began */
	uint64_t headers_ns; /* handler called; 0: before tracing began */
	uint64_t sent_ns;    /* last byte handed to the kernel or queued */
	uint64_t end_ns;     /* last byte with the kernel; never 0 */
	uint64_t cpu_ns;     /* its callbacks on the event loop, handler included */
	uint64_t bytes_out;  /* of the response, head included */
	struct op *ops;
	uint32_t n_ops;
	uint32_t n_ops_total;   /* n_ops plus those folded away */
	struct inlined inlined; /* the handler's own descendants that were too short to be shown */
	struct span *runs;      /* the handler's own time on the event loop */
	uint32_t n_runs;
	uint64_t
		busy_since_ns; /* of one still open: its loop is known to be in a turn since, 0 not */
	struct cpu_sample *samples; /* one for each operation and stack */
	uint32_t n_samples;
	/* The critical path, a label for each nanosecond; none when memory was short. */
	struct label_span *labels;
	uint32_t n_labels;
	const struct turn_delay *turns; /* in which it waited most, in no order */
	uint32_t n_turns;
	uint64_t turns_cut_ns;          /* waits in others */
	uint32_t n_syncs;               /* calls into the file system that blocked … */
	uint64_t sync_ns;               /* … and how long */
	uint64_t label_ns[LABEL_COUNT]; /* they sum to the duration */
	uint64_t idle_ns; /* of its thread, while it was open: the event loop waited … */
	uint64_t gc_ns;   /* … V8 collected garbage */
	uint64_t
		preempted_ns; /* of its callbacks, while another thread had the CPU: part of cpu_ns */
	const struct around *around; /* what went on around it (around.h), NULL not kept */
	size_t bytes;                /* memory it occupies */
	struct websocket *websocket; /* what its connection became by it; NULL: it did not */
	struct arena *arena;
};

/* What the event loops of all threads did. */
struct loop_totals {
	uint64_t turns;
	uint64_t idle_ns; /* they waited */
	uint64_t busy_ns; /* between two waits */
	uint64_t lag_ns;  /* the longest of those: nothing else got a turn */
	uint64_t gcs_minor;
	uint64_t gcs_major;
	uint64_t gc_minor_ns;
	uint64_t gc_major_ns;
	uint64_t syncs; /* calls into the file system that blocked */
	uint64_t sync_ns;
};

/* Totals of a capture, for the summary line and the header of the view. */
struct totals {
	uint64_t events;
	uint64_t lost;
	uint64_t requests;
	uint64_t ops;         /* given to a request */
	uint64_t ops_none;    /* belong to no request */
	uint64_t ops_unknown; /* several candidates, or no evidence: not guessed */
	uint64_t by_evidence[EVIDENCE_COUNT];
	uint64_t requests_open;
	struct loop_totals loop;
	struct loops loops; /* the same, one by one */
	struct pool_totals pool;
	struct stuck_loop stuck; /* now; the worst of all */
	uint64_t forgotten; /* connections, messages, jobs, timers dropped by a limit of ours */
	uint64_t memory;    /* bytes held for ids, tokens and the gaps between them */
	struct stack_gaps stacks; /* but for samples_left set by user/: the engine knows no more */
};

/* Adds those of another process. */
void loop_totals_add(struct loop_totals *sum, const struct loop_totals *more);

/* "exact:token" …; never NULL. */
const char *evidence_name(enum evidence evidence);
/* Why nobody knows its method and path, which are "?" then; NULL they are known. */
const char *request_unseen(const struct request *request);
/* Writes the names of the set flags, separated by `separator`, into buf. Returns its length. */
size_t request_flags_print(uint32_t flags, const char *separator, char *buf, size_t len);
size_t op_flags_print(uint32_t flags, const char *separator, char *buf, size_t len);

/* Frees a request and all it owns. NULL is fine. */
void request_free(struct request *request);

/* end - start; an operation that had not ended counts until the request's end. Never negative. */
uint64_t request_duration_ns(const struct request *request);
uint64_t op_end_ns(const struct request *request, const struct op *op);
/*
 * A timer that was not due, or not seen to run, before the response was complete: whatever it waited
 * for, it was not this. Many are guards that were cleared, which nothing shows.
 */
bool op_outlived(const struct request *request, const struct op *op);
/* A copy in the arena; NULL of NULL, and when memory is short. */
struct op_wire *op_wire_copy(struct arena *arena, const struct op_wire *wire);
/* Copies of the fronts of an operation in the arena. Returns 0 or -ENOMEM. */
int op_fronts_copy(struct arena *arena, struct op *op);
/* How many of its nodes are operations. */
uint32_t request_shown(const struct request *request);
/* Sum of the op's runs. */
uint64_t op_cpu_ns(const struct op *op);
/* From its creation to its end; of merged siblings together. */
uint64_t op_elapsed_ns(const struct request *request, const struct op *op);

#endif
