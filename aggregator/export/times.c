/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/times.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "aggregator/export/turn_lines.h"
#include "symbolizer/base.h"

#define MAX_ROUTES 1024
#define MAX_ROWS   4096
#define BLAME_ROWS 40 /* for people */

int times_open(const struct export_options *options, struct times *ret_times)
{
	struct times times = {0};
	int err = routes_new(MAX_ROUTES, options->rules, &times.routes);

	if (!err)
		err = blame_new(MAX_ROWS, options->rules, &times.blame);
	if (!err)
		err = turns_new(times.blame, &times.turns);
	if (err) {
		times_close(&times);
		return err;
	}
	*ret_times = times;
	return 0;
}

int times_add(struct times *times, const struct request *request)
{
	int err = routes_add(times->routes, request);

	if (!err)
		err = blame_add(times->blame, request);
	if (!err)
		turns_add(times->turns, request);
	return err;
}

void times_close(struct times *times)
{
	routes_free(times->routes);
	turns_free(times->turns);
	blame_free(times->blame);
	*times = (struct times){0};
}

void print_duration(char *buf, size_t len, uint64_t ns)
{
	double value = (double)ns;

	if (ns < 999500)
		(void)snprintf(buf, len, "%.0f us", value / 1e3);
	else if (ns < 9995 * NS_PER_US)
		(void)snprintf(buf, len, "%.2f ms", value / 1e6);
	else if (ns < 99950 * NS_PER_US)
		(void)snprintf(buf, len, "%.1f ms", value / 1e6);
	else if (ns < 999500 * NS_PER_US)
		(void)snprintf(buf, len, "%.0f ms", value / 1e6);
	else if (ns < 99950 * NS_PER_MS)
		(void)snprintf(buf, len, "%.2f s", value / 1e9);
	else
		(void)snprintf(buf, len, "%.0f s", value / 1e9);
}

/* "io 71%, js 20%": what took at least a twentieth, the most first. */
static void print_shares(FILE *out, const struct route_stats *stats)
{
	uint64_t left[LABEL_COUNT], limit = stats->durations.sum_ns / 20;
	const char *separator = "  (";
	unsigned int best;

	for (unsigned int i = 0; i < LABEL_COUNT; i++)
		left[i] = stats->label_ns[i];
	for (;;) {
		best = 0;
		for (unsigned int i = 1; i < LABEL_COUNT; i++)
			if (left[i] > left[best])
				best = i;
		if (!left[best] || left[best] < limit)
			break;
		(void)fprintf(out, "%s%s %.0f%%", separator, label_name((enum label)best),
			      100.0 * (double)left[best] / (double)stats->durations.sum_ns);
		separator = ", ";
		left[best] = 0;
	}
	(void)fputs(*separator == ',' ? ")\n" : "\n", out);
}

static void print_route(FILE *out, const char *prefix, const struct route_stats *stats)
{
	static const unsigned int permilles[] = {500, 900, 990, 1000};
	char duration[32];

	(void)fprintf(out, "%s%8" PRIu64 " %7" PRIu64, prefix, stats->durations.count,
		      stats->errors);
	for (size_t i = 0; i < ARRAY_SIZE(permilles); i++) {
		print_duration(duration, sizeof(duration),
			       histogram_quantile(&stats->durations, permilles[i]));
		(void)fprintf(out, " %9s", duration);
	}
	(void)fprintf(out, "  %s", stats->name);
	print_shares(out, stats);
}

static int print_routes(const struct routes *routes, FILE *out, const char *prefix, size_t max)
{
	size_t n = routes_count(routes);
	_cleanup_(freep) size_t *order = calloc(n + 1, sizeof(*order));

	if (!order)
		return -ENOMEM;
	routes_by_time(routes, order);
	(void)fprintf(out, "%s%8s %7s %9s %9s %9s %9s  %s\n", prefix, "requests", "errors", "p50",
		      "p90", "p99", "max", "route");
	for (size_t i = 0; i < n && (!max || i < max); i++)
		print_route(out, prefix, routes_at(routes, order[i]));
	return 0;
}

