/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Routes, blame and turns, gathered over all requests: what several formats write at their end. */
#ifndef NT_AGGREGATOR_EXPORT_TIMES_H
#define NT_AGGREGATOR_EXPORT_TIMES_H

#include "aggregator/blame.h"
#include "aggregator/export/exporter.h"
#include "aggregator/export/json_writer.h"
#include "aggregator/routes.h"
#include "aggregator/turns.h"

struct times {
	struct routes *routes;
	struct blame *blame;
	struct turns *turns;
};

/* Return 0 or a negative errno. */
int times_open(const struct export_options *options, struct times *ret_times);
int times_add(struct times *times, const struct request *request);
void times_close(struct times *times);

/* Tables for people: lines that start with `prefix`; at most max rows each; 0 all routes,
 * and as much of the blame as is read. Returns 0, or -ENOMEM with some of them missing. */
int times_print(struct times *times, FILE *out, const char *prefix, size_t max);
/* Objects {"k":"route"}, {"k":"blame"} and {"k":"turn"}, one a line. Returns 0 or the first error. */
int times_write(struct times *times, struct json_writer *json);

/* Four significant characters and a unit: "850 us", "12.3 ms", "1.23 s". */
void print_duration(char *buf, size_t len, uint64_t ns);

#endif
