/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/route_tree.h"

#include <assert.h>
#include <string.h>

#include "symbolizer/base.h"
#include "tui/format.h"
#include "tui/label.h"
#include "tui/wait_kind.h"

#define MAX_NODES    4096
#define MAX_CHILDREN 200
#define MAX_PATHS    20000
#define LABEL_LEN    512
#define OTHER        "(other)"
#define LEFT_EDGE    "\u258f"

struct route_tree {
	char *text; /* the names stand in it */
	struct route_node *nodes;
	uint32_t count;
	bool is_count; /* values are numbers */
};

static uint32_t add_node(struct route_tree *tree, uint32_t parent, const char *name)
{
	uint32_t node = tree->count;

	if (node == MAX_NODES)
		return ROUTE_TREE_NONE;
	tree->nodes[tree->count++] = (struct route_node){
		.name = name,
		.parent = parent,
		.first = ROUTE_TREE_NONE,
		.next = tree->nodes[parent].first,
	};
	tree->nodes[parent].first = node;
	return node;
}

/* The child of this name, made when there is none; with many others it is "(other)". */
static uint32_t child(struct route_tree *tree, uint32_t parent, const char *name)
{
	uint32_t other = ROUTE_TREE_NONE;
	uint32_t node, n = 0;

	for (node = tree->nodes[parent].first; node != ROUTE_TREE_NONE;
	     node = tree->nodes[node].next) {
		if (!strcmp(tree->nodes[node].name, name))
			return node;
		if (!strcmp(tree->nodes[node].name, OTHER))
			other = node;
		n++;
	}
	if (n < MAX_CHILDREN && tree->count + 1 < MAX_NODES)
		return add_node(tree, parent, name);
	return other != ROUTE_TREE_NONE ? other : add_node(tree, parent, OTHER);
}

/* One line of folded text, "request;frame;frame value": the request is the route here. */
static void add_line(struct route_tree *tree, char *line)
{
	char *space = strrchr(line, ' ');
	char *frame, *next;
	uint64_t value;
	uint32_t node = 0;

	if (!space)
		return;
	*space = '\0';
	value = strtoull(space + 1, NULL, 10); /* written by folded.c */
	tree->nodes[0].value += value;
	frame = strchr(line, ';');
	while (frame) {
		frame++;
		next = strchr(frame, ';');
		if (next)
			*next = '\0';
		node = child(tree, node, frame);
		if (node == ROUTE_TREE_NONE)
			return;
		tree->nodes[node].value += value;
		frame = next;
	}
}

static void add_lines(struct route_tree *tree)
{
	char *line = tree->text;
	char *end;

	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		*end = '\0';
		add_line(tree, line);
	}
}

/* Puts the children of a node in order, the largest first. */
static void sort_children(struct route_tree *tree, uint32_t parent)
{
	uint32_t sorted = ROUTE_TREE_NONE;
	uint32_t node = tree->nodes[parent].first;

	while (node != ROUTE_TREE_NONE) {
		uint32_t next = tree->nodes[node].next;
		uint32_t *link = &sorted;

		while (*link != ROUTE_TREE_NONE &&
		       tree->nodes[*link].value >= tree->nodes[node].value)
			link = &tree->nodes[*link].next;
		tree->nodes[node].next = *link;
		*link = node;
		node = next;
	}
	tree->nodes[parent].first = sorted;
}

/* The folded text of the requests in *ret_text. */
static int fold(enum folded_metric metric, const struct request *const *requests, size_t n,
		char **ret_text)
{
	struct folded *folded;
	size_t len = 0, i;
	uint64_t sum;
	FILE *out;
	int err;

	err = folded_new(metric, MAX_PATHS, &folded);
	if (err)
		return err;
	for (i = 0; i < n && !err; i++)
		err = folded_add(folded, requests[i]);
	out = err ? NULL : open_memstream(ret_text, &len);
	if (!err && !out)
		err = -ENOMEM;
	if (out) {
		err = folded_write(folded, out, &sum);
		if (fclose(out) && !err)
			err = -ENOMEM;
	}
	folded_free(folded);
	return err;
}

int route_tree_new(const char *name, enum folded_metric metric,
		   const struct request *const *requests, size_t n, struct route_tree **ret_tree)
{
	struct route_tree *tree = calloc(1, sizeof(*tree));
	uint32_t node;
	int err;

	if (!tree)
		return -ENOMEM;
	tree->is_count = metric == FOLDED_COUNT;
	tree->nodes = calloc(MAX_NODES, sizeof(*tree->nodes));
	err = tree->nodes ? fold(metric, requests, n, &tree->text) : -ENOMEM;
	if (err) {
		route_tree_free(tree);
		return err;
	}
	tree->nodes[0] = (struct route_node){
		.name = name, .first = ROUTE_TREE_NONE, .next = ROUTE_TREE_NONE};
	tree->count = 1;
	add_lines(tree);
	for (node = 0; node < tree->count; node++)
		sort_children(tree, node);
	*ret_tree = tree;
	return 0;
}

void route_tree_free(struct route_tree *tree)
{
	if (!tree)
		return;
	free(tree->text);
	free(tree->nodes);
	free(tree);
}

