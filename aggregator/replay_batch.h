/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A batch of recorded events as columns. */
#ifndef NT_AGGREGATOR_REPLAY_BATCH_H
#define NT_AGGREGATOR_REPLAY_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregator/record_columns.h"
#include "record.pb-c.h"

struct column {
	const int64_t *values; /* the batch's */
	size_t n;              /* 0: all are 0 */
	bool difference;       /* to the event before */
};

/* Fills in RECORD_COLUMN_COUNT columns. */
void batch_columns(const Nt__RecordEvents *batch, struct column *columns);

/* Is each column as long as the batch says, or left out? */
bool batch_agrees(const Nt__RecordEvents *batch);

#endif
