/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_maps.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbolizer/process.h"
#include "symbolizer/v8_fake_heap.h"
#include "symbolizer/v8_script.h"

enum {
	TID = 7,
	PATH_SIZE = 300,
};

/* Line 2, column 5 is line 8, column 3 of a.ts; what is called there is "total". */
#define MAP(source)                             \
	"{\"version\":3,\"sources\":[\"" source \
	"\"],\"names\":[\"total\"],\"mappings\":\"AAAA;IAOEA\"}"

struct fixture {
	struct fake_heap fake;
	struct stacks *stacks;
	struct v8_scripts *scripts;
	struct process *process; /* this one */
	struct source_maps *maps;
	char folder[64];
	int32_t id;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fake_start(&fixture->fake, &fake_layout);
	assert_int_equal(stacks_new(10, 1 << 20, &fixture->stacks), 0);
	assert_int_equal(v8_scripts_new(&fixture->fake.heap, fixture->stacks, &fixture->scripts),
			 0);
	assert_int_equal(process_open(getpid(), &fixture->process), 0);
	assert_int_equal(source_maps_new(fixture->process, fixture->stacks, &fixture->maps), 0);
	(void)snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/source-maps-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	*state = fixture;
	return 0;
}

static void path_of(const struct fixture *fixture, const char *name, char path[PATH_SIZE])
{
	(void)snprintf(path, PATH_SIZE, "%s/%s", fixture->folder, name);
}

static int teardown(void **state)
{
	static const char *const names[] = {"a.js.map", "b.map", "link"};
	struct fixture *fixture = *state;
	char path[PATH_SIZE];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(fixture, names[i], path);
		(void)unlink(path);
	}
	(void)rmdir(fixture->folder);
	source_maps_free(fixture->maps);
	process_close(fixture->process);
	v8_scripts_free(fixture->scripts);
	stacks_free(fixture->stacks);
	free(fixture);
	return 0;
}

