/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Any bytes as the head of a message: every slice lies within them. */
#include "tests/fuzz/fuzz.h"

#include "aggregator/http_head.h"

static void check_slice(struct slice slice, const char *text, size_t len)
{
	if (slice.len)
		must(slice.text >= text && slice.len <= len &&
		     (size_t)(slice.text - text) <= len - slice.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1); /* of exactly this size, for the sanitizer */
	struct http_head head;

	must(text);
	if (size)
		memcpy(text, data, size);
	text = realloc(text, size ? size : 1);
	must(http_status(text, size) < 1000);
	if (!http_head_parse(text, size, &head)) {
		check_slice(head.method, text, size);
		check_slice(head.target, text, size);
		check_slice(head.host, text, size);
		must(head.complete ? head.length > 0 && head.length <= size : head.length == 0);
		must(!head.status || !head.method.len);
		(void)http_head_framing(&head);
	}
	free(text);
	return 0;
}
