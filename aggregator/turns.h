/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The turns of event loops in which requests lost most: who had the loop, and whom it kept waiting.
 *
 * The victims of a turn are handed out one after the other, so more turns are kept than are asked for. When
 * there are too many, the one with the least delay goes, and is counted; those added to last stay.
 */
#ifndef NT_AGGREGATOR_TURNS_H
#define NT_AGGREGATOR_TURNS_H

#include "aggregator/blame.h"

#define TURNS_KEPT   256
#define TURN_VICTIMS 8 /* that are told one by one: the longest */

struct turn_victim {
	uint64_t serial;   /* of the request, in its process */
	const char *route; /* never NULL */
	uint64_t delay_ns;
};

struct turn {
	uint32_t pid;
	uint32_t tid;
	uint64_t start_ns;
	uint64_t end_ns;
	bool is_over; /* else it was so long at least */
	/* Who had the loop longest in it, while one of the victims was ready … */
	uint64_t serial;      /* 0: no request */
	const char *culprit;  /* its route, or one of blame.h's names; see turn_culprit() */
	uint64_t culprit_ns;  /* … and how long */
	const char *function; /* where, NULL unknown */
	const char *file;
	uint32_t line;
	bool of_function; /* frame.of_function */
	bool sampled;     /* the place is where most looks found it */
	/* Whom it kept waiting; with who else had the loop. */
	uint64_t delay_ns; /* all of them, together */
	uint64_t max_ns;
	uint64_t n_victims;
	struct turn_victim victims[TURN_VICTIMS]; /* the longest first */
};

/* What to call the culprit: BLAME_OPEN as long as it has not been handed out. */
static inline const char *turn_culprit(const struct turn *turn)
{
	return turn->culprit ? turn->culprit : BLAME_OPEN;
}

struct turns_left_out {
	uint64_t turns;    /* forgotten for others */
	uint64_t delay_ns; /* delays in those, and in turns of which nothing is known */
};

struct turns;

/* Returns an empty list in *ret_turns, or -ENOMEM. Names are those of the blame, which outlives it; so do the stacks
 * of the requests. */
int turns_new(const struct blame *blame, struct turns **ret_turns);
void turns_free(struct turns *turns);
/* Adds a finished request that was just added to the blame. */
void turns_add(struct turns *turns, const struct request *request);
/* The worst first, into ret_worst of `max` entries; valid until the next turns_add(). Returns their number. */
size_t turns_worst(struct turns *turns, size_t max, const struct turn **ret_worst);
/* What no turn tells. */
struct turns_left_out turns_left_out(const struct turns *turns);

#endif
