/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The source maps of the target's scripts: frames of compiled TypeScript and of bundles become
 * frames of what was written.
 *
 * A script's map is looked for when the first of its frames is named: inline, in the file that its
 * last comment names, or in the file of the same name with ".map" behind it. What the map does not
 * tell keeps file and line of the script. Nothing is fetched from anywhere else. Bounded in scripts,
 * in bytes kept and in bytes ever parsed; what is shed is counted. Owner: the ingest thread.
 */
#ifndef NT_SYMBOLIZER_SOURCE_MAPS_H
#define NT_SYMBOLIZER_SOURCE_MAPS_H

#include <stddef.h>
#include <stdint.h>

#include "symbolizer/stacks.h"

struct process;
struct source_maps;
struct v8_heap;
struct v8_script;

struct source_map_counts {
	uint64_t loaded;
	uint64_t refused; /* damaged, too large, newer than the process, not to be read */
	uint64_t shed;    /* maps that had to go for others, and those not parsed for the limit */
	uint64_t frames;  /* that were translated */
	size_t bytes;     /* kept now */
};

/* Names go to `stacks`; both arguments must outlive the maps. Returns 0 or -ENOMEM. */
int source_maps_new(const struct process *process, struct stacks *stacks,
		    struct source_maps **ret_maps);
void source_maps_free(struct source_maps *maps);

/* To be called before the scripts of each stack are seen. */
void source_maps_begin(struct source_maps *maps);

/* Looks for the map of a script whose heap can be read now, unless it was seen before. */
void source_maps_see(struct source_maps *maps, struct v8_heap *heap,
		     const struct v8_script *script);

/* Forgets what was seen since the beginning: the heap moved meanwhile. */
void source_maps_discard(struct source_maps *maps);

/*
 * Translates n frames, leaf first, with file, line and column as they run. Where a map names what a
 * frame calls, the frame before it gets that name if it is of the same file, as in node's own
 * stacks. Frames of files with several maps (reloaded while the old code ran on) stay as they are.
 */
void source_maps_translate(struct source_maps *maps, struct frame *frames, size_t n);

/* What came of the maps so far. */
void source_maps_counts(const struct source_maps *maps, struct source_map_counts *ret_counts);

#endif
