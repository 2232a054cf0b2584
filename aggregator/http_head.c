/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/http_head.h"

#include <string.h>
#include <strings.h>

#include "symbolizer/base.h"

#define STATUS_LINE_MIN 12   /* "HTTP/1.1 200" */
#define CUT_LINE        1000 /* a line as long as this may go on behind what was copied */
#define METHOD_MAX      20

struct header_rule {
	const char *name;
	void (*take)(struct http_head *head, struct slice value);
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice trim(struct slice s)
{
	while (s.len && is_space(s.text[0])) {
		s.text++;
		s.len--;
	}
	while (s.len && is_space(s.text[s.len - 1]))
		s.len--;
	return s;
}

/* Cuts the next line off *rest. False when its end was not captured. */
static bool next_line(struct slice *rest, struct slice *ret_line)
{
	const char *end = memmem(rest->text, rest->len, "\r\n", 2);

	if (!end)
		return false;
	ret_line->text = rest->text;
	ret_line->len = (size_t)(end - rest->text);
	rest->text = end + 2;
	rest->len -= ret_line->len + 2;
	return true;
}

static void take_length(struct http_head *head, struct slice value)
{
	uint64_t length = 0;
	size_t i;

	for (i = 0; i < value.len; i++) {
		uint64_t digit;

		if (!is_digit(value.text[i]))
			break;
		digit = (uint64_t)(value.text[i] - '0');
		if (__builtin_mul_overflow(length, 10, &length) ||
		    __builtin_add_overflow(length, digit, &length))
			break;
	}
	if (i == 0 || i < value.len || (head->has_length && head->content_length != length)) {
		head->bad_length = true;
		return;
	}
	head->has_length = true;
	head->content_length = length;
}

static void take_encoding(struct http_head *head, struct slice value)
{
	static const char word[] = "chunked";
	size_t len = sizeof(word) - 1;

	if (value.len < len || strncasecmp(value.text + value.len - len, word, len) != 0)
		return;
	if (value.len == len || is_space(value.text[value.len - len - 1]) ||
	    value.text[value.len - len - 1] == ',')
		head->chunked = true;
}

static void take_host(struct http_head *head, struct slice value)
{
	if (!head->host.len)
		head->host = value;
}

static const struct header_rule header_rules[] = {
	{"content-length", take_length},
	{"transfer-encoding", take_encoding},
	{"host", take_host},
};

static void take_header(struct http_head *head, struct slice line)
{
	const char *colon = memchr(line.text, ':', line.len);
	struct slice value;
	size_t name_len;
	size_t i;

	if (!colon)
		return;
	name_len = (size_t)(colon - line.text);
	value.text = colon + 1;
	value.len = line.len - name_len - 1;
	for (i = 0; i < ARRAY_SIZE(header_rules); i++) {
		const char *name = header_rules[i].name;

		if (name_len == strlen(name) && strncasecmp(line.text, name, name_len) == 0)
			header_rules[i].take(head, trim(value));
	}
}

static bool looks_like_target(struct slice target)
{
	return target.len && (target.text[0] == '/' || memmem(target.text, target.len, "://", 3));
}

/* "GET /path HTTP/1.1", of which the end may be missing. */
static int take_request_line(struct http_head *head, struct slice line)
{
	size_t method_len = 0;
	const char *end;

	while (method_len < line.len && method_len <= METHOD_MAX &&
	       ((line.text[method_len] >= 'A' && line.text[method_len] <= 'Z') ||
		line.text[method_len] == '-'))
		method_len++;
	if (method_len < 3 || method_len > METHOD_MAX || method_len == line.len ||
	    line.text[method_len] != ' ')
		return -EBADMSG;
	head->method = (struct slice){line.text, method_len};
	head->target = (struct slice){line.text + method_len + 1, line.len - method_len - 1};
	end = memchr(head->target.text, ' ', head->target.len);
	if (!end) /* only a target that fills all that was copied is taken without its end */
		return line.len >= CUT_LINE && looks_like_target(head->target) ? 0 : -EBADMSG;
	head->target.len = (size_t)(end - head->target.text);
	if (line.text + line.len - end < 8 || memcmp(end, " HTTP/1.", 8) != 0)
		return -EBADMSG; /* the word of some other protocol */
	return head->target.len ? 0 : -EBADMSG;
}

uint32_t http_status(const char *text, size_t len)
{
	if (len < STATUS_LINE_MIN || memcmp(text, "HTTP/1.", 7) != 0 || !is_digit(text[7]) ||
	    text[8] != ' ' || !is_digit(text[9]) || !is_digit(text[10]) || !is_digit(text[11]))
		return 0;
	return (uint32_t)((text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0'));
}

int http_head_parse(const char *text, size_t len, struct http_head *ret_head)
{
	struct http_head head = {.status = http_status(text, len)};
	struct slice rest = {text, len};
	struct slice line = rest;
	bool whole = next_line(&rest, &line);
	int err = head.status ? 0 : take_request_line(&head, line);

	if (err)
		return err;
	while (whole && (whole = next_line(&rest, &line))) {
		if (line.len == 0) {
			head.complete = true;
			head.length = (uint32_t)(rest.text - text);
			break;
		}
		take_header(&head, line);
	}
	*ret_head = head;
	return 0;
}

enum body_framing http_head_framing(const struct http_head *head)
{
	if (head->status / 100 == 1 || head->status == 204 || head->status == 304)
		return BODY_NONE;
	if (head->chunked)
		return BODY_CHUNKED;
	if (!head->complete || head->bad_length)
		return BODY_UNKNOWN;
	return head->has_length ? BODY_LENGTH : BODY_UNTIL_CLOSE;
}
