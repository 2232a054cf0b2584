/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/perf_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "symbolizer/base.h"
#include "symbolizer/perf_index.h"
#include "symbolizer/perf_name.h"
#include "symbolizer/process.h"

/* This process with a map of its own, as node has one. */
struct fixture {
	struct process *process;
	struct perf_map *map;
	char path[64];
	int fd;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	assert_int_equal(process_open(getpid(), &fixture->process), 0);
	(void)snprintf(fixture->path, sizeof(fixture->path), "/tmp/perf-%d.map",
		       (int)process_namespace_pid(fixture->process));
	(void)unlink(fixture->path);
	fixture->fd = open(fixture->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fixture->fd >= 0);
	assert_int_equal(perf_map_new(fixture->process, &fixture->map), 0);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	perf_map_free(fixture->map);
	process_close(fixture->process);
	closep(&fixture->fd);
	(void)unlink(fixture->path);
	free(fixture);
	return 0;
}

static void append(struct fixture *fixture, const char *text)
{
	assert_int_equal(write(fixture->fd, text, strlen(text)), strlen(text));
}

static void assert_entry(const struct perf_map *map, uint64_t address, const char *name)
{
	struct perf_entry entry;

	assert_int_equal(perf_map_find(map, address, &entry), 0);
	assert_int_equal(entry.name_len, strlen(name));
	assert_memory_equal(entry.name, name, entry.name_len);
}

static void assert_no_entry(const struct perf_map *map, uint64_t address)
{
	struct perf_entry entry;

	assert_int_equal(perf_map_find(map, address, &entry), -ENOENT);
}

static void test_entries_are_found_by_address(void **state)
{
	struct fixture *fixture = *state;

	append(fixture, "1000 20 JS:*a /a.js:1:2\n2000 10 JS:~b c /b.js:3:4\n");
	assert_false(perf_map_in_use(fixture->map));
	assert_int_equal(perf_map_refresh(fixture->map), 0);
	assert_true(perf_map_in_use(fixture->map));
	assert_no_entry(fixture->map, 0xfff);
	assert_entry(fixture->map, 0x1000, "JS:*a /a.js:1:2");
	assert_entry(fixture->map, 0x101f, "JS:*a /a.js:1:2");
	assert_no_entry(fixture->map, 0x1020);
	assert_entry(fixture->map, 0x200f, "JS:~b c /b.js:3:4");
	assert_no_entry(fixture->map, 0x2010);
}

static void test_growth_is_read_line_by_line(void **state)
{
	struct fixture *fixture = *state;

	append(fixture, "1000 20 one\n20");
	assert_int_equal(perf_map_refresh(fixture->map), 0);
	assert_int_equal(perf_map_count(fixture->map), 1);
	append(fixture, "00 10 tw");
	assert_int_equal(perf_map_refresh(fixture->map), 0);
	assert_no_entry(fixture->map, 0x2000);
	append(fixture, "o\n");
	assert_int_equal(perf_map_refresh(fixture->map), 0);
	assert_entry(fixture->map, 0x2000, "two");
	assert_entry(fixture->map, 0x1000, "one");
	assert_int_equal(perf_map_dropped(fixture->map), 0);
}

static void test_later_entry_replaces_what_it_overlaps(void **state)
{
	struct fixture *fixture = *state;

	append(fixture, "1000 100 old\n1080 10 new\n3000 10 x\n2ff0 20 y\n");
	assert_int_equal(perf_map_refresh(fixture->map), 0);
	assert_entry(fixture->map, 0x1080, "new");
	assert_no_entry(fixture->map, 0x1000);
	assert_entry(fixture->map, 0x3000, "y");
	append(fixture, "1000 100 newest\n");
	assert_int_equal(perf_map_refresh(fixture->map), 0);
	assert_entry(fixture->map, 0x1085, "newest");
	assert_int_equal(perf_map_count(fixture->map), 2);
}

