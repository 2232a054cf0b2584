/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "symbolizer/base.h"
#include "symbolizer/command_line.h"
#include "symbolizer/maps.h"

static struct process *open_self(void)
{
	struct process *process;

	assert_int_equal(process_open(getpid(), &process), 0);
	return process;
}

/* A child that waits to be killed. */
static pid_t start_child(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		for (;;)
			(void)pause();
	return pid;
}

static void end_child(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_open_tells_who_the_process_is(void **state)
{
	struct process *process = open_self();
	char exe[PATH_MAX] = "";

	(void)state;
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	assert_int_equal(process_pid(process), getpid());
	assert_int_equal(process_uid(process), getuid());
	assert_true(process_namespace_pid(process) > 0);
	assert_string_equal(process_exe(process), exe);
	assert_true(process_alive(process));
	process_close(process);
}

static void test_open_fails_without_process(void **state)
{
	struct process *process = NULL;
	pid_t pid = start_child();

	(void)state;
	end_child(pid);
	assert_int_equal(process_open(pid, &process), -ESRCH);
	assert_int_equal(process_open(0, &process), -ESRCH);
	assert_int_equal(process_open(-1, &process), -ESRCH);
	assert_null(process);
}

static void test_alive_ends_with_the_process(void **state)
{
	struct process *process;
	pid_t pid = start_child();

	(void)state;
	assert_int_equal(process_open(pid, &process), 0);
	assert_true(process_alive(process));
	end_child(pid);
	assert_false(process_alive(process));
	assert_int_equal(process_refresh_maps(process), -ESRCH);
	assert_true(process_mapping_count(process) > 0);
	process_close(process);
}

static void test_memory_reads_exactly_or_not_at_all(void **state)
{
	struct process *process = open_self();
	const struct memory *memory = process_memory(process);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t value = 0x1122334455667788ULL;
	uint64_t copy = 0;
	uint8_t *pages;

	(void)state;
	assert_int_equal(memory_read_u64(memory, (uintptr_t)&value, &copy), 0);
	assert_int_equal(copy, value);
	pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(pages != MAP_FAILED);
	assert_int_equal(munmap(pages + page, page), 0);
	assert_int_equal(memory_read(memory, (uintptr_t)(pages + page - 4), &copy, 8), -EFAULT);
	assert_int_equal(memory_read(memory, (uintptr_t)(pages + page - 4), &copy, 4), 0);
	assert_int_equal(memory_read(memory, 8, &copy, 8), -EFAULT);
	assert_int_equal(munmap(pages, page), 0);
	process_close(process);
}

static void test_maps_cover_code_and_follow_changes(void **state)
{
	struct process *process = open_self();
	const struct mapping *mapping;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *fresh;

	(void)state;
	mapping = process_mapping_at(process, (uintptr_t)test_maps_cover_code_and_follow_changes);
	assert_non_null(mapping);
	assert_true(mapping->executable && mapping->readable && !mapping->writable);
	assert_string_equal(mapping->path, process_exe(process));
	fresh = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(fresh != MAP_FAILED);
	assert_int_equal(process_refresh_maps(process), 0);
	assert_non_null(process_mapping_at(process, (uintptr_t)fresh));
	assert_int_equal(munmap(fresh, page), 0);
	assert_int_equal(process_refresh_maps(process), 0);
	assert_null(process_mapping_at(process, 8));
	assert_null(process_mapping(process, process_mapping_count(process)));
	process_close(process);
}

/* Splits its mappings and merges them again for ever. */
static void shuffle_mappings(void)
{
	enum {
		PAGES = 256
	};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, PAGES * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; at != MAP_FAILED; i = (i + 1) % PAGES) {
		(void)mprotect(at + i * page, page, PROT_READ | PROT_WRITE);
		if (i == PAGES - 1)
			(void)mprotect(at, PAGES * page, PROT_READ);
	}
}

/* The kernel gives them out a page of text at a time; what merged in between begins before the end
 * of the line before. */
