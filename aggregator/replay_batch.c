/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/replay_batch.h"

void batch_columns(const Nt__RecordEvents *batch, struct column *columns)
{
#define GET_COLUMN(field, is_difference) \
	columns[RECORD_COLUMN_##field] = \
		(struct column){batch->field, batch->n_##field, (is_difference)};
	RECORD_COLUMNS(GET_COLUMN)
#undef GET_COLUMN
}

bool batch_agrees(const Nt__RecordEvents *batch)
{
	struct column columns[RECORD_COLUMN_COUNT];
	size_t i;

	if (batch->count > RECORD_MAX_EVENTS || (batch->n_stack && batch->n_stack != batch->count))
		return false;
	batch_columns(batch, columns);
	for (i = 0; i < RECORD_COLUMN_COUNT; i++) {
		if (columns[i].n && columns[i].n != batch->count)
			return false;
	}
	return true;
}
