/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/units.h"

#include <errno.h>
#include <stddef.h>
#include <strings.h>

#include "symbolizer/base.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit time_units[] = {
	{"ns", 1},         {"us", NS_PER_US},      {"ms", NS_PER_MS},
	{"s", NS_PER_SEC}, {"m", 60 * NS_PER_SEC}, {"h", 3600 * NS_PER_SEC},
	{NULL, 0},
};

static const struct unit size_units[] = {
	{"K", 1ULL << 10},   {"M", 1ULL << 20},   {"G", 1ULL << 30}, {"KB", 1ULL << 10},
	{"MB", 1ULL << 20},  {"GB", 1ULL << 30},  {"B", 1},          {"KiB", 1ULL << 10},
	{"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}, {NULL, 0},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads the digits at *text and moves it behind them. */
static int take_digits(const char **text, uint64_t *ret_value)
{
	uint64_t value = 0;
	const char *p;

	if (!is_digit(**text))
		return -EINVAL;
	for (p = *text; is_digit(*p); p++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return -ERANGE;
	}
	*text = p;
	*ret_value = value;
	return 0;
}

/* "1.25" of a unit of `factor`: the part behind the point, rounded down. Digits beyond the
 * ninth are too small to matter. */
static uint64_t take_fraction(const char **text, uint64_t factor)
{
	uint64_t numerator = 0, denominator = 1;

	for (; is_digit(**text); (*text)++) {
		if (denominator >= NS_PER_SEC)
			continue;
		numerator = numerator * 10 + (uint64_t)(**text - '0');
		denominator *= 10;
	}
	return (uint64_t)((unsigned __int128)numerator * factor / denominator);
}

static int find_factor(const struct unit *units, const char *name, uint64_t bare, uint64_t *ret)
{
	if (*name == '\0') {
		*ret = bare;
		return 0;
	}
	for (; units->name; units++) {
		if (strcasecmp(units->name, name) == 0) {
			*ret = units->factor;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse(const char *text, const struct unit *units, uint64_t bare, uint64_t *ret_value)
{
	const char *fraction = NULL;
	uint64_t whole, factor;
	const char *p = text;
	int err;

	err = take_digits(&p, &whole);
	if (err)
		return err;
	if (*p == '.') {
		fraction = ++p;
		if (!is_digit(*p))
			return -EINVAL;
		(void)take_fraction(&p, 0);
	}
	err = find_factor(units, p, bare, &factor);
	if (err)
		return err;
	if (__builtin_mul_overflow(whole, factor, &whole))
		return -ERANGE;
	if (fraction && __builtin_add_overflow(whole, take_fraction(&fraction, factor), &whole))
		return -ERANGE;
	*ret_value = whole;
	return 0;
}

int units_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;
	int err;

	err = take_digits(&text, &value);
	if (err)
		return err;
	if (*text != '\0')
		return -EINVAL;
	if (value < min || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int units_duration(const char *text, uint64_t bare_ns, uint64_t *ret_ns)
{
	return parse(text, time_units, bare_ns, ret_ns);
}

int units_size(const char *text, uint64_t *ret_bytes)
{
	return parse(text, size_units, 1, ret_bytes);
}
