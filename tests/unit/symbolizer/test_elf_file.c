/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/elf_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "symbolizer/base.h"
#include "symbolizer/symbol_table.h"

#define SELF "/proc/self/exe"

const int32_t elf_test_constant = 0x1234567;
int32_t elf_test_zero; /* in .bss: not in the file */

int elf_test_function(int value);

__attribute__((noinline)) int elf_test_function(int value)
{
	return value * 3 + elf_test_constant + elf_test_zero;
}

static struct elf_file *open_self(void)
{
	struct elf_file *file;

	assert_int_equal(elf_file_open(SELF, &file), 0);
	return file;
}

static void write_file(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(close(fd), 0);
}

static uint8_t *read_self(size_t *ret_len)
{
	int fd = open(SELF, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *data;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	data = malloc((size_t)st.st_size);
	assert_non_null(data);
	assert_int_equal(read(fd, data, (size_t)st.st_size), st.st_size);
	assert_int_equal(close(fd), 0);
	*ret_len = (size_t)st.st_size;
	return data;
}

static void temporary(char *path, size_t size)
{
	int fd;

	assert_true((size_t)snprintf(path, size, "/tmp/nt-elf-XXXXXX") < size);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
}

static void test_find_returns_function_of_exact_name(void **state)
{
	struct elf_file *file = open_self();
	struct elf_symbol symbol;

	(void)state;
	assert_int_equal(elf_file_find(file, "elf_test_function", &symbol), 0);
	assert_string_equal(symbol.name, "elf_test_function");
	assert_true(symbol.size > 0);
	assert_int_equal(elf_file_find(file, "elf_test_functio", &symbol), -ENOENT);
	assert_int_equal(elf_file_find(file, "elf_test_function2", &symbol), -ENOENT);
	assert_int_equal(elf_file_find(file, "", &symbol), -ENOENT);
	elf_file_close(file);
}

static void test_read_returns_the_code_that_runs(void **state)
{
	struct elf_file *file = open_self();
	struct elf_symbol symbol;
	uint8_t code[8];

	(void)state;
	assert_int_equal(elf_file_find(file, "elf_test_function", &symbol), 0);
	assert_int_equal(elf_file_read(file, symbol.address, code, sizeof(code)), 0);
	assert_memory_equal(code, (const void *)(uintptr_t)elf_test_function, sizeof(code));
	assert_int_equal(elf_file_read(file, symbol.address, code, SIZE_MAX), -ENOENT);
	assert_int_equal(elf_file_read(file, UINT64_MAX - 3, code, sizeof(code)), -ENOENT);
	elf_file_close(file);
}

static void test_offset_and_address_are_inverse(void **state)
{
	struct elf_file *file = open_self();
	struct elf_symbol symbol;
	uint64_t address;
	uint64_t offset;

	(void)state;
	assert_int_equal(elf_file_find(file, "elf_test_function", &symbol), 0);
	assert_int_equal(elf_file_offset_of(file, symbol.address, &offset), 0);
	assert_int_equal(elf_file_address_of(file, offset, &address), 0);
	assert_int_equal(address, symbol.address);
	assert_int_equal(elf_file_offset_of(file, UINT64_MAX, &offset), -ENOENT);
	assert_int_equal(elf_file_address_of(file, UINT64_MAX, &address), -ENOENT);
	elf_file_close(file);
}

static void test_symbolize_finds_covering_function(void **state)
{
	struct elf_file *file = open_self();
	struct elf_symbol function;
	struct elf_symbol symbol;

	(void)state;
	assert_int_equal(elf_file_find(file, "elf_test_function", &function), 0);
	assert_int_equal(elf_file_symbolize(file, function.address, &symbol), 0);
	assert_string_equal(symbol.name, "elf_test_function");
	assert_int_equal(elf_file_symbolize(file, function.address + function.size - 1, &symbol),
			 0);
	assert_string_equal(symbol.name, "elf_test_function");
	assert_int_equal(elf_file_symbolize(file, 1, &symbol), -ENOENT);
	assert_int_equal(elf_file_symbolize(file, UINT64_MAX, &symbol), -ENOENT);
	elf_file_close(file);
}

static void test_constant_reads_data_of_the_file(void **state)
{
	struct elf_file *file = open_self();
	int32_t value = 5;

	(void)state;
	assert_int_equal(elf_file_constant(file, "elf_test_constant", &value), 0);
	assert_int_equal(value, 0x1234567);
	value = 5;
	assert_int_equal(elf_file_constant(file, "elf_test_zero", &value), -ENOENT);
	assert_int_equal(elf_file_constant(file, "elf_test_none", &value), -ENOENT);
	assert_int_equal(value, 5);
	elf_file_close(file);
}

static int count_symbol(void *user, const struct elf_symbol *symbol)
{
	int *count = user;

	assert_memory_equal(symbol->name, "elf_test_", strlen("elf_test_"));
	return ++*count == 2 ? 42 : 0;
}

static void test_glob_visits_matches_until_told_to_stop(void **state)
{
	struct elf_file *file = open_self();
	int count = 0;

	(void)state;
	assert_int_equal(elf_file_glob(file, "elf_test_f*", count_symbol, &count), 0);
	assert_int_equal(count, 1);
	count = 0;
	assert_int_equal(elf_file_glob(file, "elf_test_*", count_symbol, &count), 42);
	assert_int_equal(count, 2);
	count = 0;
	assert_int_equal(elf_file_glob(file, "elf_te?t_none*", count_symbol, &count), 0);
	assert_int_equal(count, 0);
	elf_file_close(file);
}

static void test_facts_about_the_file(void **state)
{
	struct elf_file *file = open_self();

	(void)state;
	assert_false(elf_file_stripped(file));
	assert_true(elf_file_symbol_count(file) > 10);
	assert_int_equal(strspn(elf_file_build_id(file), "0123456789abcdef"),
			 strlen(elf_file_build_id(file)));
	elf_file_close(file);
}

static void test_open_refuses_what_is_no_elf_file(void **state)
{
	struct elf_file *file = NULL;
	char path[64];

	(void)state;
	assert_int_equal(elf_file_open("/nonexistent", &file), -ENOENT);
	assert_int_equal(elf_file_open("/tmp", &file), -ENOEXEC);
	assert_int_equal(elf_file_open("/dev/null", &file), -ENOEXEC);
	temporary(path, sizeof(path));
	assert_int_equal(elf_file_open(path, &file), -ENOEXEC);
	write_file(path, "#!/bin/sh\necho no\n", 18);
	assert_int_equal(elf_file_open(path, &file), -ENOEXEC);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(elf_file_open(path, &file), -ENOEXEC);
	assert_int_equal(unlink(path), 0);
	assert_null(file);
}

static void test_open_refuses_other_machines(void **state)
{
	struct elf_file *file = NULL;
	Elf64_Ehdr *header;
	uint8_t *data;
	char path[64];
	size_t len;

	(void)state;
	data = read_self(&len);
	header = (Elf64_Ehdr *)data;
	header->e_machine = EM_AARCH64;
	temporary(path, sizeof(path));
	write_file(path, data, len);
	assert_int_equal(elf_file_open(path, &file), -ENOEXEC);
	assert_null(file);
	assert_int_equal(unlink(path), 0);
	free(data);
}

static void use_all(struct elf_file *file)
{
	struct elf_symbol symbol;
	uint8_t bytes[16];
	int count = 0;

	(void)elf_file_find(file, "elf_test_function", &symbol);
	(void)elf_file_glob(file, "elf_test_*", count_symbol, &count);
	if (!elf_file_symbolize(file, 0x2000, &symbol))
		(void)elf_file_read(file, symbol.address, bytes, sizeof(bytes));
}

static void test_damaged_files_are_survived(void **state)
{
	uint32_t random = 12345;
	uint8_t *damaged;
	uint8_t *data;
	char path[64];
	size_t len;
	int opened = 0;

	(void)state;
	data = read_self(&len);
	damaged = malloc(len);
	assert_non_null(damaged);
	temporary(path, sizeof(path));
	for (int i = 0; i < 300; i++) {
		struct elf_file *file = NULL;
		size_t keep = len;

		memcpy(damaged, data, len);
		for (int k = 0; k < 4; k++) {
			size_t at;

			random = random * 1664525u + 1013904223u;
			/* headers of the file and its segments, and of the sections at its end */
			at = (random >> 8) % 1024;
			damaged[k % 2 ? at : len - 1 - 2 * at] = (uint8_t)(random >> 24);
		}
		if (i % 3 == 0)
			keep = len / 300 * (size_t)i + 1;
		write_file(path, damaged, keep);
		if (elf_file_open(path, &file))
			assert_null(file);
		else
			opened++;
		if (file)
			use_all(file);
		elf_file_close(file);
	}
	assert_true(opened > 0);
	assert_int_equal(unlink(path), 0);
	free(damaged);
	free(data);
}

static Elf64_Sym function_symbol(uint32_t name, uint64_t address, uint64_t size)
{
	return (Elf64_Sym){
		.st_name = name,
		.st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC),
		.st_shndx = 1,
		.st_value = address,
		.st_size = size,
	};
}

