/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What one thread that runs JavaScript did: who ran when, when its event loop waited, when V8
 * collected. Bounded: of each it keeps the newest HISTORY_MAX, and tells from when on it is whole.
 * All are added in the order of time; what comes too early is cut to the end of the one before.
 */
#ifndef NT_AGGREGATOR_HISTORY_H
#define NT_AGGREGATOR_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregator/label.h"

#define HISTORY_MAX 65536

/* Somebody ran, without a break. */
struct stretch {
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t request;          /* whose, 0 nobody's */
	const struct stack *stack; /* where it was most, else the last one seen in it, NULL none */
	uint32_t samples;          /* looks that found it there, 0: seen otherwise */
	/* What the loop called back for, as far as the outermost callback tells: what its wait was. */
	enum label cause;
	uint64_t came_ns; /* when the data came that it called back for, 0 not known */
};

/* The event loop waited, or looked for I/O without (start = end), or V8 collected. */
struct pause {
	uint64_t start_ns;
	uint64_t end_ns;
	bool major; /* a collection of all of the heap */
};

struct stretches {
	struct stretch *items; /* ring */
	size_t n, capacity;
	uint64_t added;
};

struct pauses {
	struct pause *items; /* ring */
	size_t n, capacity;
	uint64_t added;
};

struct history {
	struct stretches ran;
	struct pauses polls;
	struct pauses collections;
	struct pauses preempted; /* ready, while another thread had the CPU */
};

/* Returns 0 or -ENOMEM. */
int history_ran(struct history *history, const struct stretch *stretch);
/* What the request ran since `since_ns` without having been seen, was at this place too: the last few. */
void history_place(struct history *history, uint64_t request, uint64_t since_ns,
		   const struct stack *stack);
int history_polled(struct history *history, uint64_t start_ns, uint64_t end_ns);
int history_collected(struct history *history, uint64_t start_ns, uint64_t end_ns);
int history_collected_all(struct history *history, uint64_t start_ns, uint64_t end_ns);
int history_preempted(struct history *history, uint64_t start_ns, uint64_t end_ns);
void history_done(struct history *history);

/* Number of those kept, and the i-th of them, oldest first. */
const struct stretch *history_stretch(const struct history *history, size_t i);
const struct pause *pauses_at(const struct pauses *pauses, size_t i);

/* Index of the first that ends behind ts; n when there is none. */
size_t history_stretch_after(const struct history *history, uint64_t ts);
size_t pauses_after(const struct pauses *pauses, uint64_t ts);
/* The same, sooner for who asks for one moment after the other: *near is what it said last, at first 0. */
size_t pauses_after_near(const struct pauses *pauses, uint64_t ts, size_t *near);

/* End of the last look for I/O at or before ts: when the loop learnt what it then ran; 0 not known. */
uint64_t history_woke(const struct history *history, uint64_t ts);
/* End of the last look for I/O at or before ts that waited; `from` when there was none since then. A loop
 * does not wait while something is ready to run: what it runs at ts was not, before. */
uint64_t history_waited(const struct history *history, uint64_t from, uint64_t ts);
/* The same of the last one that found nothing ready at first: what the loop runs at ts has become ready
 * since. */
uint64_t history_found_nothing(const struct history *history, uint64_t from, uint64_t ts);
/* When the data came that the callback at ts was for, 0 not known. */
uint64_t history_came(const struct history *history, uint64_t ts);
/* Did the callback at ts belong to a timer? */
bool history_runs_timers(const struct history *history, uint64_t ts);
/* The pauses of a thread between two moments, summed. */
uint64_t pauses_sum(const struct pauses *pauses, uint64_t start_ns, uint64_t end_ns);

#endif
