/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The engine's inside: shared by engine.c (events and contexts), resolve.c (whose is it),
 * engine_http.c (requests) and engine_ops.c (operations); not for others.
 *
 * Ids, tokens and scopes are a thread's own; requests and operations stand in the engine.
 */
#ifndef NT_AGGREGATOR_ENGINE_STATE_H
#define NT_AGGREGATOR_ENGINE_STATE_H

#include <uthash.h>
#include <utlist.h>

#include "aggregator/arena.h"
#include "aggregator/engine.h"
#include "aggregator/op_types.h"
#include "aggregator/paged.h"
#include "aggregator/pool_watch.h"
#include "aggregator/running.h"

#define MAX_SCOPES        64
#define MAX_DONE          64 /* timers of one phase known to have run */
#define MAX_IMMEDIATES    65536
#define MAX_QUEUE         64 /* requests of a connection that wait for their responses */
#define MAX_PORT_MESSAGES 64
#define MAX_MADE          1024
#define MAX_JOBS          32 /* of a handle, that are remembered */
#define MAX_URL           2048
#define MAX_THREADS       1024
#define MAX_HOLES         32

/* Who is executing: the unit that everything is created in. */
enum context_kind {
	CONTEXT_TOP,     /* nobody: exec id 0 outside of microtasks */
	CONTEXT_ID,      /* executing id; inside a microtask with its token as fallback */
	CONTEXT_TOKEN,   /* inside the microtask registered as token; 0 = not seen registered */
	CONTEXT_BIRTH,   /* whoever ran in the gap with this serial */
	CONTEXT_UNKNOWN, /* events were lost here */
	CONTEXT_GAP,     /* whoever ran in the gap in which this id was born */
};

struct context {
	enum context_kind kind;
	uint64_t id;
	uint64_t token;
	uint64_t sight; /* number of what the stack of an operation told of closures, 0 nothing */
};

/* Answer to "whose is it": a request's serial, or 0. */
struct owner {
	uint64_t request;
	uint64_t op; /* nearest operation on the way up, 0 = the request itself */
	enum evidence evidence;
	bool is_volatile; /* may change with later events: not to be remembered */
	bool is_final;    /* "no request" for good */
	bool is_early;    /* somebody's code that had begun before we came; no request */
};

enum id_kind {
	ID_PLAIN,
	ID_TIMEOUT,
	ID_IMMEDIATE,
	ID_PROMISE /* promise hooks are on: its trigger is the promise it waits for, no creator */
};

/* An answer that was given before: whose is it. */
enum memo_kind {
	MEMO_EMPTY,
	MEMO_OWNED,
	MEMO_OWNED_FOR_NOW, /* until the thread's version changes, and not to be relied on by others */
	MEMO_NONE,          /* until the thread's version changes */
	MEMO_NONE_FINAL,
};

struct memo {
	uint64_t request;
	uint64_t op;
	uint32_t version; /* of the thread, when it was given */
	uint8_t kind;     /* enum memo_kind */
	uint8_t evidence;
	bool early;
	bool resolving; /* on the way up now: a cycle in damaged data */
};

/* What is known of one async id. */
struct id_record {
	struct context parent;        /* valid when created */
	uint64_t asof;                /* event number of its birth, when created */
	uint64_t pair;                /* trigger id seen with it, 0 none */
	const struct wrap_type *type; /* NULL: JavaScript only, or not seen being born */
	const char *wrap;             /* type name as node gives it, NULL none */
	uint64_t op;                  /* operation it stands for, 0 none */
	struct memo memo;
	uint8_t kind;             /* enum id_kind */
	uint8_t created : 1;      /* parent is exact */
	uint8_t closed : 1;       /* a handle that was closed */
	uint8_t from_object : 1;  /* the pair was read from the timer object itself */
	uint8_t has_jobs : 1;     /* see struct job_id */
	uint8_t in_microtask : 1; /* it ran within a continuation */
};

/* Kinds of what is kept beyond its pages: enum kept_kind. */
#define KEPT_KINDS 3

struct token_record {
	struct context context;
	uint64_t asof;
	uint64_t ran; /* number of the event at which its continuation ended, 0 not yet */
	struct memo memo;
};

/* Ids born between two events. */
struct gap {
	uint64_t first, last;
	struct context before; /* after the previous event */
	struct context after;  /* at this event */
	struct context pure;   /* valid when is_pure */
	uint64_t number;       /* of this event */
	uint64_t drained;      /* counter when the tick queue was last known to be empty */
	uint64_t ts;
	bool is_pure;
	bool in_phase;   /* between timers or immediates */
	uint8_t entered; /* enum nt_entered */
	bool lossy;
};

