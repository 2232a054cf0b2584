/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The comment at the end of generated code that tells where its source map is:
 * "//# sourceMappingURL=app.js.map". As V8 does it, the last one counts, wherever it stands.
 *
 * The value may hold a whole map: "data:application/json;base64,…".
 */
#ifndef NT_SYMBOLIZER_SOURCE_URL_H
#define NT_SYMBOLIZER_SOURCE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "symbolizer/v8_string.h"

#define SOURCE_URL_MAX (48u << 20) /* bytes; longer ones do not count */

struct source_url {
	char *text; /* ended with NUL; NULL none */
	size_t len;
	size_t capacity;
	unsigned int state; /* how much of the comment's beginning was seen */
};

/* Looks through consecutive pieces of source (for v8_string_visit(), so `user` is a struct source_url
 * without its type); a zeroed one is the beginning. Returns 0 or -ENOMEM. */
int source_url_feed(void *user, const struct v8_chars *chars);
void source_url_done(struct source_url *url);

/* The value, NULL when there is none; valid until the next feed. */
const char *source_url_text(struct source_url *url);

/*
 * The content of a data: URL in a buffer for free(). Returns 0, -ENOENT when it is another kind of
 * URL or not of JSON, -EBADMSG for damaged base64, or -ENOMEM.
 */
int source_url_data(const char *url, char **ret_bytes, size_t *ret_len);

#endif
