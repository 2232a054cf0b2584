/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/stack_gaps.h"

#include <inttypes.h>
#include <stdio.h>

#include "symbolizer/base.h"

static const struct {
	const char *name;
	const char *text;
	size_t offset;
} fields[] = {
#define STACK_GAP_ROW(field, what) {#field, (what), offsetof(struct stack_gaps, field)},
	STACK_GAPS(STACK_GAP_ROW)
#undef STACK_GAP_ROW
};

static uint64_t value_of(const struct stack_gaps *gaps, size_t i)
{
	return *(const uint64_t *)((const char *)gaps + fields[i].offset);
}

const char *stack_gaps_at(const struct stack_gaps *gaps, size_t i, uint64_t *ret_value)
{
	if (i >= ARRAY_SIZE(fields))
		return NULL;
	*ret_value = value_of(gaps, i);
	return fields[i].name;
}

void stack_gaps_add(struct stack_gaps *sum, const struct stack_gaps *gaps)
{
#define STACK_GAP_ADD(field, text) sum->field += gaps->field;
	STACK_GAPS(STACK_GAP_ADD)
#undef STACK_GAP_ADD
}

size_t stack_gaps_print(const struct stack_gaps *gaps, char *buf, size_t len)
{
	size_t used = 0;
	size_t i;

	if (len)
		buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		int added;

		if (!value_of(gaps, i) || used >= len)
			continue;
		added = snprintf(buf + used, len - used, "%s%" PRIu64 " %s", used ? ", " : "",
				 value_of(gaps, i), fields[i].text);
		used += added > 0 ? (size_t)added : 0;
	}
	return used < len ? used : len - (len > 0);
}
