/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A decoder, and records of the kernel for it. */
#ifndef NT_TESTS_UNIT_AGGREGATOR_DECODING_H
#define NT_TESTS_UNIT_AGGREGATOR_DECODING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "aggregator/decode.h"

static struct decoder decoder;

static inline uint64_t bits(double value)
{
	uint64_t result;

	memcpy(&result, &value, sizeof(result));
	return result;
}

/* Decodes a record of exactly the right size, so that ASan sees every byte beyond it. */
static inline int decode_raw(struct nt_event raw, const void *text, size_t len, struct event *event)
{
	char *record = malloc(sizeof(raw) + len);
	int ret;

	raw.text_len = (uint16_t)len;
	memcpy(record, &raw, sizeof(raw));
	if (len)
		memcpy(record + sizeof(raw), text, len);
	ret = decode_event(&decoder, NULL, record, sizeof(raw) + len, event);
	free(record);
	return ret;
}

static inline struct event decode(struct nt_event raw, const char *text)
{
	struct event event;

	assert_int_equal(decode_raw(raw, text, strlen(text), &event), 0);
	return event;
}

static inline int reset(void **state)
{
	(void)state;
	memset(&decoder, 0, sizeof(decoder));
	return 0;
}

#endif
