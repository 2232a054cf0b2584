/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The blocks of a recording: RECORD_MAGIC, then for each block
 *   u32 length   of what follows the checksum
 *   u32 crc32    of what follows
 *   u8  type     enum record_block_type
 *   zlib data    a message of aggregator/record.proto
 * Integers are little-endian. Sizes are checked before memory is taken.
 */
#ifndef NT_AGGREGATOR_RECORD_BLOCK_H
#define NT_AGGREGATOR_RECORD_BLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define RECORD_MAGIC       "NTRACE1\n"
#define RECORD_MAGIC_LEN   8
#define RECORD_MAX_PAYLOAD (8U << 20) /* bytes of a message */

enum record_block_type {
	RECORD_BLOCK_HEADER = 1,
	RECORD_BLOCK_NAMES = 2,
	RECORD_BLOCK_STACKS = 3,
	RECORD_BLOCK_EVENTS = 4,
	RECORD_BLOCK_FOOTER = 5,
};

/* Writes one block. Returns 0, -EMSGSIZE, -ENOMEM or the write error. */
int record_block_write(FILE *out, enum record_block_type type, const uint8_t *payload, size_t len);

/* A block as read; start with {0}, free with record_block_done(). */
struct record_block {
	unsigned int type; /* may be one we do not know */
	uint8_t *payload;
	size_t len;
	size_t capacity; /* of payload */
	uint8_t *packed; /* as it stood in the file */
};

/* Reads the next block in place of the one before. Returns 1, 0 at the end of the file or of its
 * last whole block, -EBADMSG when it is damaged, -ENOMEM or -EIO. */
int record_block_read(FILE *in, struct record_block *block);
void record_block_done(struct record_block *block);

#endif
