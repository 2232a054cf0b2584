/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/format.h"

#include <inttypes.h>

#include "symbolizer/base.h"

#define MINUTE 60u
#define HOUR   3600u
#define DAY    86400u

/* Up to which value a unit is used, and how many decimals it has. Bounds are where the rounded
 * figure would need another digit. */
struct step {
	uint64_t below;
	uint64_t unit;
	int decimals;
	const char *suffix;
};

static const struct step duration_steps[] = {
	{999500, NS_PER_US, 0, "us"},
	{9995 * NS_PER_US, NS_PER_MS, 2, "ms"},
	{999950 * NS_PER_US, NS_PER_MS, 1, "ms"},
	{9999500 * NS_PER_US, NS_PER_SEC, 3, "s"},
	{59950 * NS_PER_MS, NS_PER_SEC, 1, "s"},
};

static const struct step age_steps[] = {
	{9950 * NS_PER_MS, NS_PER_SEC, 1, "s"},
	{59500 * NS_PER_MS, NS_PER_SEC, 0, "s"},
};

static const struct step count_steps[] = {
	{1000, 1, 0, ""},
	{99950, 1000, 1, "k"},
	{999500, 1000, 0, "k"},
	{99950000, 1000000, 1, "M"},
	{999500000, 1000000, 0, "M"},
	{99950000000, 1000000000, 1, "G"},
	{UINT64_MAX, 1000000000, 0, "G"},
};

static const char *print_step(const struct step *step, uint64_t value, char *buf)
{
	(void)snprintf(buf, FORMAT_LEN, "%.*f%s", step->decimals,
		       (double)value / (double)step->unit, step->suffix);
	return buf;
}

/* From a minute on: the two largest units. */
static const char *print_long(uint64_t ns, char *buf)
{
	uint64_t s = ns / NS_PER_SEC + (ns % NS_PER_SEC >= NS_PER_SEC / 2);

	if (s < HOUR)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 "m%02" PRIu64 "s", s / MINUTE,
			       s % MINUTE);
	else if (s < DAY)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 "h%02" PRIu64 "m", s / HOUR,
			       s % HOUR / MINUTE);
	else if (s < 1000 * (uint64_t)DAY)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 "d%02" PRIu64 "h", s / DAY,
			       s % DAY / HOUR);
	else
		(void)snprintf(buf, FORMAT_LEN, ">999d");
	return buf;
}

const char *format_duration(uint64_t ns, char buf[FORMAT_LEN])
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(duration_steps); i++)
		if (ns < duration_steps[i].below)
			return print_step(&duration_steps[i], ns, buf);
	return print_long(ns, buf);
}

const char *format_age(uint64_t ns, char buf[FORMAT_LEN])
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(age_steps); i++)
		if (ns < age_steps[i].below)
			return print_step(&age_steps[i], ns, buf);
	return print_long(ns, buf);
}

const char *format_count(uint64_t count, char buf[FORMAT_LEN])
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(count_steps) && count >= count_steps[i].below)
		i++;
	return print_step(&count_steps[i], count, buf);
}

const char *format_percent(uint64_t part, uint64_t whole, char buf[FORMAT_LEN])
{
	double percent;

	if (whole == 0) {
		(void)snprintf(buf, FORMAT_LEN, "-");
	} else if (part >= whole || part == 0) {
		(void)snprintf(buf, FORMAT_LEN, "%s", part ? "100%" : "0%");
	} else {
		percent = 100.0 * (double)part / (double)whole;
		/* Nearly all is not all, and hardly anything is not nothing. */
		if (percent > 99.99)
			percent = 99.99;
		if (percent < 0.01)
			percent = 0.01;
		(void)snprintf(buf, FORMAT_LEN, "%.2f%%", percent);
	}
	return buf;
}