static void test_bytecode_is_found_behind_its_header(void **state)
{
	struct fixture *fixture = *state;
	struct perf_entry entry;
	uint64_t object = 0x5000;
	uint64_t header = 54;

	append(fixture, "5036 10 JS:~f /f.js:1:1\n");
	assert_int_equal(perf_map_refresh(fixture->map), 0);
	assert_int_equal(
		perf_map_find_bytecode(fixture->map, object + 1, (header - 1) << 32, &entry), 0);
	assert_int_equal(entry.start, 0x5036);
	assert_int_equal(perf_map_find_bytecode(fixture->map, object + 1, (header - 1 + 15) << 32,
						&entry),
			 0);
	/* an offset behind its end, or within the header, is of another function */
	assert_int_equal(perf_map_find_bytecode(fixture->map, object + 1, (header - 1 + 16) << 32,
						&entry),
			 -ENOENT);
	assert_int_equal(perf_map_find_bytecode(fixture->map, object + 1, (header - 2) << 32,
						&entry),
			 -ENOENT);
	/* no Smi, no tagged pointer, too far away */
	assert_int_equal(perf_map_find_bytecode(fixture->map, object + 1, 53, &entry), -ENOENT);
	assert_int_equal(perf_map_find_bytecode(fixture->map, object, 53ULL << 32, &entry),
			 -ENOENT);
	assert_int_equal(perf_map_find_bytecode(fixture->map, object - 15, 69ULL << 32, &entry),
			 -ENOENT);
	assert_int_equal(perf_map_find_bytecode(fixture->map, UINT64_MAX, UINT64_MAX << 32, &entry),
			 -ENOENT);
}

static void test_nonsense_is_counted(void **state)
{
	struct fixture *fixture = *state;

	append(fixture, "\nhello\n12345\nxyz 10 a\n11112222333344445 1 a\n1000 0 a\n"
			"ffffffffffffffff 10 a\n1000 100000000 a\n2000 10 good\n");
	assert_int_equal(perf_map_refresh(fixture->map), 0);
	assert_int_equal(perf_map_dropped(fixture->map), 8);
	assert_int_equal(perf_map_count(fixture->map), 1);
	assert_entry(fixture->map, 0x2000, "good");
}

static void test_endless_line_is_skipped(void **state)
{
	struct fixture *fixture = *state;
	char *text = malloc(300001);

	assert_non_null(text);
	memset(text, 'x', 300000);
	text[300000] = '\0';
	append(fixture, "1000 10 one\n2000 10 ");
	append(fixture, text);
	append(fixture, " \n3000 10 three\n");
	free(text);
	assert_int_equal(perf_map_refresh(fixture->map), 0);
	assert_entry(fixture->map, 0x1000, "one");
	assert_no_entry(fixture->map, 0x2000);
	assert_entry(fixture->map, 0x3000, "three");
	assert_int_equal(perf_map_dropped(fixture->map), 1);
}

static void test_missing_map_is_no_map(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(unlink(fixture->path), 0);
	assert_int_equal(perf_map_refresh(fixture->map), -ENOENT);
	assert_false(perf_map_in_use(fixture->map));
	assert_no_entry(fixture->map, 0x1000);
}

static void test_map_that_the_target_has_not_open_is_refused(void **state)
{
	struct process *process;
	struct perf_map *map;
	pid_t pid = fork();
	char path[64];
	int fd;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		for (;;)
			(void)pause();
	assert_int_equal(process_open(pid, &process), 0);
	assert_int_equal(perf_map_new(process, &map), 0);
	(void)snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)process_namespace_pid(process));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "1000 10 stale\n", 14), 14);
	assert_int_equal(perf_map_refresh(map), -EPERM);
	assert_false(perf_map_in_use(map));
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(path), 0);
	perf_map_free(map);
	process_close(process);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_symbolic_link_is_refused(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(unlink(fixture->path), 0);
	assert_int_equal(symlink("/etc/passwd", fixture->path), 0);
	assert_int_equal(perf_map_refresh(fixture->map), -EPERM);
}

static void test_what_is_no_regular_file_is_refused(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(unlink(fixture->path), 0);
	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	assert_int_equal(perf_map_refresh(fixture->map), -EPERM);
}

static void test_map_of_another_user_is_refused(void **state)
{
	struct fixture *fixture = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(fchown(fixture->fd, 4242, 4242), 0);
	assert_int_equal(perf_map_refresh(fixture->map), -EPERM);
}

static void assert_range(struct perf_index *index, uint64_t address, uint64_t start)
{
	const struct perf_range *range = perf_index_from(index, address);

	assert_non_null(range);
	assert_int_equal(range->start, start);
}

static void test_full_index_sheds_the_older_half(void **state)
{
	struct perf_index index = {0};
	const uint64_t n = 300000;

	(void)state;
	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(perf_index_add(&index, i * 16, 16, "name", 4), 0);
	assert_int_equal(perf_index_commit(&index), 0);
	assert_true(index.count <= 1 << 18);
	assert_int_equal(index.count + index.dropped, n);
	assert_range(&index, (n - 1) * 16, (n - 1) * 16);
	perf_index_done(&index);
}

