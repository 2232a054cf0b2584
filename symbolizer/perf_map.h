/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The map of JIT code that node writes to /tmp/perf-PID.map under --perf-basic-prof.
 *
 * The file is read from the target's own mount namespace, as it grows. It is used only when it is a
 * regular file that belongs to the target's user or root and that the target holds open: the file
 * of an earlier process of the same pid, or one that somebody else put there, tells nothing.
 * Where entries overlap, the later one wins. Code stays where it is as long as there is a map;
 * bytecodes may move, which the map does not tell. Bounded; what is shed is counted.
 */
#ifndef NT_SYMBOLIZER_PERF_MAP_H
#define NT_SYMBOLIZER_PERF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process;
struct perf_map;

struct perf_entry {
	uint64_t start;
	uint64_t size;
	const char *name; /* not ended with NUL; valid until the next refresh */
	size_t name_len;
};

/* Nothing is opened before the first refresh. The process must outlive the map. Returns 0 or
 * -ENOMEM. */
int perf_map_new(const struct process *process, struct perf_map **ret_map);
void perf_map_free(struct perf_map *map);

/*
 * Reads what was appended since the last time, at most some megabytes at once. Returns 0, -ENOENT
 * when there is no map, -EPERM when there is one that must not be trusted, or a negative errno.
 */
int perf_map_refresh(struct perf_map *map);

/* True once a map was read. */
bool perf_map_in_use(const struct perf_map *map);

/* The entry that covers an address. Returns 0 or -ENOENT. */
int perf_map_find(const struct perf_map *map, uint64_t address, struct perf_entry *ret_entry);

/*
 * The entry of an interpreted function, by what its frame holds: the tagged BytecodeArray and the
 * Smi of the bytecode offset, which must lie in it. Returns 0 or -ENOENT.
 */
int perf_map_find_bytecode(const struct perf_map *map, uint64_t bytecode, uint64_t offset,
			   struct perf_entry *ret_entry);

/* Entries held now. */
size_t perf_map_count(const struct perf_map *map);
/* Entries that found the map full, lines that made no sense, and bytes skipped, together. */
uint64_t perf_map_dropped(const struct perf_map *map);

#endif
