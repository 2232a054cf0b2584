/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/format.h"

#include <inttypes.h>

#include "symbolizer/base.h"

#define MINUTE UINT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* `value` in `parts` of `unit`. */
static uint64_t rounded(uint64_t value, uint64_t unit, uint64_t parts)
{
	uint64_t step = unit / parts;

	return value / step + (value % step >= step - step / 2 ? 1 : 0);
}

/* From a minute on. */
static void format_long(uint64_t seconds, char *buf)
{
	if (seconds < HOUR)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 "m%02" PRIu64 "s", seconds / MINUTE,
			       seconds % MINUTE);
	else if (seconds < 100 * HOUR)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 "h%02" PRIu64 "m", seconds / HOUR,
			       seconds % HOUR / MINUTE);
	else
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 "d", seconds / DAY);
}

const char *format_duration(uint64_t duration_ns, char *buf)
{
	uint64_t us_tenths = rounded(duration_ns, NS_PER_US, 10);
	uint64_t ms_tenths = rounded(duration_ns, NS_PER_MS, 10);
	uint64_t hundredths = rounded(duration_ns, NS_PER_SEC, 100);

	if (us_tenths < 10000)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 ".%" PRIu64 "us", us_tenths / 10,
			       us_tenths % 10);
	else if (ms_tenths < 10000)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 ".%" PRIu64 "ms", ms_tenths / 10,
			       ms_tenths % 10);
	else if (hundredths < MINUTE * 100)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 ".%02" PRIu64 "s", hundredths / 100,
			       hundredths % 100);
	else
		format_long(hundredths / 100, buf);
	return buf;
}

const char *format_age(uint64_t age_ns, char *buf)
{
	uint64_t seconds = age_ns / NS_PER_SEC;

	if (seconds < MINUTE)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 "s", seconds);
	else
		format_long(seconds, buf);
	return buf;
}

/* Up to four digits and a unit; `base` is the step between units. */
static void format_scaled(uint64_t value, uint64_t base, const char *const *units, char *buf)
{
	uint64_t scale = base;
	uint64_t tenths;

	while (units[1] && value / scale >= base) {
		scale *= base;
		units++;
	}
	tenths = value / scale * 10 + (uint64_t)((__uint128_t)(value % scale) * 10 / scale);
	if (tenths < 1000)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 ".%" PRIu64 "%s", tenths / 10,
			       tenths % 10, *units);
	else
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 "%s", tenths / 10, *units);
}

const char *format_count(uint64_t count, char *buf)
{
	static const char *const units[] = {"k", "M", "G", "T", "P", "E", NULL};

	if (count < 100000)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64, count);
	else
		format_scaled(count, 1000, units, buf);
	return buf;
}

const char *format_bytes(uint64_t bytes, char *buf)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", NULL};

	if (bytes < 1024)
		(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 "B", bytes);
	else
		format_scaled(bytes, 1024, units, buf);
	return buf;
}

const char *format_share(uint64_t part, uint64_t whole, char *buf)
{
	uint64_t hundredths;

	if (whole == 0) {
		(void)snprintf(buf, FORMAT_LEN, "-");
		return buf;
	}
	hundredths = part >= whole ? 10000 : (uint64_t)((__uint128_t)part * 10000 / whole);
	(void)snprintf(buf, FORMAT_LEN, "%" PRIu64 ".%02" PRIu64 "%%", hundredths / 100,
		       hundredths % 100);
	return buf;
}
