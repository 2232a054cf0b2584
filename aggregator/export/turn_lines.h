/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The worst turns of the event loops, for several formats. */
#ifndef NT_AGGREGATOR_EXPORT_TURN_LINES_H
#define NT_AGGREGATOR_EXPORT_TURN_LINES_H

#include <stdio.h>

#include "aggregator/export/json_writer.h"
#include "aggregator/turns.h"

#define TURN_LINES 16

/* A table for people: lines that start with `prefix`; at most max turns, 0: TURN_LINES. */
void turns_print(struct turns *turns, FILE *out, const char *prefix, size_t max);
/* Objects {"k":"turn"}, one a line, and {"k":"turns"} about what they leave out; nothing when there are no
 * turns. Returns 0 or the first error. */
int turns_write(struct turns *turns, struct json_writer *json);

#endif
