/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/base.h"
#include "symbolizer/image.h"
#include "symbolizer/layout_steps.h"

static bool same_file(const struct mapping *a, const struct mapping *b)
{
	return a->path && b->path && a->inode == b->inode && a->dev_major == b->dev_major &&
	       a->dev_minor == b->dev_minor;
}

/* V8 maps the builtins a second time elsewhere; only what lies where the loader put it counts. */
static bool in_place(const struct mapping *mapping, const struct elf_file *elf, uint64_t bias)
{
	/* The first page may start before the segment does, the last may end behind it. */
	uint64_t len = mapping->end - mapping->start;
	const uint64_t samples[] = {0, len / 2, len - 1};
	uint64_t address;

	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		if (!elf_file_address_of(elf, mapping->offset + samples[i], &address) &&
		    address + bias == mapping->start + samples[i])
			return true;
	}
	return false;
}

static void text_range(const struct process *process, const struct elf_file *elf,
		       const struct mapping *image, struct node_layout *layout)
{
	uint64_t start = UINT64_MAX;
	uint64_t end = 0;

	for (size_t i = 0; i < process_mapping_count(process); i++) {
		const struct mapping *mapping = process_mapping(process, i);

		if (!mapping->executable || !same_file(mapping, image) ||
		    !in_place(mapping, elf, layout->load_bias))
			continue;
		start = mapping->start < start ? mapping->start : start;
		end = mapping->end > end ? mapping->end : end;
	}
	if (start >= end)
		return;
	layout_set(layout, LAYOUT_FIELD_text_start, start, LAYOUT_DERIVED);
	layout_set(layout, LAYOUT_FIELD_text_end, end, LAYOUT_DERIVED);
}

/* Text that node copied to anonymous huge pages has no file behind it, so no probe reaches it. */
static bool has_anonymous_text(const struct process *process, const struct node_layout *layout)
{
	for (size_t i = 0; i < process_mapping_count(process); i++) {
		const struct mapping *mapping = process_mapping(process, i);

		if (mapping->executable && !mapping->path &&
		    mapping->start < layout->config.text_end &&
		    mapping->end > layout->config.text_start)
			return true;
	}
	return false;
}

static void builtins_range(const struct elf_file *elf, struct node_layout *layout)
{
	/* The first is the blob itself where it exists; the second was a pointer to it then. */
	static const char *const names[] = {"v8_Default_embedded_blob_code_data_",
					    "v8_Default_embedded_blob_code_"};
	struct elf_symbol builtin;
	struct elf_symbol blob;
	int32_t size;

	if (elf_file_find(elf, names[0], &blob) && elf_file_find(elf, names[1], &blob))
		return;
	if (elf_file_constant(elf, "v8_Default_embedded_blob_code_size_", &size) || size <= 0 ||
	    elf_file_find(elf, "Builtins_RunMicrotasks", &builtin))
		return;
	if (builtin.address < blob.address || builtin.address - blob.address >= (uint64_t)size)
		return;
	layout_set(layout, LAYOUT_FIELD_builtins_start, blob.address + layout->load_bias,
		   LAYOUT_SYMBOL);
	layout_set(layout, LAYOUT_FIELD_builtins_end,
		   blob.address + (uint64_t)size + layout->load_bias, LAYOUT_SYMBOL);
}

static void builtins_copy(const struct process *process, const struct elf_file *elf,
			  const struct mapping *image, struct node_layout *layout)
{
	const struct nt_config *config = &layout->config;
	uint64_t size = config->builtins_end - config->builtins_start, offset, start;

	layout_set(layout, LAYOUT_FIELD_builtins_copy_start, 0, LAYOUT_DERIVED); /* no copy */
	layout_set(layout, LAYOUT_FIELD_builtins_copy_end, 0, LAYOUT_DERIVED);
	if (!size || elf_file_offset_of(elf, config->builtins_start - layout->load_bias, &offset))
		return;
	for (size_t i = 0; i < process_mapping_count(process); i++) {
		const struct mapping *mapping = process_mapping(process, i);

		if (!mapping->executable || !same_file(mapping, image) ||
		    in_place(mapping, elf, layout->load_bias) || mapping->offset > offset)
			continue;
		start = mapping->start + offset - mapping->offset;
		if (start >= mapping->end)
			continue;
		layout_set(layout, LAYOUT_FIELD_builtins_copy_start, start, LAYOUT_DERIVED);
		layout_set(layout, LAYOUT_FIELD_builtins_copy_end, start + size, LAYOUT_DERIVED);
		return;
	}
}

int layout_find_text(const struct process *process, const struct elf_file *elf,
		     struct node_layout *layout, const char **ret_why)
{
	const struct mapping *image = image_find(process, elf, &layout->load_bias);

	if (!image) {
		*ret_why = "the file is not mapped into the process";
		return -ENOENT;
	}
	text_range(process, elf, image, layout);
	if (!layout->config.text_end) {
		*ret_why = "no part of node's code is mapped from its file";
		return -EOPNOTSUPP;
	}
	if (has_anonymous_text(process, layout)) {
		*ret_why =
			"node's code was copied to large pages (--use-largepages), where no probe"
			" can be placed; start it without that option";
		return -EOPNOTSUPP;
	}
	builtins_range(elf, layout);
	builtins_copy(process, elf, image, layout);
	return 0;
}
