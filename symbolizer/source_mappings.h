/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The "mappings" text of a source map: from a place in generated code to the place it comes from.
 *
 * The text stays as it is; an index of every so-manieth segment makes it searchable, so that a map
 * costs hardly more memory than its text. The format: https://tc39.es/ecma426/. Lines and columns
 * count from 0 here. A text that breaks any rule is refused as a whole: its numbers are all relative.
 */
#ifndef NT_SYMBOLIZER_SOURCE_MAPPINGS_H
#define NT_SYMBOLIZER_SOURCE_MAPPINGS_H

#include <stddef.h>
#include <stdint.h>

#define SOURCE_NONE UINT32_MAX

struct source_mappings;

struct source_segment {
	uint32_t line; /* of generated code */
	uint32_t column;
	uint32_t source; /* index of the source, SOURCE_NONE when the code comes from nowhere */
	uint32_t source_line;
	uint32_t source_column;
	uint32_t name; /* index of the name, SOURCE_NONE when there is none */
};

/*
 * Indexes a text, which must outlive the mappings. Returns 0, -ENOMEM, or -EBADMSG for what is no
 * base64 VLQ, a negative or huge number, segments that are not in order, and indexes that are not
 * below n_sources and n_names.
 */
int source_mappings_new(const char *text, size_t len, uint32_t n_sources, uint32_t n_names,
			struct source_mappings **ret_mappings);
void source_mappings_free(struct source_mappings *mappings);

/* The last segment of this line that starts at or before the column. Returns 0 or -ENOENT. */
int source_mappings_find(const struct source_mappings *mappings, uint32_t line, uint32_t column,
			 struct source_segment *ret_segment);

/* Number of segments. */
size_t source_mappings_count(const struct source_mappings *mappings);

/* Bytes of memory, without the text. */
size_t source_mappings_bytes(const struct source_mappings *mappings);

#endif
