/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/maps.h"

#include <string.h>

#include "symbolizer/base.h"

enum {
	MAX_MAPPINGS = 1 << 16
}; /* vm.max_map_count is 65,530 by default */

/* Reads a number that `separator` follows and moves *at behind it. */
static bool take_number(char **at, int base, char separator, uint64_t *ret_value)
{
	char *end;

	errno = 0;
	*ret_value = strtoull(*at, &end, base);
	if (errno || end == *at || *end != separator)
		return false;
	*at = end + 1;
	return true;
}

static int set_path(struct mapping *mapping, char *text)
{
	text += strspn(text, " \t");
	text[strcspn(text, "\n")] = '\0';
	if (!*text)
		return 0;
	mapping->path = strdup(text);
	return mapping->path ? 0 : -ENOMEM;
}

/* start-end rwxp offset major:minor inode   path */
static int parse_line(char *line, struct mapping *mapping)
{
	uint64_t dev_major;
	uint64_t dev_minor;
	char *at = line;

	if (!take_number(&at, 16, '-', &mapping->start) ||
	    !take_number(&at, 16, ' ', &mapping->end))
		return -EBADMSG;
	if (strnlen(at, 5) < 5 || at[4] != ' ')
		return -EBADMSG;
	mapping->readable = at[0] == 'r';
	mapping->writable = at[1] == 'w';
	mapping->executable = at[2] == 'x';
	at += 5;
	if (!take_number(&at, 16, ' ', &mapping->offset) ||
	    !take_number(&at, 16, ':', &dev_major) || !take_number(&at, 16, ' ', &dev_minor))
		return -EBADMSG;
	mapping->dev_major = (uint32_t)dev_major;
	mapping->dev_minor = (uint32_t)dev_minor;
	errno = 0;
	mapping->inode = strtoull(at, &at, 10);
	if (errno || (*at != ' ' && *at != '\n' && *at != '\0'))
		return -EBADMSG;
	return set_path(mapping, at);
}

/*
 * The kernel hands the list over in pieces. A mapping that merged with its neighbours between two of
 * them begins before the end of what was read; the newer one counts.
 */
static void make_room(struct maps *maps, uint64_t start)
{
	while (maps->count && maps->items[maps->count - 1].start >= start)
		free(maps->items[--maps->count].path);
	if (maps->count && maps->items[maps->count - 1].end > start)
		maps->items[maps->count - 1].end = start;
}

static int add_line(struct maps *maps, char *line)
{
	uint64_t previous_end = maps->count ? maps->items[maps->count - 1].end : 0;
	struct mapping mapping = {0};
	int err;

	if (maps->count == MAX_MAPPINGS)
		return -E2BIG;
	err = array_reserve(&maps->items, &maps->capacity, maps->count, sizeof(*maps->items));
	if (err)
		return err;
	err = parse_line(line, &mapping);
	if (err)
		return err;
	if (mapping.end <= mapping.start || mapping.end < previous_end) {
		free(mapping.path);
		return -EBADMSG;
	}
	make_room(maps, mapping.start);
	maps->items[maps->count++] = mapping;
	return 0;
}

int maps_read(FILE *file, struct maps *ret_maps)
{
	_cleanup_(freep) char *line = NULL;
	struct maps maps = {0};
	size_t size = 0;
	int err = 0;

	errno = 0;
	while (!err && getline(&line, &size, file) >= 0)
		err = add_line(&maps, line);
	if (!err && ferror(file))
		err = errno ? -errno : -EIO;
	if (err) {
		maps_done(&maps);
		return err;
	}
	*ret_maps = maps;
	return 0;
}

void maps_done(struct maps *maps)
{
	for (size_t i = 0; i < maps->count; i++)
		free(maps->items[i].path);
	free(maps->items);
	*maps = (struct maps){0};
}

const struct mapping *maps_find(const struct maps *maps, uint64_t address)
{
	size_t low = PARTITION_POINT(i, maps->count, maps->items[i].end <= address);

	if (low == maps->count || maps->items[low].start > address)
		return NULL;
	return &maps->items[low];
}
