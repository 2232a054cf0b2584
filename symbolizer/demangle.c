/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/demangle.h"

#include <ctype.h>
#include <string.h>

#include "symbolizer/base.h"

enum {
	MAX_MANGLED =
		1024, /* longer ones are not demangled: the result may grow out of proportion */
	MAX_TEMPLATE = 24, /* template arguments of more bytes are left out */
};

/* Of the C++ runtime library, which has no header for C. */
// NOLINTNEXTLINE(readability-identifier-naming)
char *__cxa_demangle(const char *mangled, char *buf, size_t *len, int *status);

struct writer {
	char *buf;
	size_t size;
	size_t len;
};

static void put(struct writer *out, const char *text, size_t len)
{
	size_t room = out->size - 1 - out->len;

	if (len > room)
		len = room;
	memcpy(out->buf + out->len, text, len);
	out->len += len;
}

static bool ends_with(const struct writer *out, const char *text)
{
	size_t len = strlen(text);

	return out->len >= len && memcmp(out->buf + out->len - len, text, len) == 0;
}

static bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The group that opens at text, with its closing bracket: "(…)" or "<…>". */
static size_t group_len(const char *text)
{
	char open = *text;
	char close = open == '(' ? ')' : '>';
	size_t depth = 0;

	for (size_t i = 0; text[i]; i++) {
		if (text[i] == open)
			depth++;
		/* -> in a decltype closes nothing */
		if (text[i] == close && !(close == '>' && text[i - 1] == '-') && --depth == 0)
			return i + 1;
	}
	return strlen(text);
}

/* "operator" takes the symbols behind it, whatever they look like. */
static size_t take_operator(struct writer *out, const char *text)
{
	size_t len;

	if (!ends_with(out, "operator"))
		return 0;
	if (starts_with(text, "()"))
		len = 2;
	else
		len = strspn(text, "<>-=!+*/%^&|~,[]");
	if (!len && *text == ' ') {
		len = 1 + strcspn(text + 1, "(<"); /* operator new, operator unsigned int* */
	}
	put(out, text, len);
	return len;
}

static size_t take_group(struct writer *out, const char *text)
{
	static const char anonymous[] = "(anonymous namespace)::";
	size_t len;

	if (starts_with(text, anonymous))
		return strlen(anonymous);
	len = group_len(text);
	if (*text == '<')
		put(out, len <= MAX_TEMPLATE ? text : "<..>", len <= MAX_TEMPLATE ? len : 4);
	return len;
}

/* A space ends a return type, or comes before what qualifies a member function. */
static size_t take_space(struct writer *out, const char *text)
{
	static const char *const qualifiers[] = {" const", " volatile", " &&", " &"};

	for (size_t i = 0; i < ARRAY_SIZE(qualifiers); i++)
		if (starts_with(text, qualifiers[i]))
			return strlen(qualifiers[i]);
	if (starts_with(text, " [clone"))
		return strlen(text);
	out->len = 0;
	return 1;
}

static bool at_word_start(const struct writer *out)
{
	unsigned char last = out->len ? (unsigned char)out->buf[out->len - 1] : ' ';

	return !isalnum(last) && last != '_' && last != ':';
}

size_t demangle_shorten(const char *name, char *buf, size_t size)
{
	static const char internal[] = "v8::internal::";
	struct writer out = {.buf = buf, .size = size};
	size_t braces = 0;

	while (*name) {
		size_t len = take_operator(&out, name);

		if (!len && (*name == '(' || *name == '<'))
			len = take_group(&out, name);
		if (!len && *name == ' ' && !braces)
			len = take_space(&out, name);
		if (!len && starts_with(name, internal) && at_word_start(&out))
			len = strlen(internal);
		if (!len) {
			if (*name == '{')
				braces++;
			if (*name == '}' && braces)
				braces--;
			put(&out, name, 1);
			len = 1;
		}
		name += len;
	}
	buf[out.len] = '\0';
	return out.len;
}

size_t demangle_short(const char *symbol, char *buf, size_t size)
{
	_cleanup_(freep) char *name = NULL;
	struct writer out = {.buf = buf, .size = size};
	size_t len = strnlen(symbol, MAX_MANGLED + 1);
	int status = 0;

	if (len <= MAX_MANGLED && starts_with(symbol, "_Z"))
		name = __cxa_demangle(symbol, NULL, NULL, &status);
	if (name && status == 0)
		return demangle_shorten(name, buf, size);
	put(&out, symbol, len);
	buf[out.len] = '\0';
	return out.len;
}
