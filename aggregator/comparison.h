/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* One comparison of a filter expression: field, operator, value. See aggregator/filter.h. */
#ifndef NT_AGGREGATOR_COMPARISON_H
#define NT_AGGREGATOR_COMPARISON_H

#include <regex.h>

#include "aggregator/filter_scanner.h"
#include "aggregator/request.h"

enum operator{
	OPERATOR_EQUAL,
	OPERATOR_NOT_EQUAL,
	OPERATOR_LESS_EQUAL,
	OPERATOR_GREATER_EQUAL,
	OPERATOR_MATCH,
	OPERATOR_NO_MATCH,
	OPERATOR_LESS,
	OPERATOR_GREATER,
	OPERATOR_COUNT,
};

struct filter_field;

struct comparison {
	const struct filter_field *field;
	enum operator operator;
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

bool comparison_match(const struct comparison *comparison, const struct request *request);

#endif
