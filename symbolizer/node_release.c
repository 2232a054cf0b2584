/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/node_release.h"

#include <stdbool.h>
#include <string.h>

#include "symbolizer/base.h"

enum {
	MAX_VERSION = 30,   /* "v" and a NUL byte besides */
	SHORT_STRING = 16,  /* where a C++11 string keeps a short text */
	SHARED_LENGTH = 24, /* how far before its text a copy-on-write string keeps the length */
};

static const char metadata_symbol[] = "_ZN4node11per_process8metadataE";

int node_release_read_v8(const struct elf_file *elf, struct node_release *ret_release)
{
	static const char *const names[] = {
		"_ZN2v88internal7Version6major_E",
		"_ZN2v88internal7Version6minor_E",
		"_ZN2v88internal7Version6build_E",
		"_ZN2v88internal7Version6patch_E",
	};
	int32_t parts[ARRAY_SIZE(names)];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (elf_file_constant(elf, names[i], &parts[i]))
			return -ENOENT;
		if (parts[i] < 0 || parts[i] > UINT16_MAX)
			return -EBADMSG;
	}
	(void)snprintf(ret_release->v8, sizeof(ret_release->v8), "%d.%d.%d.%d", parts[0], parts[1],
		       parts[2], parts[3]);
	ret_release->v8_major = (uint32_t)parts[0];
	ret_release->v8_minor = (uint32_t)parts[1];
	return 0;
}

/* Both layouts of std::string: C++11's {text, length, short text}, and copy-on-write's {text}. */
static int read_string(const struct memory *memory, uint64_t address, char *buf, size_t *ret_len)
{
	uint64_t text;
	uint64_t len;
	int err;

	err = memory_read_u64(memory, address, &text);
	if (err)
		return err;
	if (text == address + SHORT_STRING)
		err = memory_read_u64(memory, address + 8, &len);
	else
		err = memory_read_u64(memory, text - SHARED_LENGTH, &len);
	if (err)
		return err;
	if (!len || len >= MAX_VERSION)
		return -EBADMSG;
	err = memory_read(memory, text, buf, len);
	if (err)
		return err;
	buf[len] = '\0';
	*ret_len = len;
	return 0;
}

/* digits "." digits "." digits, then what a pre-release adds */
static bool parse_version(const char *text, uint32_t *ret_major)
{
	const char *at = text;
	uint32_t major = 0;

	for (int part = 0; part < 3; part++) {
		size_t n = strspn(at, "0123456789");

		if (!n || n > 4)
			return false;
		for (size_t i = 0; part == 0 && i < n; i++)
			major = major * 10 + (uint32_t)(at[i] - '0');
		at += n;
		if (part < 2 && *at++ != '.')
			return false;
	}
	if (at[strspn(at, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-")])
		return false;
	*ret_major = major;
	return true;
}

int node_release_read_node(const struct memory *memory, const struct elf_file *elf, uint64_t bias,
			   struct node_release *ret_release)
{
	struct elf_symbol metadata;
	char version[MAX_VERSION];
	uint32_t major;
	size_t len;
	int err;

	/* The first member of the first member of node::Metadata is versions.node. */
	if (elf_file_find(elf, metadata_symbol, &metadata))
		return -ENOENT;
	err = read_string(memory, metadata.address + bias, version, &len);
	if (err)
		return err;
	if (!parse_version(version, &major))
		return -EBADMSG;
	(void)snprintf(ret_release->node, sizeof(ret_release->node), "v%s", version);
	ret_release->node_major = major;
	return 0;
}
