/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The head of an HTTP/1 message, as far as it was captured: enough of it to know which message
 * this is and where it ends. Nothing is copied; slices point into the text given.
 */
#ifndef NT_AGGREGATOR_HTTP_HEAD_H
#define NT_AGGREGATOR_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "aggregator/event.h"

struct slice {
	const char *text;
	size_t len;
};

struct http_head {
	bool complete;       /* the empty line was seen */
	uint32_t length;     /* bytes up to and with the empty line, 0 when not complete */
	uint32_t status;     /* of a response, else 0 */
	struct slice method; /* of a request */
	struct slice target; /* of a request */
	struct slice host;   /* first Host header; len 0: none */
	bool chunked;        /* Transfer-Encoding ends in "chunked" */
	bool has_length;     /* a Content-Length that can be believed */
	bool bad_length;     /* several that differ, or no number */
	uint64_t content_length;
};

/* Status of text that starts like "HTTP/1.1 404", else 0. */
uint32_t http_status(const char *text, size_t len);

/* Parses a head that may be cut short. Returns 0, or -EBADMSG when the text starts neither a
 * response nor a request. */
int http_head_parse(const char *text, size_t len, struct http_head *ret_head);

/*
 * How the end of this response's body is known. A length without the end of the head is
 * BODY_UNKNOWN, since nobody can tell then where the body began. The answer to a HEAD request is
 * not known here.
 */
enum body_framing http_head_framing(const struct http_head *head);

#endif
