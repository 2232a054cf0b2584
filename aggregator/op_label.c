/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <inttypes.h>
#include <string.h>

#include "aggregator/folded.h"
#include "aggregator/text.h"
#include "symbolizer/base.h"

/* Operations whose detail is a number, and what it counts. */
static const struct {
	const char *type;
	const char *unit;
} units[] = {
	{"timer", "ms"},
	{"interval", "ms"},
};

static const char *unit_of(const struct op *op)
{
	size_t i;

	if (op->detail[0] == '\0' || op->detail[strspn(op->detail, "0123456789.")] != '\0')
		return "";
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (!strcmp(op->type, units[i].type))
			return units[i].unit;
	}
	return "";
}

size_t op_label(const struct op *op, char *buf, size_t len)
{
	char many[32] = "";
	size_t full;
	size_t cut;

	if (len == 0)
		return 0;
	if (op->flags & OP_FOLDED)
		(void)snprintf(many, sizeof(many), " (%" PRIu32 " more)", op->count);
	else if (op->count > 1)
		(void)snprintf(many, sizeof(many), " (x%" PRIu32 ")", op->count);
	full = (size_t)snprintf(buf, len, "%s%s%s%s%s", op->type, op->detail[0] ? " " : "",
				op->detail, unit_of(op), many);
	if (full < len)
		return full;
	cut = text_boundary(buf, len - 1);
	buf[cut] = '\0';
	return cut;
}
