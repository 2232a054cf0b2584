/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/decode.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "aggregator/decode_births.h"
#include "aggregator/http_head.h"
#include "aggregator/text.h"
#include "symbolizer/base.h"

#define URL_TRUNCATED     1
#define URL_QUERY_DROPPED 2
#define CONNECT_PATH      1

/* The text of an event while it is written into decoder->text. */
struct text_out {
	struct decoder *decoder;
	size_t len;
	int cut;
};

/* What a kind carries besides the fields that all have. NULL: no text, all integers as they are. */
struct kind_rule {
	bool known;
	bool b_is_id;
	bool c_is_id;
	void (*take)(struct decoder *decoder, struct slice text, struct event *event);
};

/*
 * Async ids are doubles that count up from 1. Whatever else stands there (-1 of a destroyed
 * resource, memory that was recycled) names nothing: 0.
 */
static uint64_t async_id(uint64_t bits)
{
	const double limit = 9007199254740992.0; /* 2^53: doubles count exactly up to here */
	uint64_t id;
	double value;

	memcpy(&value, &bits, sizeof(value));
	if (!(value >= 1 && value <= limit))
		return 0;
	id = (uint64_t)value;
	return (double)id == value ? id : 0;
}

/* The kernel side copies C strings with or without their NUL. */
static struct slice c_string(struct slice text)
{
	text.len = strnlen(text.text, text.len);
	return text;
}

static void put(struct text_out *out, const char *text, size_t len)
{
	int cut;

	if (out->cut)
		return;
	out->len += text_sanitize(out->decoder->text + out->len,
				  sizeof(out->decoder->text) - out->len, text, len, &cut);
	out->cut = cut;
}

static void put_string(struct text_out *out, const char *text)
{
	put(out, text, strlen(text));
}

static void finish_text(const struct text_out *out, struct event *event)
{
	event->text = out->decoder->text;
	event->text_len = (uint32_t)out->len;
}

/* Cuts the query off. Returns whether there was one. */
static bool cut_query(struct slice *url)
{
	const char *query = memchr(url->text, '?', url->len);

	if (!query)
		return false;
	url->len = (size_t)(query - url->text);
	return true;
}

static void take_string(struct decoder *decoder, struct slice text, struct event *event)
{
	struct text_out out = {.decoder = decoder};

	text = c_string(text);
	put(&out, text.text, text.len);
	finish_text(&out, event);
}

static void take_url(struct decoder *decoder, struct slice text, struct event *event)
{
	struct text_out out = {.decoder = decoder};

	if (!decoder->keep_query && cut_query(&text))
		event->arg |= URL_QUERY_DROPPED;
	put(&out, text.text, text.len);
	if (out.cut)
		event->arg |= URL_TRUNCATED;
	finish_text(&out, event);
}

/* Method and path, as HTTP/1 writes them; see event.h. */
static void take_http2(struct decoder *decoder, struct slice text, struct event *event)
{
	struct text_out out = {.decoder = decoder};
	struct slice path = text;

	if (text.len < NT_HTTP2_METHOD)
		return;
	path.text += NT_HTTP2_METHOD;
	path.len -= NT_HTTP2_METHOD;
	if (!decoder->keep_query && cut_query(&path))
		event->b |= NT_URL_QUERY_DROPPED;
	put(&out, text.text, strnlen(text.text, NT_HTTP2_METHOD));
	put_string(&out, " ");
	put(&out, path.text, path.len);
	if (out.cut)
		event->b |= NT_URL_CUT;
	finish_text(&out, event);
}

static void take_response_head(const struct http_head *head, struct event *event)
{
	event->status = head->status;
	event->framing = http_head_framing(head);
	event->content_length = event->framing == BODY_LENGTH ? head->content_length : 0;
	event->head_length = head->length;
}

/* Does the last chunk follow the head at once, in the same write? */
static bool has_last_chunk(const struct http_head *head, struct slice text)
{
	static const char last_chunk[] = "0\r\n"; /* trailers may follow */
	size_t len = sizeof(last_chunk) - 1;

	return head->complete && text.len - head->length >= len &&
	       !memcmp(text.text + head->length, last_chunk, len);
}

/* The authority may hold a user name and a password: what follows the last '@' is the host. */
static struct slice without_user(struct slice authority)
{
	const char *at = memrchr(authority.text, '@', authority.len);

