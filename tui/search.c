/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/search.h"

#include <regex.h>
#include <string.h>

#include "symbolizer/base.h"

struct search {
	regex_t expression;
	char *pattern;
	bool plain; /* a word: found much faster without the expression */
};

int search_new(const char *pattern, char *error, size_t error_len, struct search **ret_search)
{
	struct search *search = calloc(1, sizeof(*search));
	int failure;

	if (!search)
		return -ENOMEM;
	search->pattern = strdup(pattern);
	if (!search->pattern) {
		free(search);
		return -ENOMEM;
	}
	failure = regcomp(&search->expression, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB);
	if (failure) {
		(void)regerror(failure, &search->expression, error, error_len);
		free(search->pattern);
		free(search);
		return failure == REG_ESPACE ? -ENOMEM : -EINVAL;
	}
	search->plain = !strpbrk(pattern, "^$.[]()|*+?{}\\");
	*ret_search = search;
	return 0;
}

void search_free(struct search *search)
{
	if (!search)
		return;
	regfree(&search->expression);
	free(search->pattern);
	free(search);
}

const char *search_pattern(const struct search *search)
{
	return search->pattern;
}

bool search_match(const struct search *search, const char *text)
{
	if (search && search->plain)
		return strcasestr(text, search->pattern);
	return search && regexec(&search->expression, text, 0, NULL, 0) == 0;
}
