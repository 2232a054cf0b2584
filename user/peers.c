/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/peers.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "symbolizer/base.h"

#define MAX_ROWS    65536
#define ESTABLISHED 1 /* linux: include/net/tcp_states.h */
#define LISTEN      10

/* The columns of /proc/net/tcp that matter. */
enum column {
	COLUMN_LOCAL = 1,
	COLUMN_REMOTE = 2,
	COLUMN_STATE = 3,
	COLUMN_INODE = 9,
	COLUMN_COUNT
};

struct row {
	uint64_t inode;
	uint16_t local_port;
	uint16_t remote_port;
	bool listens;
	char address[INET6_ADDRSTRLEN];
};

struct table {
	struct row *rows; /* established and listening ones */
	size_t n, capacity;
	bool listens[UINT16_MAX + 1];
};

static void closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* A number with a given number of digits, or -1. */
static int64_t digits(const char *text, size_t len, unsigned int base)
{
	int64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		int digit = isdigit((unsigned char)text[i])    ? text[i] - '0'
			    : isxdigit((unsigned char)text[i]) ? (text[i] | 0x20) - 'a' + 10
							       : 99;

		if (digit >= (int)base || value > INT64_MAX / 16 - 16)
			return -1;
		value = value * base + digit;
	}
	return len ? value : -1;
}

/* "0100007F:1F90": words of the address as they lie in memory, then the port. */
static int take_address(const char *text, struct in6_addr *ret_address, size_t *ret_words,
			uint16_t *ret_port)
{
	const char *colon = strchr(text, ':');
	size_t words = colon ? (size_t)(colon - text) / 8 : 0;
	int64_t port = colon ? digits(colon + 1, strlen(colon + 1), 16) : -1;

	if ((words != 1 && words != 4) || (size_t)(colon - text) % 8 || port < 0 ||
	    port > UINT16_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < words; i++) {
		int64_t word = digits(text + 8 * i, 8, 16);
		uint32_t raw = (uint32_t)word;

		if (word < 0)
			return -EBADMSG;
		memcpy(ret_address->s6_addr + 4 * i, &raw, sizeof(raw));
	}
	*ret_words = words;
	*ret_port = (uint16_t)port;
	return 0;
}

static void print_address(const struct in6_addr *address, size_t words, char *buf, size_t len)
{
	if (words == 1)
		(void)inet_ntop(AF_INET, address, buf, (socklen_t)len);
	else if (IN6_IS_ADDR_V4MAPPED(address))
		(void)inet_ntop(AF_INET, address->s6_addr + 12, buf, (socklen_t)len);
	else
		(void)inet_ntop(AF_INET6, address, buf, (socklen_t)len);
}

static int take_row(struct table *table, char *line)
{
	char *columns[COLUMN_COUNT] = {NULL}, *rest = line, *word;
	struct in6_addr address = {0};
	struct row row = {.address = ""};
	size_t n = 0, words;
	int64_t state, inode;

	while (n < COLUMN_COUNT && (word = strsep(&rest, " \t\n")))
		if (*word)
			columns[n++] = word;
	if (n < COLUMN_COUNT ||
	    take_address(columns[COLUMN_LOCAL], &address, &words, &row.local_port))
		return 0; /* the heading */
	state = digits(columns[COLUMN_STATE], strlen(columns[COLUMN_STATE]), 16);
	inode = digits(columns[COLUMN_INODE], strlen(columns[COLUMN_INODE]), 10);
	row.listens = state == LISTEN;
	if (row.listens)
		table->listens[row.local_port] = true;
	if ((state != ESTABLISHED && !row.listens) || inode <= 0 || table->n >= MAX_ROWS ||
	    take_address(columns[COLUMN_REMOTE], &address, &words, &row.remote_port))
		return 0;
	row.inode = (uint64_t)inode;
	print_address(&address, words, row.address, sizeof(row.address));
	if (array_reserve(&table->rows, &table->capacity, table->n, sizeof(row)))
		return -ENOMEM;
	table->rows[table->n++] = row;
	return 0;
}

static int read_table(struct table *table, pid_t pid, const char *name)
{
	_cleanup_(fclosep) FILE *file = NULL;
	_cleanup_(freep) char *line = NULL;
	char path[64];
	size_t size = 0;
	int err = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)pid, name);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (!err && getline(&line, &size, file) >= 0)
		err = take_row(table, line);
	return err;
}

static int by_inode(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	return (a->inode > b->inode) - (a->inode < b->inode);
}

/* The inode of a link "socket:[123]", 0 of any other. */
static uint64_t socket_inode(int folder, const char *name)
{
	static const char prefix[] = "socket:[";
	char link[64];
	ssize_t len = readlinkat(folder, name, link, sizeof(link) - 1);
	int64_t inode;

	if (len < (ssize_t)sizeof(prefix) || strncmp(link, prefix, sizeof(prefix) - 1) != 0)
		return 0;
	inode = digits(link + sizeof(prefix) - 1, (size_t)len - sizeof(prefix), 10);
	return inode > 0 ? (uint64_t)inode : 0;
}

static void look_at(const struct table *table, int folder, const char *name,
		    const struct peers_told *told)
{
	const struct row key = {.inode = socket_inode(folder, name)};
	int64_t fd = digits(name, strlen(name), 10);
	char address[INET6_ADDRSTRLEN + 8];
	const struct row *row;

	if (!key.inode || !table->n || fd < 0 || fd > INT32_MAX)
		return;
	row = bsearch(&key, table->rows, table->n, sizeof(key), by_inode);
	if (row && row->listens)
		told->listens(told->user, row->local_port);
	if (!row || table->listens[row->local_port])
		return;
	(void)snprintf(address, sizeof(address), "%s:%u", row->address, row->remote_port);
	told->found(told->user, (uint32_t)fd, address);
}

static int read_tables(struct table *table, pid_t pid)
{
	int err = read_table(table, pid, "tcp");

	if (!err)
		err = read_table(table, pid, "tcp6");
	if (err && err != -ENOENT) /* a kernel without IPv6 */
		return err;
	if (table->n)
		qsort(table->rows, table->n, sizeof(*table->rows), by_inode);
	return 0;
}

static int read_descriptors(const struct table *table, pid_t pid, const struct peers_told *told)
{
	_cleanup_(closedirp) DIR *folder = NULL;
	struct dirent *entry;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	folder = opendir(path);
	if (!folder)
		return -errno;
	while ((entry = readdir(folder)))
		look_at(table, dirfd(folder), entry->d_name, told);
	return 0;
}

int peers_read(pid_t pid, const struct peers_told *told)
{
	struct table *table = calloc(1, sizeof(*table));
	int err;

	if (!table)
		return -ENOMEM;
	err = read_tables(table, pid);
	if (!err)
		err = read_descriptors(table, pid, told);
	free(table->rows);
	free(table);
	return err;
}