static void test_maps_of_a_busy_process(void **state)
{
	enum {
		READS = 1000
	};
	struct process *process;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		shuffle_mappings();
		_exit(1);
	}
	assert_int_equal(process_open(pid, &process), 0);
	for (int i = 0; i < READS; i++)
		assert_int_equal(process_refresh_maps(process), 0);
	process_close(process);
	end_child(pid);
}

static void test_open_path_leads_to_the_mapped_file(void **state)
{
	struct process *process = open_self();
	const struct mapping *mapping;
	struct stat wanted;
	struct stat got;
	char path[PATH_MAX];

	(void)state;
	mapping = process_mapping_at(process, (uintptr_t)test_open_path_leads_to_the_mapped_file);
	assert_non_null(mapping);
	assert_int_equal(process_open_path(process, mapping, path, sizeof(path)), 0);
	assert_int_equal(stat("/proc/self/exe", &wanted), 0);
	assert_int_equal(stat(path, &got), 0);
	assert_int_equal(got.st_ino, wanted.st_ino);
	assert_int_equal(process_open_path(process, mapping, path, 10), -ENAMETOOLONG);
	process_close(process);
}

static void test_open_path_leads_to_deleted_files(void **state)
{
	char name[] = "/tmp/nt-mapped-XXXXXX";
	const struct mapping *mapping;
	struct process *process;
	char path[PATH_MAX];
	struct stat mapped;
	struct stat got;
	void *map;
	int fd;

	(void)state;
	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4096), 0);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(map != MAP_FAILED);
	assert_int_equal(fstat(fd, &mapped), 0);
	assert_int_equal(unlink(name), 0);
	process = open_self();
	mapping = process_mapping_at(process, (uintptr_t)map);
	assert_non_null(mapping);
	assert_int_equal(process_open_path(process, mapping, path, sizeof(path)), 0);
	if (geteuid() == 0) { /* following map_files takes privilege */
		assert_int_equal(stat(path, &got), 0);
		assert_int_equal(got.st_ino, mapped.st_ino);
	}
	assert_int_equal(munmap(map, 4096), 0);
	assert_int_equal(close(fd), 0);
	process_close(process);
}

static void test_open_path_refuses_what_is_no_file(void **state)
{
	struct process *process = open_self();
	const struct mapping *stack = process_mapping_at(process, (uintptr_t)&process);
	char path[PATH_MAX];

	(void)state;
	assert_non_null(stack);
	assert_int_equal(process_open_path(process, stack, path, sizeof(path)), -ENOENT);
	process_close(process);
}

#define SCRIPT(arguments) command_line_script(arguments, sizeof(arguments) - 1)

static void test_script_is_first_argument_that_is_no_option(void **state)
{
	(void)state;
	assert_string_equal(SCRIPT("node\0server.js\0--port\0"
				   "80"),
			    "server.js");
	assert_string_equal(SCRIPT("node\0--inspect\0server.js\0"), "server.js");
	assert_string_equal(SCRIPT("node\0-r\0./hook.js\0--import=./a.mjs\0server.js"),
			    "server.js");
	assert_string_equal(SCRIPT("node\0--import\0./a.mjs\0--loader\0b\0server.js"), "server.js");
	assert_string_equal(SCRIPT("node\0--\0-odd.js\0x"), "-odd.js");
}

static void test_script_is_empty_without_one(void **state)
{
	(void)state;
	assert_string_equal(SCRIPT(""), "");
	assert_string_equal(SCRIPT("node"), "");
	assert_string_equal(SCRIPT("node\0"), "");
	assert_string_equal(SCRIPT("node\0-e\0code()\0x"), "");
	assert_string_equal(SCRIPT("node\0-r"), "");
	assert_string_equal(SCRIPT("node\0--"), "");
	assert_string_equal(SCRIPT("node\0-\0x"), "");
}

static int read_maps(const char *text, struct maps *maps)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	int err;

	assert_non_null(file);
	err = maps_read(file, maps);
	assert_int_equal(fclose(file), 0);
	return err;
}

