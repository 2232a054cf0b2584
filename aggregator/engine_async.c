/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Async functions as nodes of the tree: "await getUser" above what was done in it.
 *
 * An operation's stack tells in which async functions it was started and who waits for them. Which
 * call of a function it was, is told by where the call began: an operation of the part that runs
 * before the first await began where the operation did; a later one's continuations were registered
 * in each other, back to where the call began. What these do not tell apart is one node.
 */
#include "aggregator/engine_async.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/op_types.h"
#include "aggregator/text.h"

#include "symbolizer/base.h"

enum {
	MAX_LEVELS = 16,  /* functions above one operation */
	MAX_LINEAGE = 64, /* continuations that are followed back */
	MAX_CALLERS = 16, /* frames in the stack of a node */
	NO_NODE = -1,
};

/* Nodes have ids of their own, which follow from the operation that they were made for. */
#define NODE_ID(op, level) (1ULL << 52 | (op) << 4 | (level))

/* An async function in the stack of an operation. */
struct level {
	uint32_t frame; /* its index */
	bool begins;    /* in the part before the first await */
};

struct key {
	uint64_t below; /* what it hangs on: a node, an operation or the request */
	const char *function;
	const char *file;
	uint64_t section; /* where the call began */
};

struct node {
	struct key key;
	struct op op;
	uint32_t place; /* of the operation in whose place it stands first */
	UT_hash_handle hh;
};

struct grouping {
	struct request *request;
	struct live_op *const *all;
	struct node *nodes; /* array */
	struct node *table;
	uint32_t n_nodes, max_nodes;
	int32_t *node_of;   /* the innermost of each operation, or NO_NODE */
	uint32_t *place_of; /* where each operation goes */
};

/* What a node hangs on. */
#define BELOW_REQUEST 0ULL
#define BELOW_OP(i)   ((uint64_t)(i) + 1)
#define BELOW_NODE(i) ((uint64_t)(i) + 1 + (1ULL << 32))

/* Where something ran, as one number. */
static uint64_t section_of(const struct context *context)
{
	return context->token ? context->token : context->id | 1ULL << 63;
}

/* Not node's own, and no Promise.all(). */
static bool is_users(const struct frame *frame)
{
	return frame->file && !frame_is_of_node(frame);
}

/* V8 resumes a function from a builtin for it; else it was called. */
static bool is_resumed(const struct stack *stack, uint32_t frame)
{
	const struct frame *caller = &stack->frames[frame + 1];

	return frame + 1 < stack->n_frames && caller->kind == FRAME_BUILTIN &&
	       !strncmp(caller->function, "Async", strlen("Async"));
}

/* The async functions of a stack, outermost first. Of too many, the innermost are left out. */
static uint32_t find_levels(const struct stack *stack, struct level *ret_levels)
{
	uint32_t n = 0;

	for (uint32_t i = stack ? stack->n_frames : 0; i-- > 0 && n < MAX_LEVELS;) {
		const struct frame *frame = &stack->frames[i];

		if (frame->kind != FRAME_ASYNC && frame->kind != FRAME_JS_ASYNC)
			continue;
		if (!is_users(frame))
			continue;
		ret_levels[n++] = (struct level){
			.frame = i,
			.begins = frame->kind == FRAME_JS_ASYNC && !is_resumed(stack, i),
		};
	}
	return n;
}

/* How many of the outermost functions two stacks share. */
static uint32_t shared_levels(const struct stack *a, const struct level *in_a, uint32_t n_a,
			      const struct stack *b, const struct level *in_b, uint32_t n_b)
{
	uint32_t n = 0;

	while (n < n_a && n < n_b &&
	       a->frames[in_a[n].frame].function == b->frames[in_b[n].frame].function &&
	       a->frames[in_a[n].frame].file == b->frames[in_b[n].frame].file)
		n++;
	return n;
}

static struct node *find_node(const struct grouping *g, const struct key *key)
{
	struct node *node;

	HASH_FIND(hh, g->table, key, sizeof(*key), node);
	return node;
}

/* The call that this one is a continuation of: the nearest on the way back to where it began. If
 * there is none yet, key->section is the end of that way. */
