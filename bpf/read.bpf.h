/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Typed reads of the target's memory. What cannot be read is 0, and counted. */
#ifndef NT_BPF_READ_BPF_H
#define NT_BPF_READ_BPF_H

#include "bpf/maps.bpf.h"

#define TAG_MASK 3
#define TAG_HEAP 1 /* strong reference; Smis have the low 32 bits 0 */

static __always_inline long read_bytes(void *dst, __u32 size, __u64 address)
{
	return bpf_probe_read_user(dst, size, (const void *)address);
}

/* len, at most NT_TEXT_MAX, in a form that survives the compiler and convinces the verifier. */
static __always_inline __u32 text_bound(__u64 len)
{
	__u32 bounded = len > NT_TEXT_MAX ? NT_TEXT_MAX : len;

	asm volatile("%0 &= %1" : "+r"(bounded) : "i"(2 * NT_TEXT_MAX - 1));
	return bounded;
}

static __always_inline __u64 read_u64(__u64 address)
{
	__u64 value = 0;

	if (read_bytes(&value, sizeof(value), address))
		count(NT_COUNTER_READ_OBJECT);
	return value;
}

static __always_inline __u32 read_u32(__u64 address)
{
	__u32 value = 0;

	if (read_bytes(&value, sizeof(value), address))
		count(NT_COUNTER_READ_OBJECT);
	return value;
}

static __always_inline __u16 read_u16(__u64 address)
{
	__u16 value = 0;

	if (read_bytes(&value, sizeof(value), address))
		count(NT_COUNTER_READ_OBJECT);
	return value;
}

static __always_inline __u8 read_u8(__u64 address)
{
	__u8 value = 0;

	if (read_bytes(&value, sizeof(value), address))
		count(NT_COUNTER_READ_OBJECT);
	return value;
}

static __always_inline int is_heap(__u64 word)
{
	return (word & TAG_MASK) == TAG_HEAP && word > 0x100000 && !(word >> 47);
}

/* A field of a tagged heap object. */
static __always_inline __u64 read_field(__u64 object, __u32 offset)
{
	return read_u64(object - TAG_HEAP + offset);
}

/* The integer in the bits of a non-negative double; ~0 when it holds none below 2^52. */
static __always_inline __u64 double_to_integer(__u64 bits)
{
	__u32 exponent = bits >> 52;
	__u64 mantissa = (bits & ((1ULL << 52) - 1)) | 1ULL << 52;
	__u32 shift;

	if (!bits)
		return 0;
	if (exponent < 1023 || exponent > 1023 + 51)
		return ~0ULL;
	shift = (52 - (exponent - 1023)) & 63;
	if (mantissa & ((1ULL << shift) - 1))
		return ~0ULL;
	return mantissa >> shift;
}

/* The integer of a Smi or HeapNumber; ~0 when it is neither. */
static __always_inline __u64 read_number(__u64 word)
{
	__u64 bits;

	if (!(word & 0xffffffff))
		return word >> 32;
	if (!is_heap(word) ||
	    read_bytes(&bits, sizeof(bits), word - TAG_HEAP + cfg.heap_number_value))
		return ~0ULL;
	return double_to_integer(bits);
}

#endif
