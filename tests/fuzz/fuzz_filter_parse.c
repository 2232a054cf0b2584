/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Any text as a filter: it is refused with a sentence, or it can be asked. */
#include "tests/fuzz/fuzz.h"

#include "aggregator/filter.h"

/*
 * Regular expressions are the C library's, and of its user's own making: repeats of repeats cost it
 * exponentially much.
 */
#define MAX_REPEATS 4

static size_t count_repeats(const uint8_t *data, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += data[i] == '*' || data[i] == '+' || data[i] == '?' || data[i] == '{';
	return n;
}

static const struct request request = {
	.method = "GET",
	.url = "/products/17?colour=red",
	.status = 200,
	.start_ns = 1000000,
	.headers_ns = 1100000,
	.sent_ns = 51000000,
	.end_ns = 51000000,
	.cpu_ns = 2000000,
	.n_ops_total = 12,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text, error[64] = "";
	struct filter *filter = NULL;
	int err;

	if (size > 512 || count_repeats(data, size) > MAX_REPEATS)
		return 0;
	text = strndup((const char *)data, size);
	must(text);
	err = filter_parse(text, error, sizeof(error), &filter);
	if (err) {
		must(!filter);
		must(memchr(error, '\0', sizeof(error)));
		must(err != -22 || error[0]);
	} else {
		(void)filter_match(filter, &request);
		filter_free(filter);
	}
	free(text);
	return 0;
}
