/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * --filter: which requests to show. Grammar:
 *   expr   = term { "||" term }        term = factor { "&&" factor }
 *   factor = "!" factor | "(" expr ")" | field op value
 *   field  = method | path | status | dur | ops | cpu
 *   op     = "==" "!=" "<" "<=" ">" ">="  and for method and path also "=~" "!~" (POSIX extended
 *            regular expression)
 *   value  = bare word up to white space, "&&", "||" or a ")" that it did not open, or a
 *            double-quoted string with \" and \\;
 *            dur and cpu take us, ms, s, m (bare number = ms); status also 1xx … 5xx
 * Spaces are optional. Example: dur>50ms && path=~"^/api" && status>=500
 *
 * path is the url without its query; method ignores case; in a regular expression \ followed by
 * any character but " and \ stays as it is. A status that was never sent only matches "!=".
 */
#ifndef NT_AGGREGATOR_FILTER_H
#define NT_AGGREGATOR_FILTER_H

#include "aggregator/request.h"

struct filter;

/*
 * Parses text. On failure returns -EINVAL and writes into error (size error_len) one sentence that
 * names the place and what was expected; -ENOMEM without one.
 */
int filter_parse(const char *text, char *error, size_t error_len, struct filter **ret_filter);
void filter_free(struct filter *filter);

/* A NULL filter matches everything. */
bool filter_match(const struct filter *filter, const struct request *request);

#endif
