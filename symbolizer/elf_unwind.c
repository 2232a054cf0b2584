/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/elf_unwind.h"

#include "symbolizer/base.h"
#include "symbolizer/elf_file.h"

/*
 * .eh_frame_hdr as all linkers write it; other encodings are not read:
 * https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/ehframechpt.html
 */
enum {
	HEADER_VERSION = 1,
	ENCODING_PCREL_S4 = 0x1b,
	ENCODING_U4 = 0x03,
	ENCODING_DATAREL_S4 = 0x3b,
};

struct header {
	uint8_t version;
	uint8_t frame_encoding;
	uint8_t count_encoding;
	uint8_t table_encoding;
	int32_t frame;
	uint32_t n;
};

/* Both relative to the header's address, sorted by the first. */
struct entry {
	int32_t start;
	int32_t description;
};

/* A frame description; the code's place is relative to the field itself. */
struct description {
	uint32_t length;
	uint32_t common;
	int32_t start;
	uint32_t size;
};

static int find_entry(const struct elf_file *file, uint64_t table, uint32_t n, int64_t wanted,
		      struct entry *ret_entry)
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		struct entry entry;

		if (elf_file_read(file, table + (uint64_t)mid * sizeof(entry), &entry,
				  sizeof(entry)))
			return -ENOENT;
		if (entry.start == wanted) {
			*ret_entry = entry;
			return 0;
		}
		if (entry.start < wanted)
			low = mid + 1;
		else
			high = mid;
	}
	return -ENOENT;
}

int elf_unwind_size(const struct elf_file *file, uint64_t header, uint64_t address,
		    uint64_t *ret_size)
{
	struct description description;
	struct header head;
	struct entry entry;
	uint64_t at;

	if (!header || elf_file_read(file, header, &head, sizeof(head)) ||
	    head.version != HEADER_VERSION || head.count_encoding != ENCODING_U4 ||
	    head.table_encoding != ENCODING_DATAREL_S4 ||
	    find_entry(file, header + sizeof(head), head.n, (int64_t)(address - header), &entry))
		return -ENOENT;
	at = header + (uint64_t)(int64_t)entry.description;
	if (elf_file_read(file, at, &description, sizeof(description)))
		return -ENOENT;
	/* That it leads back to the function proves that its encoding is the usual one. */
	at += offsetof(struct description, start) + (uint64_t)(int64_t)description.start;
	if (at != address || !description.size)
		return -ENOENT;
	*ret_size = description.size;
	return 0;
}
