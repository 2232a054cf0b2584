/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Numbers of 7 bits a byte, least first, of which V8 makes its tables. */
#ifndef NT_SYMBOLIZER_V8_VLQ_H
#define NT_SYMBOLIZER_V8_VLQ_H

#include <errno.h>
#include <stdint.h>

struct v8_cursor {
	const uint8_t *at;
	const uint8_t *end;
};

/* Takes one number. Returns 0, -ENOENT at the end (of a number, too), -EBADMSG when it has more than
 * 64 bits. */
static inline int v8_vlq_take(struct v8_cursor *cursor, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; cursor->at < cursor->end; shift += 7) {
		uint8_t byte = *cursor->at++;

		if (shift > 63)
			return -EBADMSG;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret_value = value;
			return 0;
		}
	}
	return -ENOENT;
}

#endif
