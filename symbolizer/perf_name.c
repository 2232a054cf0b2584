/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/perf_name.h"

#include <ctype.h>
#include <string.h>

#include "symbolizer/base.h"

struct spelling {
	const char *prefix;
	enum frame_kind kind;
	bool has_position; /* tier mark, function, file and line follow */
};

static const struct spelling spellings[] = {
	{.prefix = "JS:", .kind = FRAME_JS, .has_position = true},
	{.prefix = "LazyCompile:", .kind = FRAME_JS, .has_position = true},
	{.prefix = "Function:", .kind = FRAME_JS, .has_position = true},
	{.prefix = "Script:", .kind = FRAME_JS, .has_position = true},
	{.prefix = "Eval:", .kind = FRAME_JS, .has_position = true},
	{.prefix = "Builtin:", .kind = FRAME_BUILTIN},
	{.prefix = "BytecodeHandler:", .kind = FRAME_BUILTIN},
	{.prefix = "Stub:", .kind = FRAME_BUILTIN},
};

struct text {
	const char *at;
	size_t len;
};

static bool starts_with(const struct text *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text->len >= len && memcmp(text->at, prefix, len) == 0;
}

static void skip(struct text *text, size_t len)
{
	text->at += len;
	text->len -= len;
}

static bool is_tier(char c)
{
	return c == '~' || c == '^' || c == '+' || c == '*';
}

/* Interpreted ~, baseline ^, Maglev +, TurboFan *; an o before them when it was entered in a loop, and
 * ' behind them when it is specialised for a function. */
static void skip_tier(struct text *text)
{
	if (text->len > 1 && text->at[0] == 'o' && is_tier(text->at[1]))
		skip(text, 1);
	if (!text->len || !is_tier(text->at[0]))
		return;
	skip(text, 1);
	if (text->len && text->at[0] == '\'')
		skip(text, 1);
}

/* Takes ":123" off the end. */
static bool take_number(struct text *text, uint32_t *ret_value)
{
	size_t start = text->len;
	uint32_t value = 0;

	while (start && isdigit((unsigned char)text->at[start - 1]))
		start--;
	if (start == text->len || !start || text->at[start - 1] != ':' || text->len - start > 9)
		return false;
	for (size_t i = start; i < text->len; i++)
		value = value * 10 + (uint32_t)(text->at[i] - '0');
	text->len = start - 1;
	*ret_value = value;
	return true;
}

/*
 * Where " file" starts; functions ("get name") and files may both hold spaces. The first space
 * before what looks like the start of a file name, else the last one.
 */
static size_t file_start(const struct text *text)
{
	static const char *const starts[] = {" /", " node:", " file:", " evalmachine."};
	size_t last = text->len;

	for (size_t i = 0; i < text->len; i++) {
		struct text rest = {text->at + i, text->len - i};

		if (text->at[i] != ' ')
			continue;
		last = i;
		for (size_t k = 0; k < ARRAY_SIZE(starts); k++)
			if (starts_with(&rest, starts[k]))
				return i;
	}
	return last;
}

static void parse_position(struct text text, struct perf_name *name)
{
	uint32_t number;
	size_t space;

	skip_tier(&text);
	if (take_number(&text, &number)) {
		name->line = number;
		if (take_number(&text, &number)) {
			name->column = name->line;
			name->line = number;
		}
	}
	space = file_start(&text);
	if (space + 1 < text.len) {
		name->file = text.at + space + 1;
		name->file_len = text.len - space - 1;
	}
	name->function = text.at;
	name->function_len = space;
}

void perf_name_parse(const char *text, size_t len, struct perf_name *ret_name)
{
	struct text rest = {text, len};
	struct perf_name name = {.function = text, .function_len = len, .kind = FRAME_JS};

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		const struct spelling *spelling = &spellings[i];

		if (!starts_with(&rest, spelling->prefix))
			continue;
		skip(&rest, strlen(spelling->prefix));
		name.kind = spelling->kind;
		name.function = rest.at;
		name.function_len = rest.len;
		if (spelling->has_position)
			parse_position(rest, &name);
		break;
	}
	if (!name.function_len) {
		name.function = "(anonymous)";
		name.function_len = strlen(name.function);
	}
	*ret_name = name;
}

/* What initialises the members of a class has the name of the class in the map; and there is no type
 * before the name of a method. */
static bool is_same_name(const char *perf, const char *name)
{
	size_t len = strlen(name);
	size_t perf_len = strlen(perf);

	if (name[0] == '<' && strstr(name, "_initializer>"))
		return true;
	return strcmp(perf, name) == 0 || (len > perf_len && name[len - perf_len - 1] == '.' &&
					   strcmp(name + len - perf_len, perf) == 0);
}

bool perf_name_agrees(const struct frame *perf, const struct frame *frame)
{
	if (!is_same_name(perf->function, frame->function))
		return false;
	return perf->file == frame->file &&
	       (!perf->line || !frame->line || perf->line <= frame->line);
}
