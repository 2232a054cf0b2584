/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/label.h"

#include <assert.h>

#include "symbolizer/base.h"

static const struct {
	const char *name;
	const char *text;
} rows[] = {
#define LABEL_ROW(label, name, text) [LABEL_##label] = {name, text},
	LABELS(LABEL_ROW)
#undef LABEL_ROW
};
_Static_assert(ARRAY_SIZE(rows) == LABEL_COUNT, "one row for each label");

const char *label_name(enum label label)
{
	assert((unsigned int)label < LABEL_COUNT);
	return rows[label].name;
}

const char *label_text(enum label label)
{
	assert((unsigned int)label < LABEL_COUNT);
	return rows[label].text;
}
