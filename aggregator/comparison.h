/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* One comparison of a filter expression: field, operator, value. See aggregator/filter.h. */
#ifndef NT_AGGREGATOR_COMPARISON_H
#define NT_AGGREGATOR_COMPARISON_H

#include <regex.h>

#include "aggregator/filter_scanner.h"
#include "aggregator/request.h"

enum relation {
	RELATION_EQUAL,
	RELATION_NOT_EQUAL,
	RELATION_LESS_EQUAL,
	RELATION_GREATER_EQUAL,
	RELATION_MATCH,
	RELATION_NO_MATCH,
	RELATION_LESS,
	RELATION_GREATER,
	RELATION_COUNT,
};

struct filter_field;

struct comparison {
	const struct filter_field *field;
	enum relation relation;
	char *text;   /* owned */
	uint64_t low; /* "5xx" is 500 to 599; others have low == high */
	uint64_t high;
	bool has_regex;
	regex_t regex;
};

/* Parses into a zeroed comparison. Returns 0, -EINVAL (said in the scanner's error) or -ENOMEM;
 * comparison_done() releases it in any case. */
int comparison_parse(struct scanner *scanner, struct comparison *comparison);
void comparison_done(struct comparison *comparison);

/* Whether the request is as the comparison wants it. */
bool comparison_match(const struct comparison *comparison, const struct request *request);

#endif
