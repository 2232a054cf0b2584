/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/filter.h"

#include "aggregator/comparison.h"
#include "aggregator/filter_scanner.h"
#include "symbolizer/base.h"

#define MAX_NESTING     64
#define MAX_COMPARISONS 1000

enum node_kind {
	NODE_OR,
	NODE_AND,
	NODE_NOT,
	NODE_TEST
};

struct filter {
	enum node_kind kind;
	struct filter *left;  /* OR, AND, NOT */
	struct filter *right; /* OR, AND */
	struct comparison test;
};

struct parser {
	struct scanner scanner;
	unsigned int nesting;
	unsigned int comparisons;
};

static int parse_or(struct parser *parser, struct filter **ret_filter);

/* Takes ownership of both branches, also on failure. */
static int node_new(enum node_kind kind, struct filter *left, struct filter *right,
		    struct filter **ret_node)
{
	struct filter *node = calloc(1, sizeof(*node));

	if (!node) {
		filter_free(left);
		filter_free(right);
		return -ENOMEM;
	}
	node->kind = kind;
	node->left = left;
	node->right = right;
	*ret_node = node;
	return 0;
}

static int parse_test(struct parser *parser, struct filter **ret_filter)
{
	struct scanner *scanner = &parser->scanner;
	struct filter *node = NULL;
	int err;

	if (++parser->comparisons > MAX_COMPARISONS)
		return scanner_fail(scanner, scanner->at, "more than %d comparisons",
				    MAX_COMPARISONS);
	err = node_new(NODE_TEST, NULL, NULL, &node);
	if (err)
		return err;
	err = comparison_parse(scanner, &node->test);
	if (err) {
		filter_free(node);
		return err;
	}
	*ret_filter = node;
	return 0;
}

static int parse_group(struct parser *parser, struct filter **ret_filter)
{
	struct scanner *scanner = &parser->scanner;
	size_t start = scanner->at - 1;
	struct filter *inner = NULL;
	int err = parse_or(parser, &inner);

	if (err)
		return err;
	if (!scanner_accept(scanner, ")")) {
		filter_free(inner);
		return scanner_fail(scanner, scanner->at,
				    "expected '&&', '||' or the ')' for the '(' at character %zu",
				    start + 1);
	}
	*ret_filter = inner;
	return 0;
}

static int parse_factor(struct parser *parser, struct filter **ret_filter)
{
	struct scanner *scanner = &parser->scanner;
	struct filter *inner = NULL;
	int err;

	scanner_skip_spaces(scanner);
	if (parser->nesting >= MAX_NESTING)
		return scanner_fail(scanner, scanner->at, "nested deeper than %d levels",
				    MAX_NESTING);
	parser->nesting++;
	if (scanner_accept(scanner, "!")) {
		err = parse_factor(parser, &inner);
		if (!err)
			err = node_new(NODE_NOT, inner, NULL, ret_filter);
	} else if (scanner_accept(scanner, "(")) {
		err = parse_group(parser, ret_filter);
	} else {
		err = parse_test(parser, ret_filter);
	}
	parser->nesting--;
	return err;
}

/* left { token right } */
static int parse_chain(struct parser *parser, enum node_kind kind, const char *token,
		       int (*parse)(struct parser *, struct filter **), struct filter **ret_filter)
{
	struct filter *left = NULL;
	struct filter *right = NULL;
	int err = parse(parser, &left);

	if (err)
		return err;
	while (scanner_accept(&parser->scanner, token)) {
		err = parse(parser, &right);
		if (err) {
			filter_free(left);
			return err;
		}
		err = node_new(kind, left, right, &left);
		if (err)
			return err;
	}
	*ret_filter = left;
	return 0;
}

static int parse_and(struct parser *parser, struct filter **ret_filter)
{
	return parse_chain(parser, NODE_AND, "&&", parse_factor, ret_filter);
}

static int parse_or(struct parser *parser, struct filter **ret_filter)
{
	return parse_chain(parser, NODE_OR, "||", parse_and, ret_filter);
}

int filter_parse(const char *text, char *error, size_t error_len, struct filter **ret_filter)
{
	struct parser parser = {
		.scanner = {.text = text, .error = error, .error_len = error_len},
	};
	struct filter *filter = NULL;
	int err;

	if (error_len)
		error[0] = '\0';
	err = parse_or(&parser, &filter);
	if (err)
		return err;
	scanner_skip_spaces(&parser.scanner);
	if (text[parser.scanner.at]) {
		filter_free(filter);
		return scanner_fail(&parser.scanner, parser.scanner.at,
				    "expected '&&', '||' or the end");
	}
	*ret_filter = filter;
	return 0;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	filter_free(filter->left);
	filter_free(filter->right);
	comparison_done(&filter->test);
	free(filter);
}

bool filter_match(const struct filter *filter, const struct request *request)
{
	if (!filter)
		return true;
	switch (filter->kind) {
	case NODE_OR:
		return filter_match(filter->left, request) || filter_match(filter->right, request);
	case NODE_AND:
		return filter_match(filter->left, request) && filter_match(filter->right, request);
	case NODE_NOT:
		return !filter_match(filter->left, request);
	case NODE_TEST:
		break;
	}
	return comparison_match(&filter->test, request);
}
