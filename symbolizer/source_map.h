/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A source map: the JSON text that compilers and bundlers write beside their output, version 3, with
 * or without sections (https://tc39.es/ecma426/).
 *
 * Maps are the target's, so anything may stand in them: texts with more values than a limit are
 * refused before they are parsed, and a map with one damaged section is refused as a whole. What
 * is kept is the mappings, the names of sources and the names; sources themselves are not.
 */
#ifndef NT_SYMBOLIZER_SOURCE_MAP_H
#define NT_SYMBOLIZER_SOURCE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct source_map;

/* Where code comes from. Texts are the map's, and as untrusted as it is. */
struct source_origin {
	const char *root;   /* of the sources, "" none */
	const char *source; /* as the map names it, relative to the root */
	const char *name;   /* what stands there in the source, NULL unknown */
	uint32_t line;      /* from 1 */
	uint32_t column;    /* from 1 */
};

/* Returns 0, -EBADMSG for what is no source map, -EFBIG for one with too many values, or -ENOMEM.
 * The text is not needed any more afterwards. */
int source_map_parse(const char *text, size_t len, struct source_map **ret_map);
void source_map_free(struct source_map *map);

/* The origin of generated code at a line and column, both from 1. Returns 0 or -ENOENT: generated
 * by the tool, or the map does not tell. */
int source_map_find(const struct source_map *map, uint32_t line, uint32_t column,
		    struct source_origin *ret_origin);

/* The generated file as the map names it, NULL when it does not. */
const char *source_map_file(const struct source_map *map);

/* Bytes of memory, roughly. */
size_t source_map_bytes(const struct source_map *map);

#endif
