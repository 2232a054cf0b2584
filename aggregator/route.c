/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/route.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/text.h"
#include "symbolizer/base.h"

#define MAX_RULES 256
#define MAX_PATH  2048
#define ID        ":id"

#define HEX_MIN   8  /* digits of a hexadecimal that is none by chance */
#define TOKEN_MIN 16 /* letters and digits mixed */
#define WORD_MAX  48 /* nobody names a route like that */

struct rule {
	regex_t regex;
	char *name;
};

struct route_rules {
	struct rule *rules;
	size_t n, capacity;
};

/* What a segment is made of. */
struct shape {
	size_t len;
	size_t digits;
	size_t hex;
	size_t upper;
	size_t lower;
	size_t dashes;
	size_t other;
};

static struct shape shape_of(const char *text, size_t len)
{
	struct shape shape = {.len = len};

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (isxdigit(c))
			shape.hex++;
		if (isdigit(c))
			shape.digits++;
		else if (isupper(c))
			shape.upper++;
		else if (islower(c))
			shape.lower++;
		else if (c == '-' || c == '_' || c == '.' || c == '~')
			shape.dashes++;
		else
			shape.other++;
	}
	return shape;
}

/* Does it name one thing, rather than a kind? */
static bool is_id(const char *text, size_t len)
{
	const struct shape shape = shape_of(text, len);
	size_t letters = shape.upper + shape.lower;

	if (len == 0)
		return false;
	if (shape.digits && shape.digits + shape.dashes == len)
		return true; /* 42, 2024-05-01, 10.0.0.1 */
	if (len >= HEX_MIN && shape.digits && shape.hex + shape.dashes == len)
		return true; /* a uuid, a hash */
	if (len > WORD_MAX || memchr(text, '@', len) || memchr(text, '%', len))
		return true;
	if (len >= TOKEN_MIN && shape.digits && letters &&
	    (shape.digits * 8 >= len || (shape.upper > 1 && shape.lower > 1)))
		return true; /* eyJhbGciOi…, V1StGXR8_Z5jdHi6B */
	if (len >= TOKEN_MIN && shape.upper >= 3 && shape.lower >= 3 && !shape.dashes)
		return shape.upper * 4 >= len; /* base64 without a digit */
	/* user42 is one of many, v2 and http2 are not */
	return shape.digits >= 3 && letters;
}

struct out {
	char *buf;
	size_t len;
};

static void put(struct out *out, const char *text, size_t len)
{
	size_t room = ROUTE_MAX - 1 - out->len;

	if (len > room)
		len = text_boundary(text, room);
	memcpy(out->buf + out->len, text, len);
	out->len += len;
	out->buf[out->len] = '\0';
}

/* "3f2a1b9c.js" keeps its ".js": an extension of letters only. */
static size_t stem_of(const char *text, size_t len)
{
	const char *dot = memrchr(text, '.', len);
	size_t i;

	if (!dot || dot == text || len - (size_t)(dot - text) > 6 || memchr(text, '@', len))
		return len;
	for (i = (size_t)(dot - text) + 1; i < len; i++)
		if (!islower((unsigned char)text[i]))
			return len;
	return (size_t)(dot - text);
}

static void put_segment(struct out *out, const char *text, size_t len)
{
	size_t stem = stem_of(text, len);

	if (!is_id(text, stem)) {
		put(out, text, len);
		return;
	}
	put(out, ID, strlen(ID));
	put(out, text + stem, len - stem);
}

static void put_path(struct out *out, const char *path, size_t len)
{
	size_t from = 0, i;

	for (i = 0; i <= len; i++) {
		if (i < len && path[i] != '/')
			continue;
		put_segment(out, path + from, i - from);
		if (i < len)
			put(out, "/", 1);
		from = i + 1;
	}
}

static const char *rule_for(const struct route_rules *rules, const char *path, size_t len)
{
	char buf[MAX_PATH];

	if (!rules || !rules->n)
		return NULL;
	if (len >= sizeof(buf))
		len = sizeof(buf) - 1;
	memcpy(buf, path, len);
	buf[len] = '\0';
	for (size_t i = 0; i < rules->n; i++)
		if (!regexec(&rules->rules[i].regex, buf, 0, NULL, 0))
			return rules->rules[i].name;
	return NULL;
}

size_t route_name(const struct route_rules *rules, const struct request *request,
		  char buf[ROUTE_MAX])
{
	size_t len = strcspn(request->url, "?#;");
	const char *unseen = request_unseen(request);
	const char *name = unseen ? NULL : rule_for(rules, request->url, len);
	struct out out = {.buf = buf};

	buf[0] = '\0';
	if (unseen)
		return (size_t)snprintf(buf, ROUTE_MAX, "? (%s)", unseen);
	put(&out, request->method, strlen(request->method));
	put(&out, " ", 1);
	if (name)
		put(&out, name, strlen(name));
	else
		put_path(&out, request->url, len);
	return out.len;
}

int route_rules_new(struct route_rules **ret_rules)
{
	struct route_rules *rules = calloc(1, sizeof(*rules));

	if (!rules)
		return -ENOMEM;
	*ret_rules = rules;
	return 0;
}

void route_rules_free(struct route_rules *rules)
{
	if (!rules)
		return;
	for (size_t i = 0; i < rules->n; i++) {
		regfree(&rules->rules[i].regex);
		free(rules->rules[i].name);
	}
	free(rules->rules);
	free(rules);
}

int route_rules_add(struct route_rules *rules, const char *text)
{
	const char *equals = strrchr(text, '=');
	char *pattern;
	struct rule rule;
	int err;

	if (!equals || equals == text || !equals[1])
		return -EINVAL;
	if (rules->n == MAX_RULES)
		return -E2BIG;
	err = array_reserve(&rules->rules, &rules->capacity, rules->n, sizeof(rule));
	if (err)
		return err;
	pattern = strndup(text, (size_t)(equals - text));
	rule.name = strdup(equals + 1);
	if (!pattern || !rule.name)
		err = -ENOMEM;
	else if (regcomp(&rule.regex, pattern, REG_EXTENDED | REG_NOSUB))
		err = -EINVAL;
	free(pattern);
	if (err) {
		free(rule.name);
		return err;
	}
	rules->rules[rules->n++] = rule;
	return 0;
}
