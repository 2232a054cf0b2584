/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What the requests of a route did, together: a tree of frames with a value each, as --folded has it.
 * Width is time (or number), not order: children stand from the largest to the smallest.
 */
#ifndef NT_TUI_ROUTE_TREE_H
#define NT_TUI_ROUTE_TREE_H

#include "aggregator/folded.h"
#include "tui/canvas.h"

#define ROUTE_TREE_NONE UINT32_MAX

struct route_tree;

struct route_node {
	const char *name;
	uint64_t value; /* its own and that of all below; us, or a number */
	uint32_t parent;
	uint32_t first; /* child, ROUTE_TREE_NONE none */
	uint32_t next;  /* sibling */
};

/*
 * Builds the tree of the `n` requests. Nodes beyond a few thousand are part of one that is called "(other)".
 * Returns 0 and *ret_tree, or -ENOMEM.
 */
int route_tree_new(const char *name, enum folded_metric metric,
		   const struct request *const *requests, size_t n, struct route_tree **ret_tree);
void route_tree_free(struct route_tree *tree);

/* Node 0 is the route; others come from route_tree_at() and their parents. */
const struct route_node *route_tree_node(const struct route_tree *tree, uint32_t node);

/* Draws what is below `root` from the top of the area on; those too narrow to be seen are left out. */
void route_tree_draw(const struct route_tree *tree, struct canvas *canvas, struct area area,
		     uint32_t root, uint32_t selected);
/* The node at this place of the area, or ROUTE_TREE_NONE. */
uint32_t route_tree_at(const struct route_tree *tree, struct area area, uint32_t root, int row,
		       int col);

#endif
