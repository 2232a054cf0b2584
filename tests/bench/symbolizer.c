/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * bench_symbolizer NODE [SOURCE-MAP]: what it costs to index the symbols of a node binary, to look them
 * up and to demangle them, and to parse a source map and look places up in it. Times are of the CPU, so
 * that other work on the machine does not count. Exits 1 when one of the goals is missed.
 */
#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>
#include <time.h>

#include "symbolizer/base.h"
#include "symbolizer/demangle.h"
#include "symbolizer/elf_file.h"
#include "symbolizer/source_map.h"

enum {
	LOOKUPS = 100000,
	MAX_SYMBOLS = 1 << 20,
	MAX_INDEX_MS = 60,
	MAX_INDEX_BYTES = 4 << 20,
	MAX_FRAME_US = 20, /* all that naming one takes; a part of it must not take more */
};

static bool missed;

static double now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void row(const char *what, double figure, const char *unit, double goal)
{
	bool is_met = goal == 0 || figure <= goal;

	missed |= !is_met;
	if (goal == 0)
		printf("%-44s %10.2f %s\n", what, figure, unit);
	else
		printf("%-44s %10.2f %-4s <= %g %s\n", what, figure, unit, goal,
		       is_met ? "ok" : "MISSED");
}

struct addresses {
	uint64_t *items;
	const char **names;
	size_t n;
};

static int add_address(void *user, const struct elf_symbol *symbol)
{
	struct addresses *addresses = user;

	if (addresses->n < MAX_SYMBOLS) {
		addresses->names[addresses->n] = symbol->name;
		addresses->items[addresses->n++] = symbol->address + symbol->size / 2;
	}
	return 0;
}

/* The next of a fixed sequence of numbers. */
static size_t next_random(uint64_t *state, size_t limit)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (size_t)(*state >> 33) % limit;
}

static void bench_lookups(const struct elf_file *elf, const struct addresses *addresses)
{
	struct elf_symbol symbol;
	uint64_t state = 1;
	size_t found = 0;
	double began = now_us();

	for (size_t i = 0; i < LOOKUPS; i++)
		found += !elf_file_symbolize(
			elf, addresses->items[next_random(&state, addresses->n)], &symbol);
	row("address to symbol, at random", (now_us() - began) * 1e3 / LOOKUPS, "ns", 0);
	missed |= !found;
}

static void bench_demangle(const struct addresses *addresses)
{
	double began = now_us();
	double worst = 0;
	char name[256];
	size_t n = 0;

	for (size_t i = 0; i < addresses->n; i++) {
		double start = now_us();

		if (addresses->names[i][0] != '_' || addresses->names[i][1] != 'Z')
			continue;
		(void)demangle_short(addresses->names[i], name, sizeof(name));
		n++;
		if (now_us() - start > worst)
			worst = now_us() - start;
	}
	row("demangling, of each symbol that is shown", (now_us() - began) / (double)n, "us",
	    MAX_FRAME_US);
	row("  the slowest", worst, "us", 0);
}

static int bench_symbols(const char *path)
{
	struct addresses addresses = {
		.items = calloc(MAX_SYMBOLS, sizeof(*addresses.items)),
		.names = calloc(MAX_SYMBOLS, sizeof(*addresses.names)),
	};
	size_t before = heap_bytes();
	double began = now_us();
	struct elf_symbol symbol;
	struct elf_file *elf;
	int err = elf_file_open(path, &elf);

	if (err || !addresses.items || !addresses.names) {
		free(addresses.items);
		free(addresses.names);
		return err ? err : -ENOMEM;
	}
	(void)elf_file_find(elf, "main", &symbol);
	(void)elf_file_symbolize(elf, symbol.address, &symbol);
	row("symbols: open, index by name and address", (now_us() - began) / 1e3, "ms",
	    MAX_INDEX_MS);
	row("  memory", (double)(heap_bytes() - before) / (1 << 20), "MiB",
	    (double)MAX_INDEX_BYTES / (1 << 20));
	(void)elf_file_glob(elf, "*", add_address, &addresses);
	row("  entries", (double)addresses.n, "", 0);
	bench_lookups(elf, &addresses);
	bench_demangle(&addresses);
	elf_file_close(elf);
	free(addresses.items);
	free(addresses.names);
	return 0;
}

static int read_all(const char *path, char **ret_text, size_t *ret_len)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	text = malloc((size_t)st.st_size + 1);
	if (!text || read(fd, text, (size_t)st.st_size) != st.st_size) {
		free(text);
		return -EIO;
	}
	*ret_text = text;
	*ret_len = (size_t)st.st_size;
	return 0;
}

static void bench_places(const struct source_map *map)
{
	struct source_origin origin;
	uint64_t state = 1;
	size_t found = 0;
	double began = now_us();

	for (size_t i = 0; i < LOOKUPS; i++)
		found += !source_map_find(map, 1 + (uint32_t)next_random(&state, 1000),
					  1 + (uint32_t)next_random(&state, 1000), &origin);
	row("  a place", (now_us() - began) / LOOKUPS, "us", MAX_FRAME_US);
	row("  found, of a hundred", 100.0 * (double)found / LOOKUPS, "", 0);
}

static int bench_source_map(const char *path)
{
	struct source_map *map;
	size_t before;
	double began;
	char *text = NULL;
	size_t len = 0;
	int err = read_all(path, &text, &len);

	if (err)
		return err;
	row("source map: file", (double)len / (1 << 20), "MiB", 0);
	before = heap_bytes();
	began = now_us();
	err = source_map_parse(text, len, &map);
	row("  parsed, indexed", (now_us() - began) / 1e3, "ms", 0);
	free(text);
	if (err)
		return err;
	row("  memory kept", (double)(heap_bytes() + len - before) / (1 << 20), "MiB", 0);
	row("  memory as it is counted", (double)source_map_bytes(map) / (1 << 20), "MiB", 0);
	bench_places(map);
	source_map_free(map);
	return 0;
}

int main(int argc, char **argv)
{
	int err;

	if (argc < 2 || argc > 3) {
		(void)fprintf(stderr, "usage: bench_symbolizer NODE [SOURCE-MAP]\n");
		return 2;
	}
	err = bench_symbols(argv[1]);
	if (!err && argc == 3)
		err = bench_source_map(argv[2]);
	if (err)
		(void)fprintf(stderr, "bench_symbolizer: error %d\n", -err);
	return err || missed;
}