static void test_table_ignores_names_outside_and_undefined_symbols(void **state)
{
	static const char names[] = "\0one\0two";
	struct symbol_table *table;
	Elf64_Sym symbols[4] = {
		function_symbol(1, 0x100, 16),
		function_symbol(5, 0x200, 16),
		function_symbol(sizeof(names), 0x300, 16),
		function_symbol(UINT32_MAX, 0x400, 16),
	};

	(void)state;
	symbols[1].st_shndx = SHN_UNDEF;
	assert_int_equal(symbol_table_new(symbols, 4, names, sizeof(names), &table), 0);
	assert_int_equal(symbol_table_count(table), 1);
	symbol_table_free(table);
	table = NULL;
	assert_int_equal(symbol_table_new(symbols, 4, names, sizeof(names) - 1, &table), -EBADMSG);
	assert_int_equal(symbol_table_new(symbols, 4, names, 0, &table), -EBADMSG);
	assert_null(table);
}

static void test_table_takes_first_of_equal_names(void **state)
{
	static const char names[] = "\0one\0one";
	struct symbol_table *table;
	struct elf_symbol symbol;
	const Elf64_Sym symbols[] = {
		function_symbol(5, 0x200, 16),
		function_symbol(1, 0x100, 16),
	};

	(void)state;
	assert_int_equal(symbol_table_new(symbols, 2, names, sizeof(names), &table), 0);
	assert_int_equal(symbol_table_find(table, "one", &symbol), 0);
	assert_int_equal(symbol.address, 0x200);
	symbol_table_free(table);
}