static void write_file(const struct fixture *fixture, const char *name, const char *text,
		       mode_t mode)
{
	char path[PATH_SIZE];
	int fd;

	path_of(fixture, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

/* A script of the folder with this source. */
static struct v8_script *script_of(struct fixture *fixture, const char *name, const char *source)
{
	struct fake_heap *fake = &fixture->fake;
	struct v8_script *script;
	char path[PATH_SIZE];
	uint64_t object;

	path_of(fixture, name, path);
	object = fake_script(fake, ++fixture->id, fake_string(fake, path),
			     fake_string(fake, source));
	assert_int_equal(v8_scripts_get(fixture->scripts, TID, object, &script), 0);
	return script;
}

static struct frame apply(struct fixture *fixture, const struct v8_script *script)
{
	struct frame frame = {.function = "f", .file = script->file, .line = 2, .column = 5};

	source_maps_begin(fixture->maps);
	source_maps_see(fixture->maps, &fixture->fake.heap, script);
	source_maps_translate(fixture->maps, &frame, 1);
	return frame;
}

static void check_path(const struct fixture *fixture, const struct frame *frame, const char *name,
		       uint32_t line)
{
	char path[PATH_SIZE];

	path_of(fixture, name, path);
	assert_string_equal(frame->file, path);
	assert_int_equal(frame->line, line);
	assert_int_equal(frame->column, line == 8 ? 3 : 5);
}

static uint64_t refused(const struct fixture *fixture)
{
	struct source_map_counts counts;

	source_maps_counts(fixture->maps, &counts);
	return counts.refused;
}

static void test_a_map_beside_the_script_is_used(void **state)
{
	struct fixture *fixture = *state;
	struct source_map_counts counts;
	struct frame frame;

	write_file(fixture, "a.js.map", MAP("src/a.ts"), 0600);
	frame = apply(fixture, script_of(fixture, "a.js", "1;\n2;"));
	check_path(fixture, &frame, "src/a.ts", 8);
	assert_string_equal(frame.function, "f");
	source_maps_counts(fixture->maps, &counts);
	assert_int_equal(counts.loaded, 1);
	assert_int_equal(counts.frames, 1);
	assert_true(counts.bytes > 0);
	/* The same file of another thread or module instance is the same map. */
	frame = apply(fixture, script_of(fixture, "a.js", "1;\n2;"));
	check_path(fixture, &frame, "src/a.ts", 8);
	source_maps_counts(fixture->maps, &counts);
	assert_int_equal(counts.loaded, 1);
}

static void test_a_map_of_another_file_is_not_used_for_its_name(void **state)
{
	struct fixture *fixture = *state;
	struct frame frame;

	write_file(fixture, "a.js.map",
		   "{\"version\":3,\"file\":\"b.js\",\"sources\":[\"b.ts\"],\"mappings\":\"AAAA;"
		   "AACA\"}",
		   0600);
	frame = apply(fixture, script_of(fixture, "a.js", "1;\n2;"));
	check_path(fixture, &frame, "a.js", 2);
}

static void test_the_comment_names_the_map(void **state)
{
	struct fixture *fixture = *state;
	struct frame frame;

	write_file(fixture, "b.map", MAP("a.ts"), 0600);
	frame = apply(fixture, script_of(fixture, "a.js", "1;\n2;\n//# sourceMappingURL=b.map"));
	check_path(fixture, &frame, "a.ts", 8);
	frame = apply(fixture, script_of(fixture, "a.js", "\n//# sourceMappingURL=./x/../b.map"));
	check_path(fixture, &frame, "a.ts", 8);
}

static void test_a_map_may_be_in_the_script(void **state)
{
	static const char url[] =
		"1;\n2;\n//# sourceMappingURL=data:application/json,%7B%22version%22:3,"
		"%22sources%22:[%22a.ts%22],%22mappings%22:%22AAAA;IAOE%22%7D";
	struct fixture *fixture = *state;
	struct frame frame = apply(fixture, script_of(fixture, "a.js", url));

	check_path(fixture, &frame, "a.ts", 8);
}

static void test_only_relative_files_are_read(void **state)
{
	struct fixture *fixture = *state;
	char path[PATH_SIZE];
	char source[512];
	struct frame frame;

	write_file(fixture, "b.map", MAP("a.ts"), 0600);
	path_of(fixture, "b.map", path);
	(void)snprintf(source, sizeof(source), "//# sourceMappingURL=file://%s", path);
	frame = apply(fixture, script_of(fixture, "a.js", source));
	check_path(fixture, &frame, "a.js", 2);
	(void)snprintf(source, sizeof(source), "//# sourceMappingURL=%s", path);
	frame = apply(fixture, script_of(fixture, "a.js", source));
	check_path(fixture, &frame, "a.js", 2);
	frame = apply(fixture,
		      script_of(fixture, "a.js", "//# sourceMappingURL=http://localhost/b.map"));
	check_path(fixture, &frame, "a.js", 2);
}

static void test_what_the_target_could_not_read_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	char path[PATH_SIZE];

	write_file(fixture, "a.js.map", MAP("a.ts"), 0200);
	(void)apply(fixture, script_of(fixture, "a.js", "1"));
	assert_int_equal(refused(fixture), 1);
	path_of(fixture, "link", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)apply(fixture, script_of(fixture, "a.js", "//# sourceMappingURL=link"));
	assert_int_equal(refused(fixture), 2);
	(void)apply(fixture, script_of(fixture, "a.js", "//# sourceMappingURL=."));
	assert_int_equal(refused(fixture), 3);
	(void)apply(fixture, script_of(fixture, "a.js", "//# sourceMappingURL=../../../../a"));
	assert_int_equal(refused(fixture), 4);
	(void)unlink(path);
	assert_int_equal(symlink("/proc/self/environ", path), 0);
	(void)apply(fixture, script_of(fixture, "a.js", "//# sourceMappingURL=link"));
	assert_int_equal(refused(fixture), 5);
}

static void test_damaged_maps_leave_the_script(void **state)
{
	struct fixture *fixture = *state;
	struct frame frame;

	write_file(fixture, "a.js.map", "{\"version\":3,", 0600);
	frame = apply(fixture, script_of(fixture, "a.js", "1"));
	check_path(fixture, &frame, "a.js", 2);
	assert_int_equal(refused(fixture), 1);
}

static void test_large_maps_are_not_read(void **state)
{
	struct fixture *fixture = *state;
	char path[PATH_SIZE];

	write_file(fixture, "a.js.map", MAP("a.ts"), 0600);
	path_of(fixture, "a.js.map", path);
	assert_int_equal(truncate(path, (off_t)1 << 30), 0);
	(void)apply(fixture, script_of(fixture, "a.js", "1"));
	assert_int_equal(refused(fixture), 1);
}

static void test_the_caller_names_what_it_calls(void **state)
{
	struct fixture *fixture = *state;
	struct frame frames[] = {
		{.function = "a", .line = 1, .column = 1},
		{.function = "b", .line = 2, .column = 5},
		{.function = "native"},
		{.function = "c", .line = 2, .column = 5},
		{.function = "other", .file = "/other.js", .line = 2, .column = 5},
		{.function = "d", .line = 2, .column = 5},
		{.function = "e", .line = 2, .column = 1},
	};
	struct v8_script *script;

	write_file(fixture, "a.js.map", MAP("a.ts"), 0600);
	script = script_of(fixture, "a.js", "1;\n2;");
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		if (frames[i].line && !frames[i].file)
			frames[i].file = script->file;
	source_maps_begin(fixture->maps);
	source_maps_see(fixture->maps, &fixture->fake.heap, script);
	source_maps_translate(fixture->maps, frames, sizeof(frames) / sizeof(frames[0]));
	assert_string_equal(frames[0].function, "total");
	assert_string_equal(frames[1].function, "b");
	assert_string_equal(frames[2].function, "native");
	assert_string_equal(frames[3].function, "c");
	assert_string_equal(frames[4].function, "other");
	assert_int_equal(frames[5].line, 8);
	assert_ptr_equal(frames[6].file, script->file);
	assert_int_equal(frames[6].line, 2);
}

static void test_files_with_several_maps_stay_as_they_are(void **state)
{
	static const char first[] = "//# sourceMappingURL=data:application/json,%7B%22version%22:3,"
				    "%22sources%22:[%22a.ts%22],%22mappings%22:%22AAAA;IAOE%22%7D";
	static const char second[] =
		"//# sourceMappingURL=data:application/json,%7B%22version%22:3,"
		"%22sources%22:[%22a.ts%22],%22mappings%22:%22AAAA;IAQE%22%7D";
	struct fixture *fixture = *state;
	struct frame frame = apply(fixture, script_of(fixture, "a.js", first));

	check_path(fixture, &frame, "a.ts", 8);
	frame = apply(fixture, script_of(fixture, "a.js", first));
	check_path(fixture, &frame, "a.ts", 8);
	frame = apply(fixture, script_of(fixture, "a.js", second));
	assert_int_equal(frame.line, 2);
}

static void test_what_was_seen_in_vain_is_seen_again(void **state)
{
	struct fixture *fixture = *state;
	struct v8_script *script = script_of(fixture, "a.js", "1;\n2;");
	struct frame frame = apply(fixture, script);

	check_path(fixture, &frame, "a.js", 2);
	source_maps_discard(fixture->maps);
	write_file(fixture, "a.js.map", MAP("a.ts"), 0600);
	frame = apply(fixture, script);
	check_path(fixture, &frame, "a.ts", 8);
	source_maps_begin(fixture->maps);
	source_maps_discard(fixture->maps);
	frame = apply(fixture, script);
	check_path(fixture, &frame, "a.ts", 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_map_beside_the_script_is_used),
		TEST(test_a_map_of_another_file_is_not_used_for_its_name),
		TEST(test_the_comment_names_the_map),
		TEST(test_a_map_may_be_in_the_script),
		TEST(test_only_relative_files_are_read),
		TEST(test_what_the_target_could_not_read_is_not_read),
		TEST(test_damaged_maps_leave_the_script),
		TEST(test_large_maps_are_not_read),
		TEST(test_the_caller_names_what_it_calls),
		TEST(test_files_with_several_maps_stay_as_they_are),
		TEST(test_what_was_seen_in_vain_is_seen_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