	if (at) {
		authority.len -= (size_t)(at + 1 - authority.text);
		authority.text = at + 1;
	}
	return authority;
}

/* "http://user:password@host/path" of a request to a proxy. False when the target is none. */
static bool put_absolute(struct text_out *out, struct slice target)
{
	const char *mark = memmem(target.text, target.len, "://", 3);
	const char *path;
	struct slice host;

	if (!mark || target.text[0] == '/')
		return false;
	host.text = mark + 3;
	host.len = target.len - (size_t)(host.text - target.text);
	path = memchr(host.text, '/', host.len);
	put(out, target.text, (size_t)(host.text - target.text));
	if (path) {
		struct slice rest = {path, host.len - (size_t)(path - host.text)};

		host.len -= rest.len;
		host = without_user(host);
		put(out, host.text, host.len);
		put(out, rest.text, rest.len);
	} else {
		host = without_user(host);
		put(out, host.text, host.len);
	}
	return true;
}

static void take_request_head(struct decoder *decoder, const struct http_head *head,
			      struct event *event)
{
	struct text_out out = {.decoder = decoder};
	struct slice target = head->target;

	event->head_length = head->length;
	if (!decoder->keep_query)
		(void)cut_query(&target);
	put(&out, head->method.text, head->method.len);
	put_string(&out, " ");
	if (!put_absolute(&out, target)) {
		if (head->host.len && target.len && target.text[0] == '/') {
			put_string(&out, event->arg & NT_WRITE_TLS ? "https://" : "http://");
			put(&out, head->host.text, head->host.len);
		}
		put(&out, target.text, target.len);
	}
	finish_text(&out, event);
}

static void take_write(struct decoder *decoder, struct slice text, struct event *event)
{
	struct http_head head;

	if (!(event->arg & (NT_WRITE_RESPONSE_HEAD | NT_WRITE_REQUEST_HEAD)))
		return;
	if (http_head_parse(text.text, text.len, &head)) {
		/* It looked like a head to BPF and is none: payload of some other protocol. */
		event->arg &= ~(uint32_t)(NT_WRITE_RESPONSE_HEAD | NT_WRITE_REQUEST_HEAD);
		return;
	}
	if (!head.status) {
		take_request_head(decoder, &head, event);
		return;
	}
	take_response_head(&head, event);
	if (event->framing == BODY_CHUNKED && has_last_chunk(&head, text))
		event->arg |= NT_WRITE_LAST_CHUNK;
}

/* Interim responses may stand before the one that counts; all of them are its head. */
static void take_read(struct decoder *decoder, struct slice text, struct event *event)
{
	uint32_t interim = 0;
	struct http_head head;

	(void)decoder;
	while (!http_head_parse(text.text, text.len, &head) && head.status) {
		take_response_head(&head, event);
		if (head.length)
			event->head_length += interim;
		if (head.status >= 200 || head.status == 101 || !head.complete)
			return;
		interim += head.length;
		text.text += head.length;
		text.len -= head.length;
	}
}

static void take_address(struct decoder *decoder, struct slice text, struct event *event)
{
	struct text_out out = {.decoder = decoder};
	char address[INET6_ADDRSTRLEN] = "";
	char port[16];
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	sa_family_t family = AF_UNSPEC;

	if (text.len >= sizeof(family))
		memcpy(&family, text.text, sizeof(family));
	if (family == AF_INET && text.len >= sizeof(v4)) {
		memcpy(&v4, text.text, sizeof(v4));
		(void)inet_ntop(AF_INET, &v4.sin_addr, address, sizeof(address));
		(void)snprintf(port, sizeof(port), ":%u", ntohs(v4.sin_port));
	} else if (family == AF_INET6 && text.len >= sizeof(v6)) {
		memcpy(&v6, text.text, sizeof(v6));
		(void)inet_ntop(AF_INET6, &v6.sin6_addr, address, sizeof(address));
		(void)snprintf(port, sizeof(port), ":%u", ntohs(v6.sin6_port));
	} else {
		return;
	}
	put_string(&out, address);
	put_string(&out, port);
	finish_text(&out, event);
}

static void take_connect(struct decoder *decoder, struct slice text, struct event *event)
{
	if (event->arg == CONNECT_PATH)
		take_string(decoder, text, event);
	else
		take_address(decoder, text, event);
}

