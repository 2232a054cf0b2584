/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* replay_seed RECORDING SEED: unpacks a recording into what fuzz_replay takes. */
#include <string.h>

#include "aggregator/record_block.h"
#include "symbolizer/base.h"

static int unpack(FILE *in, FILE *out)
{
	_cleanup_(record_block_done) struct record_block block = {};
	char magic[RECORD_MAGIC_LEN];
	uint8_t head[4];
	int n;

	if (fread(magic, sizeof(magic), 1, in) != 1)
		return -EBADMSG;
	(void)fputc(1, out);
	while ((n = record_block_read(in, &block)) > 0) {
		head[0] = (uint8_t)block.type;
		head[1] = (uint8_t)block.len;
		head[2] = (uint8_t)(block.len >> 8);
		head[3] = (uint8_t)(block.len >> 16);
		if (fwrite(head, sizeof(head), 1, out) != 1 ||
		    fwrite(block.payload, 1, block.len, out) != block.len)
			return -EIO;
	}
	return n;
}

int main(int argc, char **argv)
{
	_cleanup_(fclosep) FILE *in = argc == 3 ? fopen(argv[1], "rbe") : NULL;
	_cleanup_(fclosep) FILE *out = in ? fopen(argv[2], "wbe") : NULL;
	int err = out ? unpack(in, out) : -EINVAL;

	if (err)
		fprintf(stderr, "replay_seed: %s\n", strerror(-err));
	return err ? 1 : 0;
}
