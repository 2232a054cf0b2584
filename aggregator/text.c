/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct code_range {
	uint32_t first;
	uint32_t last;
};

/* What a terminal or a bidirectional text display would act upon. */
static const struct code_range unsafe[] = {
	{0x00, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c},
	{0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069},
};

static bool is_unsafe(uint32_t code)
{
	size_t i;

	for (i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		if (code >= unsafe[i].first && code <= unsafe[i].last)
			return true;
	}
	return false;
}

/* Length that the lead byte announces, its payload in *ret_bits; 0 when it is no lead byte. */
static size_t lead_byte(unsigned char byte, uint32_t *ret_bits)
{
	if (byte < 0x80) {
		*ret_bits = byte;
		return 1;
	}
	if (byte >= 0xc2 && byte <= 0xdf) {
		*ret_bits = byte & 0x1f;
		return 2;
	}
	if (byte >= 0xe0 && byte <= 0xef) {
		*ret_bits = byte & 0x0f;
		return 3;
	}
	if (byte >= 0xf0 && byte <= 0xf4) {
		*ret_bits = byte & 0x07;
		return 4;
	}
	return 0;
}

static void escape_byte(char *dst, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	dst[0] = '\\';
	dst[1] = 'x';
	dst[2] = digits[byte >> 4];
	dst[3] = digits[byte & 15];
}

size_t text_char(const char *src, size_t len, uint32_t *ret_code)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code;
	size_t n = lead_byte((unsigned char)src[0], &code);
	size_t i;

	if (n == 0 || n > len)
		return 0;
	for (i = 1; i < n; i++) {
		if (((unsigned char)src[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | ((unsigned char)src[i] & 0x3f);
	}
	if (code < smallest[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

size_t text_sanitize(char *dst, size_t dst_size, const char *src, size_t src_len, int *ret_cut)
{
	size_t room = dst_size ? dst_size - 1 : 0;
	size_t len = 0;
	size_t i = 0;

	while (i < src_len) {
		uint32_t code = 0;
		size_t n = text_char(src + i, src_len - i, &code);
		bool safe = n && !is_unsafe(code);
		size_t in = n ? n : 1;
		size_t out = safe ? n : 4 * in;
		size_t k;

		if (out > room - len)
			break;
		if (safe)
			memcpy(dst + len, src + i, n);
		for (k = 0; !safe && k < in; k++)
			escape_byte(dst + len + 4 * k, (unsigned char)src[i + k]);
		len += out;
		i += in;
	}
	if (dst_size)
		dst[len] = '\0';
	if (ret_cut)
		*ret_cut = i < src_len;
	return len;
}

size_t text_boundary(const char *text, size_t len)
{
	size_t start = len;
	uint32_t bits;
	size_t n;

	while (start > 0 && len - start < 4) {
		n = lead_byte((unsigned char)text[--start], &bits);
		if (n)
			return start + n <= len ? len : start;
	}
	return len;
}
