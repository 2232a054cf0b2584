/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the fuzzers share: the entry that libFuzzer calls, and bytes taken from its input. */
#ifndef NT_TESTS_FUZZ_FUZZ_H
#define NT_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that does not hold is a crash. */
static inline void must(bool holds)
{
	if (!holds)
		abort();
}

struct input {
	const uint8_t *at;
	size_t left;
};

/* Takes len bytes to buf; what the input has not is zero. */
static inline void take(struct input *input, void *buf, size_t len)
{
	size_t n = len < input->left ? len : input->left;

	memset(buf, 0, len);
	if (n)
		memcpy(buf, input->at, n);
	input->at += n;
	input->left -= n;
}

static inline uint8_t take_u8(struct input *input)
{
	uint8_t value;

	take(input, &value, sizeof(value));
	return value;
}

static inline uint16_t take_u16(struct input *input)
{
	uint16_t value;

	take(input, &value, sizeof(value));
	return value;
}

static inline uint64_t take_u64(struct input *input)
{
	uint64_t value;

	take(input, &value, sizeof(value));
	return value;
}

#endif
