/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A row of the tables of what only the source of a release tells. */
#ifndef NT_SYMBOLIZER_LAYOUT_ROW_H
#define NT_SYMBOLIZER_LAYOUT_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "symbolizer/layout.h"

/* A value for all known releases from `first` up to and including `last`. */
struct layout_row {
	uint32_t field; /* of the table's own kind */
	uint32_t value;
	uint32_t first;
	uint32_t last;
};

/* True when the row is of that release and its field not known better; `origin`: of all fields. */
static inline bool layout_row_counts(const struct layout_row *row, uint32_t release,
				     const uint8_t *origin)
{
	return origin[row->field] == LAYOUT_ABSENT && release >= row->first && release <= row->last;
}

#endif
