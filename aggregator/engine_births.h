/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The gaps in which closures were born, and what the stacks of operations said of them. The gaps
 * of the last events are kept as they are; of older ones, only those that an open request owns.
 */
#ifndef NT_AGGREGATOR_ENGINE_BIRTHS_H
#define NT_AGGREGATOR_ENGINE_BIRTHS_H

#include "aggregator/engine_kept.h"

#define MAX_RECEIVED \
	4 /* requests for which methods of objects of one gap are seen to run, not their own */

struct birth_record {
	struct gap gap;        /* number 0: not seen */
	bool is_none;          /* the event has no ids: it ended no gap */
	uint64_t sight_before; /* what a stack told last, in the same run */
	uint64_t sight_after;  /* what that of the event told that ended the gap */
	struct memo memo;
	struct other others[MAX_OTHERS];
	struct other
		received[MAX_RECEIVED]; /* for whom methods of objects ran that were made here */
};

/* An object whose method a frame is. */
struct sight_receiver {
	uint64_t birth;
	uint32_t before; /* index of the first birth that a frame further out told */
	uint16_t who;    /* which object, as which function */
};

/* The births that a stack told. */
struct sight_record {
	uint64_t births[NT_MAX_BIRTHS];
	uint16_t functions[NT_MAX_BIRTHS];
	struct sight_receiver receivers[NT_MAX_RECEIVERS];
	uint32_t n_receivers;
	uint32_t n;
	uint32_t kinds; /* 4 bits each: enum nt_birth, NT_SIGHT_FRAME */
	bool entered;   /* within an AsyncResource: the application says for whom it runs */
	uint64_t ts;    /* of the operation */
	uint64_t asof;  /* its event number */
	uint64_t since; /* number of the event with which this run began */
};

/* Notes the gap that ends with this event. */
void birth_note(const struct engine *engine, struct engine_thread *thread, const struct gap *gap);
/* Notes that the event just come has no ids: what was born before it is told of the next one that has. */
void birth_note_none(const struct engine *engine, struct engine_thread *thread);
/* The gap in which something was born, which the event at hand tells to be so many events ago. */
uint64_t birth_number(const struct engine_thread *thread, uint32_t age);
/* Notes what the stack of this event told, after its gap. Returns its number for struct context, 0
 * nothing. */
uint64_t sight_note(struct engine_thread *thread, const struct event *event);
/* Who executes has changed: what stacks told before says nothing of what follows. */
void sight_forget(struct engine_thread *thread);

/* Notes that a closure born in that gap, as this function (0 unknown), runs for `request`, say the ids, in the run
 * that began with event `since`. When they said another one of that run before, they know better now. */
void birth_runs_for(struct engine_thread *thread, uint64_t number, uint16_t function,
		    uint64_t request, uint64_t since);
/* Is it nobody's own: one function object that runs for several, or too many requests for any? */
bool birth_is_shared(const struct engine_thread *thread, uint64_t number, uint16_t function);

/* Forgets what is too old; of what open requests own, whose it is is kept. */
void births_forget(struct engine *engine, struct engine_thread *thread, uint64_t oldest_number);
size_t births_memory(const struct engine_thread *thread);
/* None yet. */
void births_init(struct engine_thread *thread);
void births_done(struct engine_thread *thread);

/* ---- resolve_gaps.c: whose is a gap */
struct owner birth_owner_now(struct engine *engine, struct engine_thread *thread, uint64_t number);
/* Was it made by what runs now, a little earlier? Then it says no more than the ids do. */
bool birth_is_own(const struct engine_thread *thread, const struct sight_record *sight,
		  uint64_t number, const struct context *context);
/* May a request still have had code to run at that time? */
bool request_was_alive(struct engine *engine, uint64_t serial, uint64_t ts);
/* ---- resolve_births.c */
/* Is the innermost closure that called another living request's than `request`, or may it be? */
bool sight_is_of_another(struct engine *engine, struct engine_thread *thread,
			 const struct context *context, uint64_t request);

#endif