static void take_candidates(struct decoder *decoder, struct slice text, struct event *event)
{
	size_t size = sizeof(struct timer_candidate);
	size_t n = text.len / size;

	(void)decoder;
	if (n > event->arg)
		n = event->arg;
	if (n > EVENT_MAX_CANDIDATES)
		n = EVENT_MAX_CANDIDATES;
	memcpy(event->candidates, text.text, n * size);
	event->n_candidates = (uint32_t)n;
}

static const struct kind_rule kind_rules[NT_EVENT_KINDS] = {
#define KNOWN(name, lower, number) [NT_EVENT_##name].known = true,
	NT_EVENTS(KNOWN)
#undef KNOWN
		[NT_EVENT_INIT]
			.take = take_string,
	[NT_EVENT_SCOPE_OPEN].b_is_id = true,
	[NT_EVENT_SCOPE_OPEN].c_is_id = true,
	[NT_EVENT_SCOPE_CLOSE].take = take_candidates,
	[NT_EVENT_TICK_BOUNDARY].take = take_candidates,
	[NT_EVENT_MESSAGE_URL].take = take_url,
	[NT_EVENT_STREAM_WRITE].take = take_write,
	[NT_EVENT_STREAM_WRITE].c_is_id = true,
	[NT_EVENT_STREAM_READ].take = take_read,
	[NT_EVENT_STREAM_READ].c_is_id = true,
	[NT_EVENT_WORK_SUBMIT].take = take_string,
	[NT_EVENT_WORK_SUBMIT].c_is_id = true,
	[NT_EVENT_CONNECT].take = take_connect,
	[NT_EVENT_CONNECT].c_is_id = true,
	[NT_EVENT_SPAWN].take = take_string,
	[NT_EVENT_DNS_QUERY].take = take_string,
	[NT_EVENT_PEER].take = take_string,
	[NT_EVENT_SPAWN].c_is_id = true,
	[NT_EVENT_HANDLE_CLOSE].c_is_id = true,
	[NT_EVENT_HTTP2_STREAM].c_is_id = true,
	[NT_EVENT_HTTP2_HEADERS].take = take_http2,
	[NT_EVENT_HTTP2_HEADERS].c_is_id = true,
};

static void take_header(const struct nt_event *raw, const struct stacks *stacks,
			struct event *event)
{
	const struct kind_rule *rule = &kind_rules[raw->kind];

	event->ts = raw->ts;
	event->tid = raw->tid;
	event->seq = raw->seq;
	event->kind = (enum nt_event_kind)raw->kind;
	event->arg = raw->arg;
	event->a = raw->a;
	event->b = rule->b_is_id ? async_id(raw->b) : raw->b;
	event->c = rule->c_is_id ? async_id(raw->c) : raw->c;
	event->stack_id = raw->stack;
	if (stacks && raw->stack)
		event->stack = stacks_find(stacks, raw->stack);
	event->has_ids = raw->has_ids != 0;
	if (!event->has_ids)
		return;
	event->exec = async_id(raw->exec);
	event->trigger = async_id(raw->trigger);
	event->counter = async_id(raw->counter);
	event->immediates = raw->immediates;
	event->tick = raw->tick;
	if (raw->entered <= NT_ENTERED_SOME)
		event->entered = raw->entered;
}

int decode_event(struct decoder *decoder, const struct stacks *stacks, const void *record,
		 size_t size, struct event *ret_event)
{
	struct event event = {.text = ""};
	struct nt_event raw;
	struct slice text;

	if (size < sizeof(raw))
		return -EBADMSG;
	memcpy(&raw, record, sizeof(raw));
	if (raw.text_len > size - sizeof(raw))
		return -EBADMSG;
	if (raw.kind >= NT_EVENT_KINDS || !kind_rules[raw.kind].known)
		return -EBADMSG;
	if (raw.kind == NT_EVENT_STACK)
		return -ENODATA;
	text.text = (const char *)record + sizeof(raw);
	text.len = raw.text_len;
	take_header(&raw, stacks, &event);
	decode_births(&raw, decoder->spills, &event);
	if (kind_rules[raw.kind].take)
		kind_rules[raw.kind].take(decoder, text, &event);
	*ret_event = event;
	return 0;
}
