/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/comparison.h"

#include <string.h>
#include <strings.h>

#include "symbolizer/base.h"

enum value_kind {
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_STATUS,
	VALUE_DURATION
};

struct text_range {
	const char *text;
	size_t len;
};

struct filter_field {
	const char *name;
	enum value_kind kind;
	bool ignore_case;
	uint64_t (*number)(const struct request *request);
	struct text_range (*text)(const struct request *request);
};

/* Two characters before one: the first that fits is taken. */
static const char *const relations[] = {
	[RELATION_EQUAL] = "==",         [RELATION_NOT_EQUAL] = "!=", [RELATION_LESS_EQUAL] = "<=",
	[RELATION_GREATER_EQUAL] = ">=", [RELATION_MATCH] = "=~",     [RELATION_NO_MATCH] = "!~",
	[RELATION_LESS] = "<",           [RELATION_GREATER] = ">",
};
_Static_assert(ARRAY_SIZE(relations) == RELATION_COUNT, "one spelling for each relation");

static uint64_t number_of_status(const struct request *request)
{
	return request->status;
}

static uint64_t number_of_ops(const struct request *request)
{
	return request->n_ops_total;
}

static uint64_t number_of_cpu(const struct request *request)
{
	return request->cpu_ns;
}

static struct text_range text_of_method(const struct request *request)
{
	return (struct text_range){request->method, strlen(request->method)};
}

static struct text_range text_of_path(const struct request *request)
{
	return (struct text_range){request->url, strcspn(request->url, "?")};
}

static struct text_range text_of_protocol(const struct request *request)
{
	const char *name = protocol_name(request->protocol, request->tls);

	return (struct text_range){name, strlen(name)};
}

static const struct filter_field fields[] = {
	{.name = "method", .kind = VALUE_TEXT, .ignore_case = true, .text = text_of_method},
	{.name = "path", .kind = VALUE_TEXT, .text = text_of_path},
	{.name = "protocol", .kind = VALUE_TEXT, .ignore_case = true, .text = text_of_protocol},
	{.name = "status", .kind = VALUE_STATUS, .number = number_of_status},
	{.name = "dur", .kind = VALUE_DURATION, .number = request_duration_ns},
	{.name = "ops", .kind = VALUE_NUMBER, .number = number_of_ops},
	{.name = "cpu", .kind = VALUE_DURATION, .number = number_of_cpu},
};

static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{"", NS_PER_MS},   {"us", NS_PER_US},      {"ms", NS_PER_MS},
	{"s", NS_PER_SEC}, {"m", 60 * NS_PER_SEC},
};

/* Digits with at most nine after a point, in billionths. Returns what follows, or NULL. */
static const char *parse_decimal(const char *text, unsigned __int128 *ret_value)
{
	unsigned __int128 value = 0;
	uint64_t scale = NS_PER_SEC;
	bool fraction = false;
	size_t digits = 0;

	for (; (*text >= '0' && *text <= '9') || (*text == '.' && !fraction); text++) {
		if (*text == '.') {
			fraction = true;
			continue;
		}
		if (++digits > 18 || (fraction && scale == 1))
			return NULL;
		value = value * 10 + (unsigned int)(*text - '0');
		if (fraction)
			scale /= 10;
	}
	if (!digits)
		return NULL;
	*ret_value = value * scale;
	return text;
}

static bool parse_duration(const char *text, struct comparison *comparison)
{
	unsigned __int128 value;
	const char *unit = parse_decimal(text, &value);
	size_t i;

	for (i = 0; unit && i < ARRAY_SIZE(units); i++) {
		if (strcmp(unit, units[i].name) != 0)
			continue;
		value = value * units[i].ns / NS_PER_SEC;
		if (value > UINT64_MAX)
			return false;
		comparison->low = comparison->high = (uint64_t)value;
		return true;
	}
	return false;
}

static bool parse_number(const char *text, struct comparison *comparison)
{
	unsigned __int128 value;
	const char *rest = parse_decimal(text, &value);

	if (!rest || *rest || value % NS_PER_SEC)
		return false;
	comparison->low = comparison->high = (uint64_t)(value / NS_PER_SEC);
	return true;
}

static bool parse_status(const char *text, struct comparison *comparison)
{
	if (text[0] >= '1' && text[0] <= '5' && !strcasecmp(text + 1, "xx")) {
		comparison->low = (uint64_t)(text[0] - '0') * 100;
		comparison->high = comparison->low + 99;
		return true;
	}
	return parse_number(text, comparison);
}

static const char *const value_names[] = {
	[VALUE_TEXT] = "text",
	[VALUE_NUMBER] = "a number",
	[VALUE_STATUS] = "a status like 404 or 5xx",
	[VALUE_DURATION] = "a time like 50ms or 1.5s",
};

static bool (*const value_parsers[])(const char *text, struct comparison *comparison) = {
	[VALUE_NUMBER] = parse_number,
	[VALUE_STATUS] = parse_status,
	[VALUE_DURATION] = parse_duration,
};

static bool is_regex(const struct comparison *comparison)
{
	return comparison->relation == RELATION_MATCH || comparison->relation == RELATION_NO_MATCH;
}

