/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * How long a request was kept waiting in each turn of the event loop: from one look for I/O to the next. Gathered
 * while it is labelled, of the same time as its labels loop and gc, before a crowd's turns become one span.
 */
#ifndef NT_AGGREGATOR_TURN_DELAY_H
#define NT_AGGREGATOR_TURN_DELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregator/label.h"

#define TURN_DELAYS_MAX  8  /* of a request; the longest */
#define TURN_DELAY_SLOTS 16 /* culprits of one turn that are told apart */

struct history;
struct request;

struct turn_delay {
	uint64_t start_ns; /* of the turn */
	uint64_t end_ns;   /* … when is_over, else as far as the request knows of it */
	bool is_over;
	uint64_t delay_ns; /* the request was ready, and did not run */
	/* Who had most of that: as label_span.culprit, stack, busy and samples. */
	uint64_t culprit;
	uint64_t culprit_ns;
	const struct stack *stack;
	uint32_t busy;
	uint32_t samples;
};

/* Being gathered; starts as zeros. */
struct turn_delays {
	struct turn_delay kept[TURN_DELAYS_MAX];
	uint32_t n;
	uint64_t cut_ns;      /* delays in turns beyond, or of which too little is known */
	struct turn_delay at; /* the turn at hand: delay_ns 0 none */
	struct {
		struct label_span span; /* the longest of the culprit */
		uint64_t ns;            /* of all of them */
	} slots[TURN_DELAY_SLOTS];
	uint32_t n_slots;
	uint64_t least_ns; /* no slot has less */
	uint64_t rest_ns;  /* of culprits beyond */
	size_t near;       /* the poll that ends the turn, for pauses_after_near() */
};

/* Adds a span in which somebody else had the loop: within one turn, after those before it. */
void turn_delays_add(struct turn_delays *delays, const struct history *history,
		     const struct label_span *span);
/* There are no more. */
void turn_delays_close(struct turn_delays *delays);
/* Copies them into the request's arena: request->turns. Returns 0 or -ENOMEM. */
int turn_delays_copy(const struct turn_delays *delays, struct request *request);

#endif
