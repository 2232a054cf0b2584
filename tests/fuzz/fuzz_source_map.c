/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Any bytes as a source map, as the source of a script with a comment, as a data: URL, as names of
 * files, and as mappings: these are compared with a decoder that takes them one by one.
 */
#include "tests/fuzz/fuzz.h"

#include "symbolizer/source_map.h"
#include "symbolizer/source_mappings.h"
#include "symbolizer/source_path.h"
#include "symbolizer/source_url.h"

enum {
	SOURCES = 3,
	NAMES = 2,
	PLACES = 64,
};

static void check_map(const char *text, size_t len)
{
	struct source_origin origin;
	struct source_map *map;

	if (source_map_parse(text, len, &map))
		return;
	for (uint32_t i = 0; i < PLACES; i++)
		if (!source_map_find(map, 1 + i % 8, 1 + i / 8, &origin))
			must(origin.source && origin.root && origin.line && origin.column);
	must(source_map_bytes(map) > 0);
	source_map_free(map);
}

static void check_url(const char *text, size_t len)
{
	struct v8_chars first = {text, len / 2, false};
	struct v8_chars rest = {text + len / 2, len - len / 2, false};
	struct source_url url = {0};
	const char *value;
	size_t n;
	char *bytes;

	must(!source_url_feed(&url, &first) && !source_url_feed(&url, &rest));
	value = source_url_text(&url);
	if (value && !source_url_data(value, &bytes, &n)) {
		must(n < strlen(value));
		free(bytes);
	}
	source_url_done(&url);
}

static void check_path(const char *text)
{
	char buf[64];

	if (!source_path_join("/app/dist/a.js", "", text, buf, sizeof(buf)))
		must(strlen(buf) < sizeof(buf));
	(void)source_path_join(text, text, "a", buf, sizeof(buf));
}

/* The value of a digit; mappings that were taken have no others. */
static int64_t digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = strchr(digits, c);

	must(c && at);
	return at - digits;
}

static int64_t number(const char **text)
{
	int64_t value = 0;
	int64_t next;
	int shift = 0;

	do {
		next = digit(*(*text)++);
		value += (next & 31) << shift;
		shift += 5;
	} while (next & 32);
	return value & 1 ? -(value >> 1) : value >> 1;
}

static void check_segment(const struct source_mappings *mappings, const int64_t fields[5],
			  uint32_t line, size_t n)
{
	struct source_segment segment;

	must(!source_mappings_find(mappings, line, (uint32_t)fields[0], &segment));
	must(segment.line == line && segment.column == fields[0]);
	/* Of several at one place another one may be found. */
	if (n == 1 && segment.source == SOURCE_NONE)
		return;
	must(segment.source < SOURCES || segment.source == SOURCE_NONE);
	must(segment.name < NAMES || segment.name == SOURCE_NONE);
}

static void check_mappings(const char *text, size_t len)
{
	struct source_mappings *mappings;
	int64_t fields[5] = {0};
	uint32_t line = 0;
	size_t count = 0;

	if (source_mappings_new(text, len, SOURCES, NAMES, &mappings))
		return;
	while (*text) {
		size_t n = 0;

		if (*text == ';') {
			line++;
			fields[0] = 0;
		}
		if (*text == ';' || *text == ',') {
			text++;
			continue;
		}
		while (*text && *text != ',' && *text != ';') {
			must(n < 5);
			fields[n++] += number(&text);
		}
		must(n == 1 || n == 4 || n == 5);
		count++;
		check_segment(mappings, fields, line, n);
	}
	must(count == source_mappings_count(mappings));
	source_mappings_free(mappings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size ? size - 1 : 0;
	char *text = malloc(len + 1);

	must(text);
	if (len)
		memcpy(text, data + 1, len);
	text[len] = '\0';
	switch (size ? data[0] % 4 : 0) {
	case 0:
		check_map(text, len);
		break;
	case 1:
		check_url(text, len);
		break;
	case 2:
		check_path(text);
		break;
	default:
		check_mappings(text, strlen(text));
		break;
	}
	free(text);
	return 0;
}
