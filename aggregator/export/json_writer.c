/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/json_writer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "aggregator/text.h"

static void flush(struct json_writer *json)
{
	if (json->len && !json->err) {
		errno = 0;
		if (fwrite(json->buf, 1, json->len, json->out) != json->len)
			json->err = errno ? -errno : -EIO;
	}
	json->len = 0;
}

static void put(struct json_writer *json, const char *text, size_t len)
{
	while (len) {
		size_t room = sizeof(json->buf) - json->len;
		size_t n = len < room ? len : room;

		memcpy(json->buf + json->len, text, n);
		json->len += n;
		text += n;
		len -= n;
		if (json->len == sizeof(json->buf))
			flush(json);
	}
}

static void put_char(struct json_writer *json, char c)
{
	put(json, &c, 1);
}

/* What stands before every value. */
static void separate(struct json_writer *json)
{
	if (json->comma)
		put_char(json, ',');
	json->comma = true;
}

static void begin(struct json_writer *json, char c)
{
	separate(json);
	put_char(json, c);
	json->comma = false;
	json->depth++;
}

static void end(struct json_writer *json, char c)
{
	assert(json->depth > 0);
	put_char(json, c);
	json->comma = true;
	json->depth--;
}

static void put_escape(struct json_writer *json, uint32_t code)
{
	char buf[8];
	int n = snprintf(buf, sizeof(buf), "\\u%04x", code & 0xffff);

	put(json, buf, (size_t)n);
}

/* True when the character cannot stand in a JSON string as it is. */
static bool needs_escape(uint32_t code)
{
	return code < 0x20 || code == 0x7f || code == '"' || code == '\\' || code == 0x2028 ||
	       code == 0x2029;
}

static void put_escaped(struct json_writer *json, uint32_t code)
{
	if (code == '"' || code == '\\') {
		put_char(json, '\\');
		put_char(json, (char)code);
	} else {
		put_escape(json, code);
	}
}

void json_init(struct json_writer *json, FILE *out)
{
	json->out = out;
	json->err = 0;
	json->comma = false;
	json->depth = 0;
	json->len = 0;
}

void json_object_begin(struct json_writer *json)
{
	begin(json, '{');
}

void json_object_end(struct json_writer *json)
{
	end(json, '}');
}

void json_array_begin(struct json_writer *json)
{
	begin(json, '[');
}

void json_array_end(struct json_writer *json)
{
	end(json, ']');
}

void json_key(struct json_writer *json, const char *name)
{
	separate(json);
	put_char(json, '"');
	put(json, name, strlen(name));
	put(json, "\":", 2);
	json->comma = false;
}

void json_string(struct json_writer *json, const char *text)
{
	size_t len;
	size_t plain = 0;
	size_t i = 0;

	if (!text) {
		json_null(json);
		return;
	}
	len = strlen(text);
	separate(json);
	put_char(json, '"');
	while (i < len) {
		uint32_t code;
		size_t n = text_char(text + i, len - i, &code);

		if (n && !needs_escape(code)) {
			i += n;
			continue;
		}
		put(json, text + plain, i - plain);
		if (n)
			put_escaped(json, code);
		else
			put_escape(json, 0xfffd);
		i += n ? n : 1;
		plain = i;
	}
	put(json, text + plain, len - plain);
	put_char(json, '"');
}

void json_uint(struct json_writer *json, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	separate(json);
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	put(json, digits + at, sizeof(digits) - at);
}

void json_bool(struct json_writer *json, bool value)
{
	separate(json);
	put(json, value ? "true" : "false", value ? 4 : 5);
}

void json_null(struct json_writer *json)
{
	separate(json);
	put(json, "null", 4);
}

void json_put_uint(struct json_writer *json, const char *name, uint64_t value)
{
	json_key(json, name);
	json_uint(json, value);
}

void json_put_known(struct json_writer *json, const char *name, uint64_t value)
{
	json_key(json, name);
	if (value)
		json_uint(json, value);
	else
		json_null(json);
}

void json_put_string(struct json_writer *json, const char *name, const char *text)
{
	json_key(json, name);
	json_string(json, text);
}

void json_put_bool(struct json_writer *json, const char *name, bool value)
{
	json_key(json, name);
	json_bool(json, value);
}

void json_put_if(struct json_writer *json, const char *name, bool is_so)
{
	if (is_so)
		json_put_bool(json, name, true);
}

void json_put_line(struct json_writer *json, uint32_t line, bool of_function)
{
	json_put_known(json, "line", of_function ? 0 : line);
	if (of_function)
		json_put_uint(json, "function_line", line);
}

int json_line_end(struct json_writer *json)
{
	assert(json->depth == 0);
	put_char(json, '\n');
	json->comma = false;
	flush(json);
	return json->err;
}
