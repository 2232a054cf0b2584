/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/printable.h"

#include <string.h>

#include "symbolizer/base.h"

struct range {
	uint32_t first;
	uint32_t last;
};

static const struct range forbidden[] = {
	{0x00, 0x1f},       /* C0 */
	{0x7f, 0x9f},       /* DEL, C1 */
	{0x61c, 0x61c},     /* arabic letter mark */
	{0x200b, 0x200f},   /* zero width, direction marks */
	{0x2028, 0x202e},   /* line and paragraph separators, embeddings and overrides */
	{0x2060, 0x206f},   /* invisible operators, isolates */
	{0xd800, 0xdfff},   /* surrogates */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xfff9, 0xfffb},   /* interlinear annotations */
	{0xe0000, 0xe007f}, /* tags */
	{0x110000, UINT32_MAX},
};

static bool is_forbidden(uint32_t character)
{
	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
		if (character >= forbidden[i].first && character <= forbidden[i].last)
			return true;
	return false;
}

/* Length of the well-formed UTF-8 character at text, 0 when there is none. */
static size_t decode(const char *text, size_t len, uint32_t *ret_character)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = (uint8_t)text[0];
	uint32_t character;
	size_t n;

	if (first < 0x80) {
		*ret_character = first;
		return 1;
	}
	n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc0 || first >= 0xf8 || n > len)
		return 0;
	character = first & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (((uint8_t)text[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | ((uint8_t)text[i] & 0x3f);
	}
	if (character < smallest[n])
		return 0;
	*ret_character = character;
	return n;
}

size_t printable_copy(char *buf, size_t size, const char *text, size_t len)
{
	size_t at = 0;
	size_t out = 0;

	while (at < len) {
		uint32_t character;
		size_t n = decode(text + at, len - at, &character);
		bool good = n && !is_forbidden(character);
		size_t width = good ? n : 1;

		if (out + width >= size)
			break;
		if (good)
			memcpy(buf + out, text + at, width);
		else
			buf[out] = '?';
		out += width;
		at += n ? n : 1;
	}
	buf[out] = '\0';
	return out;
}
