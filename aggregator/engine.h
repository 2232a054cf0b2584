/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The attribution engine: decoded events in, finished requests out.
 *
 * It knows at every moment, for every thread, which request is executing. Parents are stored and
 * owners resolved lazily, so that evidence that arrives late needs no re-owning: an operation
 * keeps the context it was created in, and asking whose it is walks up from there.
 *
 * Pure: no clock, no I/O, no threads, no globals. The same events give the same requests.
 */
#ifndef NT_AGGREGATOR_ENGINE_H
#define NT_AGGREGATOR_ENGINE_H

#include "aggregator/event.h"
#include "aggregator/request.h"
#include "bpf/config.h"

struct engine;

struct engine_options {
	uint32_t pid;
	uint64_t serial_base; /* below the first serial; engines of one process share no serials */
	uint32_t max_ops;     /* operations kept per request, more are folded */
	uint64_t linger_ns;   /* how long a finished request waits for its open operations */
	uint64_t max_memory;  /* bytes for ids, tokens and operations of all threads */
	bool internal;        /* node's own resources are operations too */
	bool keep_unowned;    /* hand operations of no request to on_unowned */
	bool around;          /* requests keep what went on around them (around.h) */
	bool no_labels;       /* nobody looks at the labels of requests: none are found */
	bool no_births;       /* no event tells of closures: who made what is not remembered */
};

/* What the engine hands out; called from engine_feed() and engine_finish(). */
struct engine_output {
	void *user;
	/* Ownership of the request moves to the callee. */
	void (*on_request)(void *user, struct request *request);
	/* An operation that belongs to no request; valid during the call only. */
	void (*on_unowned)(void *user, const struct op *op);
	/* An operation was started from this stack, and what its ids say: NT_STACK_UNOWNED nobody,
	   NT_STACK_PLAIN a request's own handler or function, 0 something between. NULL: not wanted. */
	void (*on_stack)(void *user, uint64_t stack, enum nt_stack_verdict verdict);
};

/* Returns a new engine in *ret_engine, or -ENOMEM. Free it with engine_free(). */
int engine_new(const struct engine_options *options, const struct engine_output *output,
	       struct engine **ret_engine);
void engine_free(struct engine *engine);

/* Takes the next event. Returns 0, -ENOMEM, or -EBADMSG for an event that cannot be (counted). */
int engine_feed(struct engine *engine, const struct event *event);

/* Says that the time is now `now_ns` (CLOCK_MONOTONIC) though no event came: lets requests whose
 * linger time is over go. */
void engine_tick(struct engine *engine, uint64_t now_ns);

/* Hands out everything that is still open, flagged as such. No event may follow. */
void engine_finish(struct engine *engine, uint64_t now_ns);

/* Tells for each thread the sequence number of the event since which births matter: those before belong to
 * no request that is open. */
void engine_births_since(const struct engine *engine,
			 void (*tell)(void *user, uint32_t tid, uint32_t seq), void *user);

/* How much is copied at most. */
struct engine_snapshot_limits {
	size_t max_requests;
	uint32_t max_ops; /* of all requests together */
	uint64_t min_age_ns;
};

/*
 * Writes copies of the requests that have not been handed out, oldest first, into
 * ret_requests[max_requests]. Those that have not ended end now, flagged as open. Returns how many; each
 * is the caller's, to be freed with request_free(). What is short of memory or beyond the limits is left out.
 */
size_t engine_snapshot(const struct engine *engine, const struct engine_snapshot_limits *limits,
		       struct request **ret_requests);

/* Totals so far. */
void engine_totals(const struct engine *engine, struct totals *ret_totals);

#endif
