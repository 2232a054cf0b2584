/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/turns.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Turns that were added to within so many additions stay: the rest of their victims may be about to
 * follow. Half of those kept, so that there is always one to go. */
#define RECENT (TURNS_KEPT / 2)

struct turns {
	const struct blame *blame;
	struct turn turns[TURNS_KEPT];
	uint64_t added[TURNS_KEPT]; /* number of the last addition to each */
	uint64_t additions;
	size_t n;
	struct turns_left_out left_out;
};

int turns_new(const struct blame *blame, struct turns **ret_turns)
{
	struct turns *turns = calloc(1, sizeof(*turns));

	if (!turns)
		return -ENOMEM;
	turns->blame = blame;
	*ret_turns = turns;
	return 0;
}

void turns_free(struct turns *turns)
{
	free(turns);
}

/* Of the full list. */
static struct turn *least(struct turns *turns)
{
	struct turn *least = NULL;

	for (size_t i = 0; i < TURNS_KEPT; i++)
		if (turns->additions - turns->added[i] > RECENT &&
		    (!least || turns->turns[i].delay_ns < least->delay_ns))
			least = &turns->turns[i];
	assert(least); /* fewer are recent than are kept */
	return least;
}

static struct turn *turn_new(struct turns *turns)
{
	struct turn *turn;

	if (turns->n < TURNS_KEPT) {
		turn = &turns->turns[turns->n++];
	} else {
		turn = least(turns);
		turns->left_out.turns++;
		turns->left_out.delay_ns += turn->delay_ns;
	}
	*turn = (struct turn){0};
	return turn;
}

static struct turn *turn_find(struct turns *turns, const struct request *request, uint64_t start_ns)
{
	for (size_t i = turns->n; i--;) {
		struct turn *turn = &turns->turns[i];

		if (turn->start_ns == start_ns && turn->tid == request->tid &&
		    turn->pid == request->pid)
			return turn;
	}
	return NULL;
}

/* To add to. */
static struct turn *turn_get(struct turns *turns, const struct request *request, uint64_t start_ns)
{
	struct turn *turn = turn_find(turns, request, start_ns);
	bool is_new = !turn;

	turns->additions++;
	if (is_new)
		turn = turn_new(turns);
	turns->added[turn - turns->turns] = turns->additions;
	if (!is_new)
		return turn;
	turn->pid = request->pid;
	turn->tid = request->tid;
	turn->start_ns = start_ns;
	return turn;
}

static void set_length(struct turn *turn, const struct turn_delay *delay)
{
	if (turn->is_over || (!delay->is_over && delay->end_ns <= turn->end_ns))
		return;
	turn->end_ns = delay->end_ns;
	turn->is_over = delay->is_over;
}

static void set_culprit(struct turns *turns, struct turn *turn, const struct request *request,
			const struct turn_delay *delay)
{
	const struct frame *frame = blame_frame(delay->stack);

	if (delay->culprit_ns <= turn->culprit_ns)
		return;
	turn->serial = delay->culprit;
	turn->culprit = blame_name(turns->blame, request, delay->culprit, delay->busy);
	turn->culprit_ns = delay->culprit_ns;
	turn->function = frame ? frame->function : NULL;
	turn->file = frame ? frame->file : NULL;
	turn->line = frame ? frame->line : 0;
	turn->of_function = frame && frame->of_function;
	turn->sampled = frame && delay->samples;
}

static void add_victim(struct turn *turn, const struct turn_victim *victim)
{
	size_t n = turn->n_victims < TURN_VICTIMS ? (size_t)turn->n_victims : TURN_VICTIMS;
	size_t i = 0;

	turn->n_victims++;
	turn->delay_ns += victim->delay_ns;
	if (victim->delay_ns > turn->max_ns)
		turn->max_ns = victim->delay_ns;
	while (i < n && turn->victims[i].delay_ns >= victim->delay_ns)
		i++;
	if (i == TURN_VICTIMS)
		return;
	if (n == TURN_VICTIMS)
		n--;
	memmove(&turn->victims[i + 1], &turn->victims[i], (n - i) * sizeof(*victim));
	turn->victims[i] = *victim;
}

/* Turns whose culprit was handed out after its victims get its name. */
static void name_culprits(struct turns *turns, const struct request *request, const char *route)
{
	for (size_t i = 0; i < turns->n; i++) {
		struct turn *turn = &turns->turns[i];

		if (!turn->culprit && turn->pid == request->pid && turn->serial == request->serial)
			turn->culprit = route;
	}
}

void turns_add(struct turns *turns, const struct request *request)
{
	const char *route = blame_name(turns->blame, request, request->serial, 1);

	if (!route)
		route = BLAME_OTHER;
	name_culprits(turns, request, route);
	turns->left_out.delay_ns += request->turns_cut_ns;
	for (uint32_t i = 0; i < request->n_turns; i++) {
		const struct turn_delay *delay = &request->turns[i];
		const struct turn_victim victim = {request->serial, route, delay->delay_ns};
		struct turn *turn = turn_get(turns, request, delay->start_ns);

		set_length(turn, delay);
		set_culprit(turns, turn, request, delay);
		add_victim(turn, &victim);
	}
}

static int worst_first(const void *left, const void *right)
{
	const struct turn *a = *(const struct turn *const *)left;
	const struct turn *b = *(const struct turn *const *)right;

	if (a->delay_ns != b->delay_ns)
		return a->delay_ns > b->delay_ns ? -1 : 1;
	return (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

size_t turns_worst(struct turns *turns, size_t max, const struct turn **ret_worst)
{
	const struct turn *all[TURNS_KEPT];

	for (size_t i = 0; i < turns->n; i++)
		all[i] = &turns->turns[i];
	if (turns->n)
		qsort(all, turns->n, sizeof(struct turn *), worst_first);
	if (max > turns->n)
		max = turns->n;
	for (size_t i = 0; i < max; i++)
		ret_worst[i] = all[i];
	return max;
}

struct turns_left_out turns_left_out(const struct turns *turns)
{
	return turns->left_out;
}