static void test_maps_lines_are_taken_apart(void **state)
{
	struct maps maps;

	(void)state;
	assert_int_equal(read_maps("00400000-00500000 r-xp 00001000 fe:10 77    /opt/a b/node\n"
				   "00600000-00700000 rw-p 00000000 00:00 0 \n"
				   "7fff0000-7fff1000 ---p 00000000 00:00 0    [vdso]",
				   &maps),
			 0);
	assert_int_equal(maps.count, 3);
	assert_string_equal(maps.items[0].path, "/opt/a b/node");
	assert_int_equal(maps.items[0].offset, 0x1000);
	assert_int_equal(maps.items[0].dev_major, 0xfe);
	assert_int_equal(maps.items[0].dev_minor, 0x10);
	assert_int_equal(maps.items[0].inode, 77);
	assert_null(maps.items[1].path);
	assert_true(maps.items[1].writable);
	assert_string_equal(maps.items[2].path, "[vdso]");
	assert_false(maps.items[2].readable);
	maps_done(&maps);
}

static void test_maps_find_respects_gaps(void **state)
{
	struct maps maps;

	(void)state;
	assert_int_equal(read_maps("1000-2000 r--p 0 00:00 0\n3000-4000 r--p 0 00:00 0\n", &maps),
			 0);
	assert_null(maps_find(&maps, 0xfff));
	assert_ptr_equal(maps_find(&maps, 0x1000), &maps.items[0]);
	assert_ptr_equal(maps_find(&maps, 0x1fff), &maps.items[0]);
	assert_null(maps_find(&maps, 0x2000));
	assert_ptr_equal(maps_find(&maps, 0x3fff), &maps.items[1]);
	assert_null(maps_find(&maps, 0x4000));
	maps_done(&maps);
}

static void test_maps_refuse_nonsense(void **state)
{
	static const char *const bad[] = {
		"\n",
		"1000\n",
		"1000-2000\n",
		"1000-2000 r-x",
		"1000-2000 r-xp 0 00:00",
		"2000-1000 r-xp 0 00:00 0\n",
		"1000-1000 r-xp 0 00:00 0\n",
		"x000-2000 r-xp 0 00:00 0\n",
		"1000-2000 r-xp 0 00:00 99999999999999999999999\n",
		"3000-4000 r-xp 0 00:00 0\n1000-2000 r-xp 0 00:00 0\n",
		"1000-2000 r-xp 0 00:00 0x\n",
	};
	struct maps maps = {.count = 7};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(read_maps(bad[i], &maps), -EBADMSG);
	assert_int_equal(maps.count, 7);
}

static void test_maps_that_merged_between_two_reads(void **state)
{
	struct maps maps;

	(void)state;
	assert_int_equal(read_maps("1000-3000 r-xp 0 00:00 0 /a\n"
				   "3000-4000 r--p 0 00:00 0\n"
				   "4000-5000 rw-p 0 00:00 0\n"
				   "2000-6000 rw-p 0 00:00 0\n",
				   &maps),
			 0);
	assert_int_equal(maps.count, 2);
	assert_int_equal(maps.items[0].end, 0x2000);
	assert_true(maps_find(&maps, 0x2000)->writable);
	assert_int_equal(maps_find(&maps, 0x5fff)->start, 0x2000);
	maps_done(&maps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_tells_who_the_process_is),
		cmocka_unit_test(test_open_fails_without_process),
		cmocka_unit_test(test_alive_ends_with_the_process),
		cmocka_unit_test(test_memory_reads_exactly_or_not_at_all),
		cmocka_unit_test(test_maps_cover_code_and_follow_changes),
		cmocka_unit_test(test_maps_of_a_busy_process),
		cmocka_unit_test(test_open_path_leads_to_the_mapped_file),
		cmocka_unit_test(test_open_path_leads_to_deleted_files),
		cmocka_unit_test(test_open_path_refuses_what_is_no_file),
		cmocka_unit_test(test_script_is_first_argument_that_is_no_option),
		cmocka_unit_test(test_script_is_empty_without_one),
		cmocka_unit_test(test_maps_lines_are_taken_apart),
		cmocka_unit_test(test_maps_find_respects_gaps),
		cmocka_unit_test(test_maps_refuse_nonsense),
		cmocka_unit_test(test_maps_that_merged_between_two_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