/* Events that were lost. */
struct hole {
	uint64_t number; /* of the first event after them */
	uint64_t before; /* serial of the last one before them … */
	uint64_t after;  /* … and of that first */
};

struct scope {
	uint64_t address;
	uint64_t id;
	/* of what it is in */
	bool adrift;
	bool in_microtasks;
	uint64_t token;
	uint64_t microtask_exec;
};

/* A parser is per connection: its id belongs to the request whose headers came last. */
struct parser_request {
	uint64_t number; /* event number of the headers */
	uint64_t until;  /* of the last event that is its own; 0: up to the next request */
	uint64_t request;
};

struct parser_id {
	uint64_t id; /* with its thread: each counts on its own */
	const struct engine_thread *thread;
	struct parser_request *requests; /* ring of `size`, newest at n - 1 */
	uint32_t size;
	uint32_t n;
	uint64_t closed_ns;            /* the connection is gone since then; 0 open */
	struct parser_id *prev, *next; /* of the closed ones, oldest first */
	UT_hash_handle hh;
};

/* A message between two threads, or two ports of one: whose it is, is decided where it was sent. */
struct port_message {
	uint64_t message; /* address while under way */
	struct engine_thread *sender;
	struct context context;
	uint64_t asof;   /* of the sender's events */
	uint64_t number; /* of the receiver's events: when its callback began */
	UT_hash_handle hh;
};

/* A MessagePort: its id belongs to the message received last. */
struct port_id {
	uint64_t id;
	struct engine_thread *thread;
	struct port_message messages[MAX_PORT_MESSAGES]; /* ring, newest at n - 1 */
	uint32_t n;
	UT_hash_handle hh;
};

/* A timer that will be due: that it ran is often seen by nothing else. */
struct due_timer {
	uint64_t due_ns;
	uint64_t sure_ns; /* due by then for sure */
	uint64_t op;
};

/* An immediate that was made: its id is learnt only when it runs. */
struct made_immediate {
	uint64_t number; /* of the event that showed it: the gap its id was born in */
	uint64_t op;
};

/* A connection whose data JavaScript reads, by its async id (asyncReset gives each use a new one). */
struct stream_id {
	uint64_t id; /* with its thread */
	const struct engine_thread *thread;
	uint64_t request;  /* the one that wrote so far, 0 none yet */
	bool shared;       /* several, or a writer nobody knows */
	uint64_t upgraded; /* request whose connection this was, 0 none */
	UT_hash_handle hh;
};

/* One thread that runs JavaScript, or a pool thread (then only tid, next_seq matter). */
struct engine_thread {
	uint32_t tid;
	uint32_t next_seq;
	bool seen;
	uint64_t number; /* of its events, from 1 */
	uint64_t serial; /* sequence number of the event, that never goes round */
	uint64_t last_ts;
	uint64_t heard_ts;            /* of its last event of any kind */
	bool used;                    /* threads_forget(): must stay */
	uint64_t lost_number;         /* of the first event after the last hole */
	struct hole holes[MAX_HOLES]; /* the last ones: engine_holes.c */
	uint64_t n_holes;

	struct paged ids;
	struct paged tokens;
	bool enters_resources; /* AsyncResources are entered, which shows nothing: see note_maker() */
	struct kept *kept[KEPT_KINDS]; /* engine_kept.c */
	size_t kept_bytes;
	struct begun *begun; /* engine_begun.c */
	struct asked *asked; /* engine_asked.c: by id */
	struct gap *gaps;    /* ascending */
	size_t n_gaps, cap_gaps;
	struct paged births; /* gaps by the serial of the event that ended them */
	uint32_t n_none;     /* events without ids since */
	struct paged sights;
	uint64_t n_sights;
	struct caller *callers; /* engine_callers.c */
	uint64_t n_born_tokens; /* given to continuations that the kernel side has no token for */
	uint64_t run_number;    /* of the event since which the same one executes */
	uint64_t run_sight;     /* the last one since who executes changed, 0 none */
	uint64_t born_id; /* of the resource born last, and the serial of the event that told it */
	uint64_t born_serial;
	uint32_t version; /* bumped when evidence of a remembered id improves */

	struct loop_share loop; /* engine_time.c */