static void print_row(FILE *out, const char *prefix, const struct blame_row *row)
{
	char delay[32], longest[32];

	print_duration(delay, sizeof(delay), row->delay_ns);
	print_duration(longest, sizeof(longest), row->max_ns);
	(void)fprintf(out, "%s%9s %9s %8" PRIu64 "  %s%s%s", prefix, delay, longest, row->delays,
		      row->job ? row->job : "", row->job ? " of " : "", row->culprit);
	if (row->file)
		(void)fprintf(out, " in %s (%s:%" PRIu32 ", %s)", row->function, row->file,
			      row->line,
			      row->job          ? "submitted"
			      : row->sampled_ns ? "sampled"
						: "last seen");
	(void)fprintf(out, " kept waiting %s%s\n", row->victim,
		      row->label == LABEL_POOL_QUEUE ? " for the pool"
		      : row->label == LABEL_GC       ? " for a garbage collection"
						     : "");
}

/* Those too small for a row of their own. */
static void print_rest(FILE *out, const char *prefix, const struct blame *blame,
		       const size_t *order, size_t n)
{
	uint64_t sum = 0;
	char delay[32];

	for (size_t i = 0; i < n; i++)
		sum += blame_at(blame, order[i])->delay_ns;
	print_duration(delay, sizeof(delay), sum);
	(void)fprintf(out, "%s%9s %9s %8s  in %zu more pairs\n", prefix, delay, "", "", n);
}

static int print_blame(struct blame *blame, FILE *out, const char *prefix, size_t max)
{
	size_t n = blame_count(blame);
	_cleanup_(freep) size_t *order = calloc(n + 1, sizeof(*order));

	if (!order)
		return -ENOMEM;
	blame_by_delay(blame, order);
	(void)fprintf(out, "%s%9s %9s %8s  %s\n", prefix, "delay", "longest", "times",
		      "who kept whom waiting for the event loop, or for a thread of the pool");
	for (size_t i = 0; i < n && i < max; i++)
		print_row(out, prefix, blame_at(blame, order[i]));
	if (n > max)
		print_rest(out, prefix, blame, order + max, n - max);
	return 0;
}

int times_print(struct times *times, FILE *out, const char *prefix, size_t max)
{
	int err = 0;

	blame_settle(times->blame);
	if (routes_count(times->routes))
		err = print_routes(times->routes, out, prefix, max);
	if (!err && blame_count(times->blame))
		err = print_blame(times->blame, out, prefix, max ? max : BLAME_ROWS);
	if (!err)
		turns_print(times->turns, out, prefix, max);
	return err;
}

static int write_route(struct json_writer *json, const struct route_stats *stats)
{
	const struct histogram *durations = &stats->durations;

	json_object_begin(json);
	json_put_string(json, "k", "route");
	json_put_string(json, "route", stats->name);
	json_put_uint(json, "requests", durations->count);
	json_put_uint(json, "errors", stats->errors);
	json_put_uint(json, "sum_ns", durations->sum_ns);
	json_put_uint(json, "p50_ns", histogram_quantile(durations, 500));
	json_put_uint(json, "p90_ns", histogram_quantile(durations, 900));
	json_put_uint(json, "p99_ns", histogram_quantile(durations, 990));
	json_put_uint(json, "max_ns", durations->max_ns);
	json_key(json, "labels");
	json_object_begin(json);
	for (unsigned int i = 0; i < LABEL_COUNT; i++)
		if (stats->label_ns[i])
			json_put_uint(json, label_name((enum label)i), stats->label_ns[i]);
	json_object_end(json);
	json_object_end(json);
	return json_line_end(json);
}

static int write_row(struct json_writer *json, const struct blame_row *row)
{
	json_object_begin(json);
	json_put_string(json, "k", "blame");
	json_put_string(json, "label", label_name(row->label));
	json_put_string(json, "job", row->job);
	json_put_string(json, "culprit", row->culprit);
	json_put_string(json, "fn", row->function);
	json_put_string(json, "file", row->file);
	json_put_line(json, row->line, row->of_function);
	json_put_string(json, "victim", row->victim);
	json_put_uint(json, "delay_ns", row->delay_ns);
	if (row->sampled_ns)
		json_put_uint(json, "sampled_ns", row->sampled_ns);
	json_put_uint(json, "max_ns", row->max_ns);
	json_put_uint(json, "delays", row->delays);
	json_object_end(json);
	return json_line_end(json);
}

int times_write(struct times *times, struct json_writer *json)
{
	size_t n_routes = routes_count(times->routes), n_rows;
	int err = 0;

	blame_settle(times->blame);
	n_rows = blame_count(times->blame);
	for (size_t i = 0; i < n_routes && !err; i++)
		err = write_route(json, routes_at(times->routes, i));
	for (size_t i = 0; i < n_rows && !err; i++)
		err = write_row(json, blame_at(times->blame, i));
	return err ? err : turns_write(times->turns, json);
}
