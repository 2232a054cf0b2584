/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/perf_map.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "symbolizer/base.h"
#include "symbolizer/perf_index.h"
#include "symbolizer/process.h"

enum {
	BUFFER = 64 << 10, /* and so the longest line */
	MAX_REFRESH = 16 << 20,
	MAX_FIRST = 64 << 20, /* of a longer file only the end is read */
	MAX_BYTECODE_HEADER = 64,
	MAX_OPEN_FILES = 1 << 16,
};

struct perf_map {
	const struct process *process;
	int fd;          /* -1 not open */
	uint64_t offset; /* of the first byte that was not taken */
	bool in_line;    /* offset lies within a line that is being skipped */
	struct perf_index index;
	uint64_t dropped;
	char buffer[BUFFER];
};

int perf_map_new(const struct process *process, struct perf_map **ret_map)
{
	struct perf_map *map = calloc(1, sizeof(*map));

	if (!map)
		return -ENOMEM;
	map->process = process;
	map->fd = -1;
	*ret_map = map;
	return 0;
}

void perf_map_free(struct perf_map *map)
{
	if (!map)
		return;
	perf_index_done(&map->index);
	closep(&map->fd);
	free(map);
}

static void closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* V8 keeps its map open as long as it writes to it. */
static bool is_open_in(const struct process *process, const struct stat *file)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	const struct dirent *entry;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)process_pid(process));
	dir = opendir(path);
	for (int i = 0; dir && i < MAX_OPEN_FILES; i++) {
		struct stat st;

		entry = readdir(dir);
		if (!entry)
			break;
		if (fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && st.st_dev == file->st_dev &&
		    st.st_ino == file->st_ino)
			return true;
	}
	return false;
}

static int check_trust(const struct process *process, int fd, uint64_t *ret_size)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || (st.st_uid != 0 && st.st_uid != process_uid(process)) ||
	    !is_open_in(process, &st))
		return -EPERM;
	*ret_size = (uint64_t)st.st_size;
	return 0;
}

static int open_map(const struct process *process, int *ret_fd, uint64_t *ret_size)
{
	char path[96];
	int err;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/root/tmp/perf-%d.map",
		       (int)process_pid(process), (int)process_namespace_pid(process));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	err = check_trust(process, fd, ret_size);
	if (err)
		closep(&fd);
	else
		*ret_fd = fd;
	return err;
}

/* Reads a hexadecimal number that a space follows and moves *at behind it. */
static bool take_hex(const char **at, const char *end, uint64_t *ret_value)
{
	const char *p = *at;
	uint64_t value = 0;

	for (; p < end && *p != ' '; p++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = *p ? strchr(digits, *p | 0x20) : NULL;

		if (!digit || p - *at == 16)
			return false;
		value = value << 4 | (uint64_t)(digit - digits);
	}
	if (p == *at || p == end)
		return false;
	*ret_value = value;
	*at = p + 1;
	return true;
}

/* start size name */
static int add_line(struct perf_map *map, const char *line, size_t len)
{
	const char *end = line + len;
	uint64_t start;
	uint64_t size;

	if (!take_hex(&line, end, &start) || !take_hex(&line, end, &size)) {
		map->dropped++;
		return 0;
	}
	return perf_index_add(&map->index, start, size, line, (size_t)(end - line));
}

/* Takes the whole lines in the buffer. Returns how many bytes that were in *ret_taken. */
static int add_lines(struct perf_map *map, size_t len, size_t *ret_taken)
{
	size_t at = 0;

	while (at < len) {
		const char *line = map->buffer + at;
		const char *end = memchr(line, '\n', len - at);
		int err;

		if (!end)
			break;
		err = map->in_line ? 0 : add_line(map, line, (size_t)(end - line));
		if (err)
			return err;
		map->in_line = false;
		at += (size_t)(end - line) + 1;
	}
	if (!at && len == sizeof(map->buffer)) { /* a line that long is no line */
		map->dropped += !map->in_line;
		map->in_line = true;
		at = len;
	}
	*ret_taken = at;
	return 0;
}

static int read_on(struct perf_map *map, uint64_t limit)
{
	uint64_t start = map->offset;

	while (map->offset - start < limit) {
		ssize_t n;
		size_t taken;
		int err;

		n = pread(map->fd, map->buffer, sizeof(map->buffer), (off_t)map->offset);
		if (n < 0)
			return errno == EINTR ? 0 : -errno;
		err = add_lines(map, (size_t)n, &taken);
		if (err)
			return err;
		map->offset += taken;
		if (!taken)
			break;
	}
	return perf_index_commit(&map->index);
}

int perf_map_refresh(struct perf_map *map)
{
	uint64_t size = 0;
	int err;

	if (map->fd >= 0)
		return read_on(map, MAX_REFRESH);
	err = open_map(map->process, &map->fd, &size);
	if (err)
		return err;
	if (size > MAX_FIRST) {
		map->offset = size - MAX_FIRST;
		map->in_line = true;
		map->dropped += map->offset;
	}
	return read_on(map, MAX_FIRST + MAX_REFRESH);
}

bool perf_map_in_use(const struct perf_map *map)
{
	return map->fd >= 0;
}

static void get_entry(const struct perf_map *map, const struct perf_range *range,
		      struct perf_entry *ret_entry)
{
	ret_entry->start = range->start;
	ret_entry->size = range->size;
	ret_entry->name = map->index.names + range->name;
	ret_entry->name_len = range->name_len;
}

int perf_map_find(const struct perf_map *map, uint64_t address, struct perf_entry *ret_entry)
{
	const struct perf_range *range = perf_index_from(&map->index, address);

	if (!range || range->start > address)
		return -ENOENT;
	get_entry(map, range, ret_entry);
	return 0;
}

/*
 * The map holds the address of the first bytecode, which follows a header of a size that depends on
 * the release. The offset in a frame counts from the tagged start of the whole object.
 */
int perf_map_find_bytecode(const struct perf_map *map, uint64_t bytecode, uint64_t offset,
			   struct perf_entry *ret_entry)
{
	uint64_t object = bytecode - 1;
	uint64_t position = object + (offset >> 32) + 1;
	const struct perf_range *range;

	if (!(bytecode & 1) || (uint32_t)offset != 0)
		return -ENOENT;
	range = perf_index_from(&map->index, bytecode);
	if (!range || range->start <= object || range->start - object > MAX_BYTECODE_HEADER ||
	    position < range->start || position - range->start >= range->size)
		return -ENOENT;
	get_entry(map, range, ret_entry);
	return 0;
}

size_t perf_map_count(const struct perf_map *map)
{
	return map->index.count;
}

uint64_t perf_map_dropped(const struct perf_map *map)
{
	return map->dropped + map->index.dropped;
}