	bool started;
	bool was_busy; /* when we came */
	bool lossy;    /* events were lost since the last one */
	bool adrift;   /* since a hole nothing told who executes */
	uint64_t last_counter;
	uint64_t first_counter; /* ids up to this one are older than the trace */
	struct context post;    /* who executes after the last event */
	struct scope scopes[MAX_SCOPES];
	uint32_t n_scopes;
	bool in_microtasks;
	uint64_t token;
	uint64_t microtask_exec;
	uint64_t drained;

	/* timers and immediates */
	enum nt_phase phase;
	bool first_boundary;
	uint64_t first_timer; /* of the phase that begins, as node's queue says, 0 not known … */
	uint64_t first_trigger; /* … and its trigger id */
	uint64_t next;          /* the timer that runs after this tick boundary, 0 unknown */
	uint64_t phase_counter;
	uint64_t microtask_counter;
	uint8_t boundary_tick;
	uint64_t done[MAX_DONE];
	uint32_t n_done;
	struct context *fifo; /* who made the immediates that wait; some may be unknown */
	size_t n_fifo, cap_fifo;
	struct context fifo_first;
	bool has_fifo_first;
	uint32_t immediates;

	struct due_timer *due; /* heap, the earliest first */
	size_t n_due, cap_due;
	uint32_t n_timers;  /* since those that are over were last taken out */
	uint64_t turn_ts;   /* when the first scope of this turn of the loop opened */
	uint64_t turned_ts; /* when the last immediates phase began */
	uint64_t left_ts;   /* when the last outermost scope closed */
	struct made_immediate made[MAX_MADE]; /* since the last immediates phase, or run in it */
	uint32_t n_made;
	uint32_t n_running; /* the first of them run in this phase */

	struct port_message received; /* waits for its callback's scope */
	bool has_received;

	/* HTTP */
	uint64_t read_stream;     /* whose bytes JavaScript is being given, 0 none */
	uint64_t pending_request; /* headers done, waits for its parser's scope */
	uint64_t pending_number;
	uint64_t pending_stream; /* request: the next scope tells JavaScript of its HTTP/2 stream */
	uint64_t session_id;     /* of that scope */
	uint64_t session_scope;  /* address of it while it is open, else 0 */

	struct running running;      /* engine_time.c */
	struct pool_runs *pool_runs; /* engine_fronts.c: of a thread of the pool */

	UT_hash_handle hh;
};

struct live_op {
	uint64_t id;
	struct engine_thread *thread;
	struct context context;
	uint64_t asof;
	uint64_t request; /* serial, as last resolved; 0 none */
	uint64_t parent;  /* operation id, 0 the request */
	struct op op;     /* runs and detail are on the heap until it is handed out */
	uint32_t cap_runs;
	bool open;
	bool settled; /* what told whose it is was forgotten: its owner stays */
	uint64_t key; /* thread pool work, connect request or process handle while under way */
	bool in_works;
	const char *job;             /* of the pool: what it is called, static */
	UT_hash_handle hh;           /* by id */
	UT_hash_handle work_hh;      /* by key */
	struct live_op *prev, *next; /* of its request, or of the orphans; creation order */
};

struct live_request {
	uint64_t serial;
	struct request *request; /* in its own arena */
	struct live_op *ops;     /* list */
	uint32_t n_ops;
	uint32_t n_open;
	uint64_t quiet_ns; /* when the last operation of it ended */
	struct op folded;  /* operations beyond the limit that have ended; count 0 none */
	uint32_t cap_runs;
	struct live_sample *samples; /* engine_samples.c */
	size_t n_samples, cap_samples;
	uint64_t start_counter; /* of its thread */
	uint64_t start_number;
	uint64_t start_serial;
	struct engine_thread *thread;
	uint64_t stream;    /* of its connection */
	uint64_t closed_ns; /* when the connection was that it had upgraded, 0 not known */
	bool ended;
	bool flushing; /* the kernel has not taken its last bytes */
	bool unsure;   /* … or it has: that may have been lost */
	bool upgraded; /* its connection lives on, and belongs to it */
	bool head;
	UT_hash_handle hh;
	struct live_request *prev, *next; /* creation order */
};

