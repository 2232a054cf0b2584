/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/setup.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "symbolizer/base.h"

#define MAX_WORDS 10

static const struct {
	const char *key;
	const char *title;
	const char *words[MAX_WORDS]; /* ends with NULL */
} items[] = {
#define SETUP_ROW(name, item_key, item_title, ...) \
	[SETUP_##name] = {.key = (item_key), .title = (item_title), .words = {__VA_ARGS__}},
	SETUP_ITEMS(SETUP_ROW)
#undef SETUP_ROW
};
_Static_assert(ARRAY_SIZE(items) == SETUP_COUNT, "one row for each item");

const char *setup_title(enum setup_item item)
{
	assert((unsigned int)item < SETUP_COUNT);
	return items[item].title;
}

unsigned int setup_words(enum setup_item item)
{
	unsigned int n = 0;

	assert((unsigned int)item < SETUP_COUNT);
	while (n < MAX_WORDS && items[item].words[n])
		n++;
	return n;
}

const char *setup_word(enum setup_item item, unsigned int choice)
{
	assert(choice < setup_words(item));
	return items[item].words[choice];
}

void setup_step(struct setup *setup, enum setup_item item, int step)
{
	unsigned int count = setup_words(item);

	setup->choice[item] =
		(unsigned char)((setup->choice[item] + count + (unsigned int)step) % count);
}

/* A part of the text. */
struct piece {
	const char *start;
	size_t len;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct piece trimmed(const char *start, const char *end)
{
	while (start < end && blank(*start))
		start++;
	while (start < end && blank(end[-1]))
		end--;
	return (struct piece){start, (size_t)(end - start)};
}

static bool is(struct piece piece, const char *word)
{
	return strlen(word) == piece.len && !memcmp(piece.start, word, piece.len);
}

static bool choose(struct setup *setup, enum setup_item item, struct piece word)
{
	unsigned int choice;

	for (choice = 0; choice < setup_words(item); choice++) {
		if (is(word, items[item].words[choice])) {
			setup->choice[item] = (unsigned char)choice;
			return true;
		}
	}
	return false;
}

static bool take(struct setup *setup, struct piece key, struct piece word)
{
	unsigned int item;

	for (item = 0; item < SETUP_COUNT; item++) {
		if (is(key, items[item].key))
			return choose(setup, (enum setup_item)item, word);
	}
	return false;
}

static bool parse_line(struct setup *setup, const char *start, const char *end)
{
	struct piece line = trimmed(start, end);
	const char *equals;

	if (line.len == 0 || line.start[0] == '#')
		return true;
	equals = memchr(line.start, '=', line.len);
	return equals &&
	       take(setup, trimmed(line.start, equals), trimmed(equals + 1, line.start + line.len));
}

size_t setup_parse(struct setup *setup, const char *text, size_t len)
{
	const char *end = text + len;
	size_t unknown = 0;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline ? newline : end;

		unknown += !parse_line(setup, text, line_end);
		text = newline ? newline + 1 : end;
	}
	return unknown;
}

size_t setup_print(const struct setup *setup, char *text, size_t len)
{
	size_t used = 0;
	unsigned int item;
	int n;

	n = snprintf(text, len, "# ntrace-bpf: written by F2 in the view\n");
	for (item = 0; item <= SETUP_COUNT; item++) {
		if (n < 0 || (size_t)n >= len - used)
			return 0;
		used += (size_t)n;
		if (item < SETUP_COUNT)
			n = snprintf(text + used, len - used, "%s = %s\n", items[item].key,
				     setup_word((enum setup_item)item, setup->choice[item]));
	}
	return used;
}