static int compile(struct scanner *scanner, size_t at, struct comparison *comparison)
{
	int flags = REG_EXTENDED | REG_NOSUB | (comparison->field->ignore_case ? REG_ICASE : 0);
	char why[128];
	int err = regcomp(&comparison->regex, comparison->text, flags);

	if (err == REG_ESPACE)
		return -ENOMEM;
	if (err) {
		(void)regerror(err, &comparison->regex, why, sizeof(why));
		return scanner_fail(scanner, at, "bad regular expression: %s", why);
	}
	comparison->has_regex = true;
	return 0;
}

static int parse_value(struct scanner *scanner, struct comparison *comparison)
{
	enum value_kind kind = comparison->field->kind;
	char value[SCANNER_MAX_VALUE];
	char after[32];
	size_t at;
	int err;

	(void)snprintf(after, sizeof(after), "%s%s", comparison->field->name,
		       relations[comparison->relation]);
	scanner_skip_spaces(scanner);
	at = scanner->at;
	err = scanner_value(scanner, after, value);
	if (err)
		return err;
	if (kind != VALUE_TEXT) {
		if (!value_parsers[kind](value, comparison))
			return scanner_fail(scanner, at, "expected %s after '%s'",
					    value_names[kind], after);
		return 0;
	}
	comparison->text = strdup(value);
	if (!comparison->text)
		return -ENOMEM;
	return is_regex(comparison) ? compile(scanner, at, comparison) : 0;
}

static int parse_relation(struct scanner *scanner, struct comparison *comparison)
{
	bool text = comparison->field->kind == VALUE_TEXT;
	const char *name = comparison->field->name;
	size_t at;
	unsigned int i;

	scanner_skip_spaces(scanner);
	at = scanner->at;
	for (i = 0; i < RELATION_COUNT && !scanner_accept(scanner, relations[i]); i++)
		;
	if (i == RELATION_COUNT)
		return scanner_fail(scanner, at, "expected a comparison after '%s', like %s", name,
				    text ? "== or =~" : "== or >");
	comparison->relation = (enum relation)i;
	if (!text && is_regex(comparison))
		return scanner_fail(scanner, at, "'%s' is a number, '%s' is for text", name,
				    relations[i]);
	if (text && i != RELATION_EQUAL && i != RELATION_NOT_EQUAL && !is_regex(comparison))
		return scanner_fail(scanner, at, "'%s' is text, '%s' is for numbers", name,
				    relations[i]);
	return 0;
}

static int parse_field(struct scanner *scanner, struct comparison *comparison)
{
	const char *text = scanner->text + scanner->at;
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (len == strlen(fields[i].name) && !strncmp(text, fields[i].name, len))
			break;
	}
	if (i == ARRAY_SIZE(fields))
		return scanner_fail(
			scanner, scanner->at,
			"expected method, path, protocol, status, dur, ops, cpu, '!' or '('");
	comparison->field = &fields[i];
	scanner->at += len;
	return 0;
}

static bool match_text(const struct comparison *comparison, struct text_range text)
{
	regmatch_t range = {.rm_so = 0, .rm_eo = (regoff_t)text.len};
	bool same;

	if (comparison->has_regex) {
		same = regexec(&comparison->regex, text.text, 1, &range, REG_STARTEND) == 0;
		return same == (comparison->relation == RELATION_MATCH);
	}
	same = strlen(comparison->text) == text.len &&
	       !(comparison->field->ignore_case ? strncasecmp(comparison->text, text.text, text.len)
						: memcmp(comparison->text, text.text, text.len));
	return same == (comparison->relation == RELATION_EQUAL);
}

static bool match_number(const struct comparison *comparison, uint64_t number)
{
	bool inside = number >= comparison->low && number <= comparison->high;

	if (comparison->field->kind == VALUE_STATUS && number == 0)
		return comparison->relation == RELATION_NOT_EQUAL;
	switch (comparison->relation) {
	case RELATION_EQUAL:
		return inside;
	case RELATION_NOT_EQUAL:
		return !inside;
	case RELATION_LESS:
		return number < comparison->low;
	case RELATION_LESS_EQUAL:
		return number <= comparison->high;
	case RELATION_GREATER:
		return number > comparison->high;
	case RELATION_GREATER_EQUAL:
		return number >= comparison->low;
	case RELATION_MATCH:
	case RELATION_NO_MATCH:
	case RELATION_COUNT:
		break;
	}
	return false;
}

int comparison_parse(struct scanner *scanner, struct comparison *comparison)
{
	int err = parse_field(scanner, comparison);

	if (!err)
		err = parse_relation(scanner, comparison);
	return err ? err : parse_value(scanner, comparison);
}

void comparison_done(struct comparison *comparison)
{
	if (comparison->has_regex)
		regfree(&comparison->regex);
	free(comparison->text);
}

bool comparison_match(const struct comparison *comparison, const struct request *request)
{
	if (comparison->field->kind == VALUE_TEXT)
		return match_text(comparison, comparison->field->text(request));
	return match_number(comparison, comparison->field->number(request));
}
