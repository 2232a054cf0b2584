/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/label.h"

#include <assert.h>

#include "symbolizer/base.h"

static const char *const names[] = {
#define LABEL_ROW(label, name) [LABEL_##label] = (name),
	LABELS(LABEL_ROW)
#undef LABEL_ROW
};
_Static_assert(ARRAY_SIZE(names) == LABEL_COUNT, "one row for each label");

const char *label_name(enum label label)
{
	assert((unsigned int)label < LABEL_COUNT);
	return names[label];
}
