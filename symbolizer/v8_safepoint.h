/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The word of a safepoint table that tells how large the fields of its entries are:
 * https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/codegen/safepoint-table.h
 * https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/maglev/maglev-safepoint-table.h
 */
#ifndef NT_SYMBOLIZER_V8_SAFEPOINT_H
#define NT_SYMBOLIZER_V8_SAFEPOINT_H

#include <stddef.h>
#include <stdint.h>

enum {
	SAFEPOINT_HAS_DEOPT = 1,
	SAFEPOINT_REGISTERS_SHIFT = 1,
	SAFEPOINT_PC_SHIFT = 4,
	SAFEPOINT_DEOPT_SHIFT = 7,
	SAFEPOINT_SIZE_MASK = 7,
	SAFEPOINT_BITS = 10,         /* of Maglev's */
	SAFEPOINT_BITMAP_SHIFT = 10, /* of TurboFan's */
	SAFEPOINT_MAX_ENTRIES = 1 << 16,
};

/* A field of n bytes, at most four. */
static inline uint32_t safepoint_number(const uint8_t *bytes, size_t n)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++)
		value |= (uint32_t)bytes[i] << (8 * i);
	return value;
}

#endif