static struct node *find_call(const struct grouping *g, const struct live_op *live, struct key *key)
{
	struct context context = live->context;
	const struct token_record *record;
	struct node *node;

	for (uint32_t i = 0; i < MAX_LINEAGE; i++) {
		key->section = section_of(&context);
		node = find_node(g, key);
		if (node || !context.token)
			return node;
		record = paged_peek(&live->thread->tokens, context.token);
		if (!record || !record->asof)
			return NULL;
		context = record->context;
	}
	return NULL;
}

/* "getUser()", or for one without a name "(anonymous) users.js". */
static const char *describe(struct arena *arena, const struct frame *frame)
{
	const char *base = strrchr(frame->file, '/');
	char text[256];

	if (frame->function[0] == '(')
		(void)snprintf(text, sizeof(text), "%s %s", frame->function,
			       base ? base + 1 : frame->file);
	else
		(void)snprintf(text, sizeof(text), "%s()", frame->function);
	return arena_copy(arena, text, text_boundary(text, strlen(text)));
}

static uint64_t hash_pointer(uint64_t hash, const void *pointer, uint32_t line)
{
	return (hash ^ (uintptr_t)pointer ^ line) * 0x100000001b3ULL;
}

static bool is_script(const struct frame *frame)
{
	return frame_runs_js(frame->kind) || frame->kind == FRAME_ASYNC || frame->kind == FRAME_CUT;
}

/* The function and its callers, without those of C++ and V8. NULL when memory is short. */
static const struct stack *callers(struct arena *arena, const struct stack *from, uint32_t first)
{
	uint64_t id = 0xcbf29ce484222325ULL;
	struct stack *stack;
	uint32_t all = 0, n;

	for (uint32_t i = first; i < from->n_frames; i++)
		all += is_script(&from->frames[i]);
	n = all < MAX_CALLERS ? all : MAX_CALLERS;
	stack = arena_alloc(arena, sizeof(*stack) + (n + 1) * sizeof(*stack->frames));
	for (uint32_t i = first; stack && stack->n_frames < n; i++) {
		const struct frame *frame = &from->frames[i];

		if (!is_script(frame))
			continue;
		/* where it was when its first operation was started says nothing of the call */
		id = hash_pointer(hash_pointer(id, frame->function, i == first ? 0 : frame->line),
				  frame->file, 0);
		stack->frames[stack->n_frames++] = *frame;
	}
	if (stack && all > n)
		stack->frames[stack->n_frames++] = frame_cut;
	if (stack)
		stack->id = id;
	return stack;
}

static struct node *add_node(struct grouping *g, const struct live_op *live, uint32_t place,
			     const struct key *key, uint32_t level, uint32_t frame)
{
	struct arena *arena = g->request->arena;
	const struct stack *stack = live->op.stack;
	struct node *node;

	if (g->n_nodes == g->max_nodes)
		return NULL;
	node = &g->nodes[g->n_nodes];
	node->key = *key;
	node->place = place;
	node->op = (struct op){
		.id = NODE_ID(live->id, level),
		.type = OP_TYPE_AWAIT,
		.detail = describe(arena, &stack->frames[frame]),
		.stack = callers(arena, stack, frame),
		.start_ns = live->op.start_ns,
		.flags = OP_FUNCTION,
		.evidence = live->op.evidence,
	};
	if (!node->op.detail || !node->op.stack)
		return NULL;
	HASH_ADD(hh, g->table, key, sizeof(node->key), node);
	g->n_nodes++;
	return node;
}

/* The operation takes place in the node: it lasts as long, and is known no better. */
static void widen(struct node *node, const struct op *op)
{
	if (op->start_ns < node->op.start_ns)
		node->op.start_ns = op->start_ns;
	if (op->flags & OP_OPEN)
		node->op.flags |= OP_OPEN;
	else if (op->end_ns > node->op.end_ns)
		node->op.end_ns = op->end_ns;
	if (op->evidence > node->op.evidence)
		node->op.evidence = op->evidence;
}

