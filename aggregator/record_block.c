/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/record_block.h"

#include <endian.h>
#include <string.h>
#include <zlib.h>

#include "symbolizer/base.h"

#define LEVEL         1 /* a recorder must not cost more than what it records */
#define FIRST_PAYLOAD 16384
#define MAX_PACKED    (RECORD_MAX_PAYLOAD + RECORD_MAX_PAYLOAD / 1000 + 1024)

struct head {
	uint32_t length;
	uint32_t crc;
};

static int write_error(void)
{
	return errno ? -errno : -EIO;
}

int record_block_write(FILE *out, enum record_block_type type, const uint8_t *payload, size_t len)
{
	_cleanup_(freep) uint8_t *packed = NULL;
	uLongf packed_len = compressBound(len);
	struct head head;

	if (len > RECORD_MAX_PAYLOAD)
		return -EMSGSIZE;
	packed = malloc(packed_len + 1);
	if (!packed)
		return -ENOMEM;
	packed[0] = (uint8_t)type;
	if (compress2(packed + 1, &packed_len, payload, len, LEVEL) != Z_OK)
		return -ENOMEM;
	head.length = htole32((uint32_t)packed_len + 1);
	head.crc = htole32((uint32_t)crc32(0, packed, (uInt)packed_len + 1));
	errno = 0;
	if (fwrite(&head, sizeof(head), 1, out) != 1 || fwrite(packed, packed_len + 1, 1, out) != 1)
		return write_error();
	return 0;
}

/* The buffer grows to what the blocks of this file need, at most to the limit. */
static int grow_payload(struct record_block *block)
{
	size_t capacity = block->capacity ? block->capacity * 4 : FIRST_PAYLOAD;

	if (block->capacity >= RECORD_MAX_PAYLOAD)
		return -EBADMSG;
	if (capacity > RECORD_MAX_PAYLOAD)
		capacity = RECORD_MAX_PAYLOAD;
	free(block->payload);
	block->capacity = 0;
	block->payload = malloc(capacity);
	if (!block->payload)
		return -ENOMEM;
	block->capacity = capacity;
	return 0;
}

static int inflate_block(struct record_block *block, size_t packed_len)
{
	uLongf len = block->capacity;
	int status = Z_BUF_ERROR;
	int err;

	if (len)
		status = uncompress(block->payload, &len, block->packed + 1, packed_len - 1);
	while (status == Z_BUF_ERROR) {
		err = grow_payload(block);
		if (err)
			return err;
		len = block->capacity;
		status = uncompress(block->payload, &len, block->packed + 1, packed_len - 1);
	}
	if (status != Z_OK)
		return status == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
	block->type = block->packed[0];
	block->len = len;
	return 1;
}

int record_block_read(FILE *in, struct record_block *block)
{
	struct head head;
	size_t len;

	if (fread(&head, sizeof(head), 1, in) != 1)
		return ferror(in) ? -EIO : 0;
	len = le32toh(head.length);
	if (len < 2 || len > MAX_PACKED)
		return -EBADMSG;
	free(block->packed);
	block->packed = malloc(len);
	if (!block->packed)
		return -ENOMEM;
	if (fread(block->packed, len, 1, in) != 1)
		return ferror(in) ? -EIO : 0;
	if (crc32(0, block->packed, (uInt)len) != le32toh(head.crc))
		return -EBADMSG;
	return inflate_block(block, len);
}

void record_block_done(struct record_block *block)
{
	free(block->payload);
	free(block->packed);
	*block = (struct record_block){0};
}
