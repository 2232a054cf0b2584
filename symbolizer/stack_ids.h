/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Which stack an id stands for. There are never more than a fixed number of ids: a hand goes round
 * and takes the first that nobody asked for since it came by last. Part of struct stacks.
 */
#ifndef NT_SYMBOLIZER_STACK_IDS_H
#define NT_SYMBOLIZER_STACK_IDS_H

#include <stddef.h>
#include <stdint.h>

struct stack;
struct stack_id;

struct stack_ids {
	struct stack_id *entries; /* max + 1 of them */
	uint32_t *buckets;
	size_t n_buckets; /* power of two */
	uint32_t max;
	uint32_t count;
	uint32_t hand;
	uint64_t seed;
	uint64_t evicted;
};

/* For `max` ids; the memory is touched only as far as it is used. Returns 0 or -ENOMEM; in both cases
 * stack_ids_done() frees what there is. */
int stack_ids_init(struct stack_ids *ids, size_t max, uint64_t seed);
void stack_ids_done(struct stack_ids *ids);

/* The stack of an id, which is kept for longer now, or NULL. */
const struct stack *stack_ids_find(const struct stack_ids *ids, uint64_t id);
/* Adds an id that is not there. */
void stack_ids_put(struct stack_ids *ids, uint64_t id, const struct stack *stack);

#endif
