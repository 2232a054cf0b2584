/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_url.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/digits.h"

/* "//# sourceMappingURL=": '//', '#' or '@', at least one blank, and this word. */
static const char word[] = "sourceMappingURL=";

enum {
	AT_SLASH = 1,
	AT_COMMENT = 2,
	AT_MARK = 3,
	AT_BLANK = 4, /* and so many characters of the word */
	AT_VALUE = AT_BLANK + sizeof(word) - 1,
};

static unsigned int start_state(unsigned int state, uint16_t c)
{
	if (c != '/')
		return 0;
	return state == AT_SLASH || state == AT_COMMENT ? AT_COMMENT : AT_SLASH;
}

/* The state after a character before the value. */
static unsigned int next_state(unsigned int state, uint16_t c)
{
	bool is_blank = c == ' ' || c == '\t';

	if (state == AT_COMMENT && (c == '#' || c == '@'))
		return AT_MARK;
	if (is_blank && (state == AT_MARK || state == AT_BLANK))
		return AT_BLANK;
	if (state >= AT_BLANK && c == (uint8_t)word[state - AT_BLANK])
		return state + 1;
	return start_state(state, c);
}

static int add(struct source_url *url, char c)
{
	if (array_reserve(&url->text, &url->capacity, url->len + 1, 1))
		return -ENOMEM;
	url->text[url->len++] = c;
	return 0;
}

/* A value ends at a blank; quotes say that this is in a string of some tool's own code. */
static int take_value(struct source_url *url, uint16_t c)
{
	if (c <= ' ' || c == 0x2028 || c == 0x2029) {
		url->state = 0;
		return 0;
	}
	if (c < 0x7f && c != '"' && c != '\'' && c != '`' && url->len < SOURCE_URL_MAX)
		return add(url, (char)c);
	url->state = start_state(0, c);
	url->len = 0;
	return 0;
}

int source_url_feed(void *user, const struct v8_chars *chars)
{
	struct source_url *url = user;
	int err = 0;

	for (size_t i = 0; !err && i < chars->n; i++) {
		uint16_t c = v8_char(chars, i);

		if (url->state == AT_VALUE) {
			err = take_value(url, c);
		} else if (url->state || c == '/') {
			url->state = next_state(url->state, c);
			if (url->state == AT_VALUE)
				url->len = 0;
		}
	}
	return err;
}

void source_url_done(struct source_url *url)
{
	free(url->text);
	*url = (struct source_url){0};
}

const char *source_url_text(struct source_url *url)
{
	if (!url->len)
		return NULL;
	url->text[url->len] = '\0';
	return url->text;
}

/* Of both alphabets. */
static int base64_digit(char c)
{
	return digits_base64(c == '-' ? '+' : c == '_' ? '/' : c);
}

/* Padded or not. */
static int decode_base64(const char *text, char *out, size_t *ret_len)
{
	unsigned int bits = 0;
	unsigned int n_bits = 0;
	size_t len = 0;

	for (; *text && *text != '='; text++) {
		int digit = base64_digit(*text);

		if (digit < 0)
			return -EBADMSG;
		bits = (bits << 6 | (unsigned int)digit) & 0xffff;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			out[len++] = (char)(bits >> n_bits);
		}
	}
	if (text[strspn(text, "=")])
		return -EBADMSG;
	*ret_len = len;
	return 0;
}

static size_t decode_percent(const char *text, char *out)
{
	size_t len = 0;

	while (*text) {
		int value = digits_percent(text);

		out[len++] = value < 0 ? *text : (char)value;
		text += value < 0 ? 1 : 3;
	}
	return len;
}

int source_url_data(const char *url, char **ret_bytes, size_t *ret_len)
{
	static const char prefix[] = "data:application/json";
	static const char base64[] = ";base64";
	const char *comma = strchr(url, ',');
	const char *end;
	char *bytes;
	int err = 0;

	if (strncmp(url, prefix, strlen(prefix)) != 0 || !comma)
		return -ENOENT;
	end = url + strlen(prefix);
	if (*end != ';' && end != comma)
		return -ENOENT;
	bytes = malloc(strlen(comma));
	if (!bytes)
		return -ENOMEM;
	if ((size_t)(comma - end) >= strlen(base64) &&
	    memcmp(comma - strlen(base64), base64, strlen(base64)) == 0)
		err = decode_base64(comma + 1, bytes, ret_len);
	else
		*ret_len = decode_percent(comma + 1, bytes);
	if (err)
		free(bytes);
	else
		*ret_bytes = bytes;
	return err;
}