/* Finds or makes the nodes between an operation and what it hangs on. */
static void group_op(struct grouping *g, uint32_t index)
{
	const struct op *op = &g->request->ops[index];
	const struct live_op *live = g->all[index];
	struct level levels[MAX_LEVELS], above[MAX_LEVELS];
	uint32_t n = find_levels(op->stack, levels), first = 0;
	struct key key = {.below = BELOW_REQUEST};

	if (op->parent != OP_PARENT_REQUEST) {
		const struct op *parent = &g->request->ops[op->parent];
		uint32_t n_above = find_levels(parent->stack, above);

		first = shared_levels(op->stack, levels, n, parent->stack, above, n_above);
		key.below = BELOW_OP(op->parent);
	}
	for (uint32_t i = first; i < n; i++) {
		const struct frame *frame = &op->stack->frames[levels[i].frame];
		struct node *node;

		key.function = frame->function;
		key.file = frame->file;
		key.section = section_of(&live->context);
		node = levels[i].begins ? find_node(g, &key) : find_call(g, live, &key);
		if (!node)
			node = add_node(g, live, index, &key, i, levels[i].frame);
		if (!node)
			return;
		widen(node, op);
		g->node_of[index] = (int32_t)(node - g->nodes);
		key.below = BELOW_NODE(node - g->nodes);
	}
}

static void number_places(struct grouping *g)
{
	uint32_t at = 0, node = 0;

	for (uint32_t i = 0; i < g->request->n_ops; i++) {
		while (node < g->n_nodes && g->nodes[node].place == i) {
			node++;
			at++;
		}
		g->place_of[i] = at++;
	}
}

/* Where a node goes: right before the operation it was made for, behind those made before it. */
static uint32_t place_of_node(const struct grouping *g, uint32_t node)
{
	uint32_t behind = 0;

	while (node + behind + 1 < g->n_nodes &&
	       g->nodes[node + behind + 1].place == g->nodes[node].place)
		behind++;
	return g->place_of[g->nodes[node].place] - 1 - behind;
}

static uint32_t place_below(const struct grouping *g, uint64_t below)
{
	if (below == BELOW_REQUEST)
		return OP_PARENT_REQUEST;
	if (below >= BELOW_NODE(0))
		return place_of_node(g, (uint32_t)(below - BELOW_NODE(0)));
	return g->place_of[below - BELOW_OP(0)];
}

/* Writes operations and nodes in their new order. */
static int rebuild(struct grouping *g)
{
	struct request *request = g->request;
	uint32_t n = request->n_ops + g->n_nodes;
	struct op *ops = arena_alloc(request->arena, (n + 1) * sizeof(*ops));

	if (!ops)
		return -ENOMEM;
	number_places(g);
	for (uint32_t i = 0; i < g->n_nodes; i++) {
		struct op *op = &ops[place_of_node(g, i)];

		*op = g->nodes[i].op;
		if (op->flags & OP_OPEN)
			op->end_ns = 0;
		op->runs = arena_alloc(request->arena, 1);
		op->parent = place_below(g, g->nodes[i].key.below);
	}
	for (uint32_t i = 0; i < request->n_ops; i++) {
		struct op *op = &ops[g->place_of[i]];

		*op = request->ops[i];
		if (g->node_of[i] != NO_NODE)
			op->parent = place_of_node(g, (uint32_t)g->node_of[i]);
		else if (op->parent != OP_PARENT_REQUEST)
			op->parent = g->place_of[op->parent];
	}
	request->ops = ops;
	request->n_ops = n;
	return 0;
}

int async_group(struct request *request, struct live_op *const *all)
{
	struct grouping g = {.request = request, .all = all};
	size_t room = (size_t)request->n_ops + 1;
	int err = 0;

	g.max_nodes = request->n_ops + MAX_LEVELS;
	g.nodes = calloc(g.max_nodes + 1, sizeof(*g.nodes));
	g.node_of = calloc(room, sizeof(*g.node_of));
	g.place_of = calloc(room, sizeof(*g.place_of));
	if (!g.nodes || !g.node_of || !g.place_of)
		err = -ENOMEM;
	for (uint32_t i = 0; !err && i < request->n_ops; i++) {
		g.node_of[i] = NO_NODE;
		group_op(&g, i);
	}
	if (!err && g.n_nodes)
		err = rebuild(&g);
	HASH_CLEAR(hh, g.table);
	free(g.nodes);
	free(g.node_of);
	free(g.place_of);
	return err;
}
