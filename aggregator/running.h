/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a thread is doing: part of the engine's state, see engine_time.c. */
#ifndef NT_AGGREGATOR_RUNNING_H
#define NT_AGGREGATOR_RUNNING_H

#include "aggregator/history.h"
#include "aggregator/samples.h"

/* Of the turn of the loop that is going on: engine_stuck.c. */
struct turn_seen {
	uint64_t sampled_first_ns; /* the thread was on the CPU, 0 not met there */
	uint64_t sampled_ns;       /* and at last */
	const struct stack *stack; /* of the last one that tells a line of the application */
	uint32_t idle_scopes;      /* open while the loop waited: they have been left unseen */
	bool idle_microtasks;      /* and nobody saw them end before it waited */
	uint64_t idle_number;      /* of the thread's last event before it waited */
	bool lossy;                /* perhaps it is over: events were lost */
};

/* A wait of the loop that goes on, as user space has found it: engine_wait.c. */
struct loop_wait {
	uint64_t since_ns; /* 0: none is known */
	uint64_t until_ns; /* it waited still */
};

/* Data that the loop calls back for. */
struct arrival {
	uint64_t came_ns; /* 0 not known */
	bool is_new;      /* its callback has not begun */
};

struct running {
	uint64_t request; /* whose the run being gathered is, 0 nobody's */
	uint64_t op;
	uint64_t start_ns;
	uint64_t end_ns;
	bool busy;                 /* somebody's, even if nobody knows whose */
	enum label cause;          /* what the loop called back for */
	enum label scope_cause;    /* the same of the last scope of this turn */
	uint64_t came_ns;          /* when the data came that it called back for, 0 not known */
	struct arrival arrival;    /* of the callback at hand */
	const struct stack *stack; /* the last one seen in it */
	struct samples samples;    /* of it */
	struct samples unowned; /* since the last event: whoever it tells to have run till then */
	uint64_t woke_ns;       /* when this turn of the loop began, 0 not known */
	struct turn_seen turn;  /* what is known of it besides */
	struct loop_wait wait;
	struct history history;
};

#endif