static void test_table_knows_gaps_and_nested_functions(void **state)
{
	static const char names[] = "\0outer\0inner\0next";
	struct symbol_table *table;
	struct elf_symbol symbol;
	const Elf64_Sym symbols[] = {
		function_symbol(13, 0x200, 16),
		function_symbol(7, 0x120, 8),
		function_symbol(1, 0x100, 64),
	};

	(void)state;
	assert_int_equal(symbol_table_new(symbols, 3, names, sizeof(names), &table), 0);
	assert_int_equal(symbol_table_at(table, 0x124, &symbol), 0);
	assert_string_equal(symbol.name, "inner");
	assert_int_equal(symbol_table_at(table, 0x130, &symbol), 0);
	assert_string_equal(symbol.name, "outer");
	assert_int_equal(symbol_table_at(table, 0x140, &symbol), -ENOENT);
	assert_int_equal(symbol_table_at(table, 0xff, &symbol), -ENOENT);
	assert_int_equal(symbol_table_at(table, 0x210, &symbol), -ENOENT);
	symbol_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_returns_function_of_exact_name),
		cmocka_unit_test(test_read_returns_the_code_that_runs),
		cmocka_unit_test(test_offset_and_address_are_inverse),
		cmocka_unit_test(test_symbolize_finds_covering_function),
		cmocka_unit_test(test_constant_reads_data_of_the_file),
		cmocka_unit_test(test_glob_visits_matches_until_told_to_stop),
		cmocka_unit_test(test_facts_about_the_file),
		cmocka_unit_test(test_open_refuses_what_is_no_elf_file),
		cmocka_unit_test(test_open_refuses_other_machines),
		cmocka_unit_test(test_damaged_files_are_survived),
		cmocka_unit_test(test_table_ignores_names_outside_and_undefined_symbols),
		cmocka_unit_test(test_table_takes_first_of_equal_names),
		cmocka_unit_test(test_table_knows_gaps_and_nested_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
