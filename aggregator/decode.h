/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * From the kernel's bytes to struct event. The first user-space copy: here HTTP heads are parsed
 * and dropped, query strings cut, text made valid UTF-8 without control characters.
 */
#ifndef NT_AGGREGATOR_DECODE_H
#define NT_AGGREGATOR_DECODE_H

#include <stddef.h>

#include "aggregator/event.h"

#define DECODE_TEXT_MAX 4096

struct decoder {
	bool keep_query;
	const struct spills *spills; /* of the frames of stacks; NULL: nothing known */
	char text[DECODE_TEXT_MAX];  /* backs event.text until the next call */
};

/*
 * Decodes one record of `size` bytes. STACK events are not for the engine: they give -ENODATA and
 * leave ret_event alone; resolve them first (symbolizer/resolver.h). event.stack is looked up in
 * `stacks`. Returns 0, -ENODATA, or -EBADMSG when the record is damaged.
 */
int decode_event(struct decoder *decoder, const struct stacks *stacks, const void *record,
		 size_t size, struct event *ret_event);

#endif