static void test_names_of_replaced_ranges_make_room(void **state)
{
	struct perf_index index = {0};
	char name[1000];

	(void)state;
	memset(name, 'n', sizeof(name));
	for (uint64_t i = 0; i < 100000; i++)
		assert_int_equal(perf_index_add(&index, (i % 10) * 16, 16, name, sizeof(name)), 0);
	assert_int_equal(perf_index_commit(&index), 0);
	assert_int_equal(index.count, 10);
	assert_int_equal(index.dropped, 0);
	assert_true(index.names_capacity <= 32 << 20);
	perf_index_done(&index);
}

struct expected {
	const char *text;
	const char *function;
	const char *file;
	uint32_t line;
	uint32_t column;
	enum frame_kind kind;
};

static const struct expected names[] = {
	{"JS:~hot /app/a pp.js:3:13", "hot", "/app/a pp.js", 3, 13, FRAME_JS},
	{"JS:*'hot /app/app.js:3:13", "hot", "/app/app.js", 3, 13, FRAME_JS},
	{"JS:+' /app/app.js:6:13", "(anonymous)", "/app/app.js", 6, 13, FRAME_JS},
	{"JS:o+loop /app/app.js:6:13", "loop", "/app/app.js", 6, 13, FRAME_JS},
	{"JS:o*'loop /app/app.js:6:13", "loop", "/app/app.js", 6, 13, FRAME_JS},
	{"JS:~get bar file:///a.mjs:2:20", "get bar", "file:///a.mjs", 2, 20, FRAME_JS},
	{"JS:^read node:internal/fs:1:2", "read", "node:internal/fs", 1, 2, FRAME_JS},
	{"LazyCompile:*emit node:events:466", "emit", "node:events", 466, 0, FRAME_JS},
	{"Function:^ /app/app.js:6", "(anonymous)", "/app/app.js", 6, 0, FRAME_JS},
	{"Script:~ app.js:1:1", "(anonymous)", "app.js", 1, 1, FRAME_JS},
	{"JS:~f", "f", NULL, 0, 0, FRAME_JS},
	{"JS:", "(anonymous)", NULL, 0, 0, FRAME_JS},
	{"JS:~f /a:99999999999:1", "f", "/a:99999999999", 1, 0, FRAME_JS},
	{"Builtin:ArrayMap", "ArrayMap", NULL, 0, 0, FRAME_BUILTIN},
	{"BytecodeHandler:Wide", "Wide", NULL, 0, 0, FRAME_BUILTIN},
	{"RegExp:a+b", "RegExp:a+b", NULL, 0, 0, FRAME_JS},
	{"", "(anonymous)", NULL, 0, 0, FRAME_JS},
};

static void assert_text(const char *text, size_t len, const char *wanted)
{
	assert_int_equal(len, strlen(wanted));
	assert_true(text && memcmp(text, wanted, len) == 0);
}

static void test_names_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct expected *wanted = &names[i];
		struct perf_name name;

		perf_name_parse(wanted->text, strlen(wanted->text), &name);
		assert_text(name.function, name.function_len, wanted->function);
		assert_int_equal(name.file != NULL, wanted->file != NULL);
		if (name.file && wanted->file)
			assert_text(name.file, name.file_len, wanted->file);
		assert_int_equal(name.line, wanted->line);
		assert_int_equal(name.column, wanted->column);
		assert_int_equal(name.kind, wanted->kind);
	}
}

static void test_code_without_a_file_has_none(void **state)
{
	struct perf_name name;

	(void)state;
	perf_name_parse("Eval:~ :1:5", strlen("Eval:~ :1:5"), &name);
	assert_text(name.function, name.function_len, "(anonymous)");
	assert_null(name.file);
	assert_int_equal(name.line, 1);
	assert_int_equal(name.column, 5);
}

#define MAP_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MAP_TEST(test_entries_are_found_by_address),
		MAP_TEST(test_growth_is_read_line_by_line),
		MAP_TEST(test_later_entry_replaces_what_it_overlaps),
		MAP_TEST(test_bytecode_is_found_behind_its_header),
		MAP_TEST(test_nonsense_is_counted),
		MAP_TEST(test_endless_line_is_skipped),
		MAP_TEST(test_missing_map_is_no_map),
		MAP_TEST(test_map_that_the_target_has_not_open_is_refused),
		MAP_TEST(test_symbolic_link_is_refused),
		MAP_TEST(test_what_is_no_regular_file_is_refused),
		MAP_TEST(test_map_of_another_user_is_refused),
		cmocka_unit_test(test_full_index_sheds_the_older_half),
		cmocka_unit_test(test_names_of_replaced_ranges_make_room),
		cmocka_unit_test(test_names_are_taken_apart),
		cmocka_unit_test(test_code_without_a_file_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