struct engine {
	struct engine_options options;
	struct engine_output output;
	struct totals totals;
	struct engine_thread *threads;
	struct parser_id *parsers;
	struct parser_id *closed_parsers;
	struct stream_id *streams;
	struct job_id *jobs;
	struct port_id *ports;         /* by id and thread */
	struct port_message *messages; /* under way, oldest first */
	struct connection *connections;
	struct connection *by_parser;
	struct early_stream *early;                      /* engine_early.c */
	struct http2_session *sessions, *sessions_by_uv; /* engine_http2.c */
	struct client_stream *clients;
	struct peer *peers; /* of connections older than the trace, by descriptor */
	struct open_file *files;
	struct live_request *requests;     /* by serial */
	struct live_request *request_list; /* oldest first */
	struct live_op *ops;               /* by id */
	struct live_op *works;             /* by key */
	struct live_op *orphans;           /* list: of no request, or not known yet */
	size_t n_orphans;
	struct pool_watch pool;
	uint64_t next_request;
	uint64_t next_op;
	uint64_t began; /* the first event */
	uint64_t now;
	uint64_t swept; /* when linger times were last looked at */
};

/* ---- resolve.c */

/* Whose is a context, asked as of event number `asof`. */
struct owner owner_of(struct engine *engine, struct engine_thread *thread,
		      const struct context *context, uint64_t asof);
/* The same without passing through any shared connection. */
struct owner owner_of_exact(struct engine *engine, struct engine_thread *thread,
			    const struct context *context, uint64_t asof);

/* ---- engine_ids.c */

/* Ids are kept per thread: this is the key of all tables by id. */
struct id_key {
	uint64_t id;
	const struct engine_thread *thread;
};

/* The record of an id; NULL when it was forgotten, or cannot be. */
struct id_record *id_get(struct engine_thread *thread, uint64_t id);
struct id_record *id_peek(const struct engine_thread *thread, uint64_t id);
/* The gap in which an id was born, or NULL. */
const struct gap *gap_of(const struct engine_thread *thread, uint64_t id);
/* Evidence about an id. They bump the thread's version when an answer was given before. */
void id_set_pair(struct engine_thread *thread, uint64_t id, uint64_t trigger, bool overwrite,
		 bool from_object);
void id_set_created(struct engine_thread *thread, uint64_t id, const struct context *context,
		    uint64_t asof);
struct stream_id *stream_id_find(struct engine *engine, const struct engine_thread *thread,
				 uint64_t id);
/* The record of a connection, made when it has none; NULL when memory is short. */
struct stream_id *stream_id_get(struct engine *engine, const struct engine_thread *thread,
				uint64_t id);
/* Forgets connections whose ids are smaller: nobody asks for those any more. */
void streams_forget(struct engine *engine, const struct engine_thread *thread, uint64_t below);
/* Notes a write to the connection `id` in this context. */
void stream_written(struct engine *engine, struct engine_thread *thread, uint64_t id,
		    const struct context *context);
struct port_id *port_id_find(struct engine *engine, const struct engine_thread *thread,
			     uint64_t id);
/* Forgets ids, gaps and tokens that no open request can ask for. */
void thread_forget(struct engine *engine, struct engine_thread *thread);
/* The counter stepped back: a new thread with the tid of one that ended, or damaged data. What was
 * known of its ids is forgotten; its open requests are lossy. */
void thread_restart(struct engine *engine, struct engine_thread *thread);
/* Bytes held for ids, tokens and gaps. */
size_t thread_memory(const struct engine_thread *thread);
void thread_done(struct engine_thread *thread);

/* ---- engine_ops.c */

struct live_op *op_find(struct engine *engine, uint64_t id);
void op_add_run(struct engine *engine, uint64_t request, uint64_t op, const struct span *run);
/* Folds ended operations of a request that has more than the limit. */
void ops_fold_excess(struct engine *engine, struct live_request *live);
/* Copies the operations of a finished request into it, in order, and frees them. */
int ops_hand_over(struct engine *engine, struct live_request *live);
/* Looks at operations of no request again; hands out those that stay so. */
void ops_sweep_orphans(struct engine *engine, bool all);
void ops_done(struct engine *engine);
/* Operations of the request from before event `number` learn for the last time whose they are. */
void ops_settle(struct engine *engine, struct live_request *live,
		const struct engine_thread *thread, uint64_t number);
/* A new operation created in `context` now. NULL when memory is short. */
struct live_op *op_new(struct engine *engine, struct engine_thread *thread,
		       const struct event *event, const struct context *context, const char *type,
		       const char *detail);
/* Its callback follows, and may start more: its request waits for that a while. */
void op_end(struct engine *engine, struct live_op *live, uint64_t ts);
/* The same when nothing can come of it after quiet_ns. */
void op_end_silent(struct engine *engine, struct live_op *live, uint64_t ts, uint64_t quiet_ns);
void op_bind_id(struct engine *engine, struct engine_thread *thread, struct live_op *live,
		uint64_t id);

#endif