const struct route_node *route_tree_node(const struct route_tree *tree, uint32_t node)
{
	assert(node < tree->count);
	return &tree->nodes[node];
}

/* Where one node stands. */
struct place {
	int row;
	int col;
	int cols;
};

/* Children share the columns of their parent by their values. Returns the place of the child `node`; those that
 * stand before it have used `before` of the parent's value. */
static struct place place_child(const struct route_tree *tree, struct place parent, uint32_t node,
				uint64_t before)
{
	const struct route_node *child_node = &tree->nodes[node];
	uint64_t whole = tree->nodes[child_node->parent].value;
	int start, end;

	if (!whole)
		return (struct place){parent.row + 1, parent.col, 0};
	start = (int)((__uint128_t)before * (unsigned int)parent.cols / whole);
	end = (int)((__uint128_t)(before + child_node->value) * (unsigned int)parent.cols / whole);
	return (struct place){parent.row + 1, parent.col + start, end - start};
}

/* The kind that the name of a frame tells: "[loop]" a label, else the type of an operation. */
static enum wait_kind kind_of(const char *name)
{
	unsigned int label;

	if (name[0] != '[')
		return wait_kind_of_type(name);
	for (label = 0; label < LABEL_COUNT; label++) {
		const char *text = label_name((enum label)label);

		if (!strncmp(name + 1, text, strlen(text)) && name[1 + strlen(text)] == ']')
			return wait_kind_of_label((enum label)label);
	}
	return WAIT_OTHER;
}

static void print_label(const struct route_tree *tree, uint32_t node, char *text, size_t len)
{
	const struct route_node *it = &tree->nodes[node];
	char value[FORMAT_LEN];

	if (tree->is_count)
		(void)format_count(it->value, value);
	else
		(void)format_duration(it->value * NS_PER_US, value);
	(void)snprintf(text, len, "%s %s", it->name, value);
}

/* An async function waits for nothing itself: those below it tell for what. */
static bool is_function(const struct route_node *node)
{
	return !strncmp(node->name, "await ", strlen("await "));
}

static enum style node_style(const struct route_tree *tree, uint32_t node)
{
	const struct route_node *it = &tree->nodes[node];

	if (node == 0 || is_function(it))
		return STYLE_STRONG;
	return wait_kind_style(kind_of(it->name));
}

static void draw_node(const struct route_tree *tree, struct canvas *canvas, struct place place,
		      uint32_t node, bool selected)
{
	const struct route_node *it = &tree->nodes[node];
	enum style style = selected ? STYLE_SELECTED : node_style(tree, node);
	char letter[2] = {wait_kind_letter(kind_of(it->name)), '\0'};
	char label[LABEL_LEN], text[LABEL_LEN];
	int room = place.cols - (canvas->ascii ? 2 : 1);
	int used;

	if (node == 0 || is_function(it))
		letter[0] = node ? '-' : ' ';
	canvas_repeat(canvas, place.row, place.col, place.cols, style, letter);
	if (place.cols < 3)
		return;
	(void)canvas_text(canvas, place.row, place.col, 1, style, canvas->ascii ? "[" : LEFT_EDGE);
	if (canvas->ascii)
		(void)canvas_text(canvas, place.row, place.col + place.cols - 1, 1, style, "]");
	print_label(tree, node, label, sizeof(label));
	label_shorten(canvas, label, room, text, sizeof(text));
	used = canvas_text(canvas, place.row, place.col + 1, room, style, text);
	if (used < room)
		(void)canvas_text(canvas, place.row, place.col + 1 + used, 1, style, " ");
}

/* Place of the node when `root` has the first row of the area; no columns: it is not to be seen. */
static struct place place_of(const struct route_tree *tree, struct area area, uint32_t root,
			     uint32_t node)
{
	struct place parent;
	uint64_t before = 0;
	uint32_t sibling;

	if (node == root)
		return (struct place){area.row, area.col, area.cols};
	if (node == 0)
		return (struct place){area.row, area.col, 0};
	parent = place_of(tree, area, root, tree->nodes[node].parent);
	if (!parent.cols)
		return parent;
	for (sibling = tree->nodes[tree->nodes[node].parent].first; sibling != node;
	     sibling = tree->nodes[sibling].next)
		before += tree->nodes[sibling].value;
	return place_child(tree, parent, node, before);
}

void route_tree_draw(const struct route_tree *tree, struct canvas *canvas, struct area area,
		     uint32_t root, uint32_t selected)
{
	uint32_t node;

	for (node = 0; node < tree->count; node++) {
		struct place place = place_of(tree, area, root, node);

		if (place.cols && place.row < area.row + area.rows)
			draw_node(tree, canvas, place, node, node == selected);
	}
}

uint32_t route_tree_at(const struct route_tree *tree, struct area area, uint32_t root, int row,
		       int col)
{
	uint32_t node;

	for (node = 0; node < tree->count; node++) {
		struct place place = place_of(tree, area, root, node);

		if (place.cols && place.row == row && col >= place.col &&
		    col < place.col + place.cols)
			return node;
	}
	return ROUTE_TREE_NONE;
}
