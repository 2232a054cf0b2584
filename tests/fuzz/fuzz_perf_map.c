/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Any bytes as the perf map of this very process, in two parts as a map grows. */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>

#include "symbolizer/base.h"
#include "symbolizer/perf_map.h"
#include "symbolizer/perf_name.h"
#include "symbolizer/process.h"

static struct process *process;
static int file = -1;
static char path[64];

static void remove_file(void)
{
	(void)unlink(path);
}

static void open_file(void)
{
	must(!process_open(getpid(), &process));
	(void)snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)process_namespace_pid(process));
	(void)unlink(path);
	file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	must(file >= 0);
	(void)atexit(remove_file);
}

static void append(const uint8_t *data, size_t size)
{
	must(write(file, data, size) == (ssize_t)size);
}

static void check_name(const struct perf_entry *entry)
{
	char *text = malloc(entry->name_len + 1);
	struct perf_name name;

	must(text);
	memcpy(text, entry->name, entry->name_len);
	perf_name_parse(text, entry->name_len, &name);
	must(name.function && name.function_len > 0);
	free(text);
}

static void ask(const struct perf_map *map, uint64_t address)
{
	struct perf_entry entry;

	if (!perf_map_find(map, address, &entry)) {
		must(entry.start <= address && address - entry.start < entry.size);
		check_name(&entry);
	}
	if (!perf_map_find_bytecode(map, address | 1, address << 32, &entry))
		check_name(&entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t half = size / 2;
	struct perf_map *map;

	if (file < 0)
		open_file();
	must(!ftruncate(file, 0) && !lseek(file, 0, SEEK_SET));
	append(data, half);
	must(!perf_map_new(process, &map));
	must(!perf_map_refresh(map));
	append(data + half, size - half);
	must(!perf_map_refresh(map));
	for (uint64_t address = 0; address < 64; address++)
		ask(map, address);
	ask(map, 0x1000);
	ask(map, UINT64_MAX);
	perf_map_free(map);
	return 0;
}
