/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is found in a stripped build must be what the symbol table of a build that has one says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "symbolizer/base.h"
#include "symbolizer/code_call.h"
#include "symbolizer/hidden_symbols.h"

#include "symbolizer/node_binaries.h"

/* A file that is not moved, with no process: its data as the linker left it. */
static int read_file(void *user, uint64_t address, void *buf, size_t len)
{
	return elf_file_read(user, address, buf, len) ? -EFAULT : 0;
}

static void check_builtins(const char *path)
{
	struct hidden_symbols *found = calloc(1, sizeof(*found));
	struct elf_symbol symbol;
	struct elf_file *elf;
	struct memory memory;
	size_t builtins = 0;

	assert_non_null(found);
	assert_int_equal(elf_file_open(path, &elf), 0);
	memory = (struct memory){.read = read_file, .user = elf};
	builtin_table_read(&memory, 0, elf, found);
	for (size_t i = 0; i < found->n; i++) {
		if (strncmp(found->items[i].name, "Builtins_", 9) != 0)
			continue;
		if (elf_file_find(elf, found->items[i].name, &symbol))
			fail_msg("%s: there is no %s", path, found->items[i].name);
		if (symbol.address != found->items[i].address)
			fail_msg("%s: %s is elsewhere", path, found->items[i].name);
		builtins++;
	}
	if (builtins < 1000)
		fail_msg("%s: only %zu builtins", path, builtins);
	elf_file_close(elf);
	free(found);
}

static void test_builtins_are_where_the_symbol_table_says(void **state)
{
	(void)state;
	for_each_node_binary(check_builtins);
}

/* Static functions: found by what passes their addresses on, and where the table has them. */
static void check_static(const char *path)
{
	static const char *const wanted[] = {"uv__work_submit",      "uv__fs_work",
					     "uv__fs_done",          "uv__getaddrinfo_work",
					     "uv__getaddrinfo_done", "uv__queue_work",
					     "uv__queue_done"};
	struct hidden_symbols *found = calloc(1, sizeof(*found));
	struct elf_symbol symbol;
	struct elf_file *elf;
	struct memory memory;

	assert_non_null(found);
	assert_int_equal(elf_file_open(path, &elf), 0);
	memory = (struct memory){.read = read_file, .user = elf};
	hidden_symbols_uv(&memory, 0, elf, found);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		size_t at = 0;

		while (at < found->n && strcmp(found->items[at].name, wanted[i]) != 0)
			at++;
		if (at == found->n)
			fail_msg("%s: %s is not found", path, wanted[i]);
		assert_int_equal(elf_file_find(elf, wanted[i], &symbol), 0);
		if (symbol.address != found->items[at].address ||
		    symbol.size != found->items[at].size)
			fail_msg("%s: %s is elsewhere", path, wanted[i]);
	}
	elf_file_close(elf);
	free(found);
}

static void test_static_functions_are_where_the_symbol_table_says(void **state)
{
	(void)state;
	for_each_node_binary(check_static);
}

static size_t boundaries;

static int see_part(void *user, const struct elf_symbol *symbol)
{
	if (strstr(symbol->name, ".cold"))
		return 0;
	*(struct elf_symbol *)user = *symbol;
	return 1;
}

static const struct hidden_symbol *find_part(const struct hidden_symbols *found)
{
	for (size_t i = 0; i < found->n; i++)
		if (strstr(found->items[i].name, ".part."))
			return &found->items[i];
	return NULL;
}

/* The number behind ".part." is the compiler's, so the name is not the same. */
static void check_part(const char *path, const struct elf_file *elf,
		       const struct hidden_symbols *found)
{
	const struct hidden_symbol *part = find_part(found);
	struct elf_symbol symbol = {0};

	(void)elf_file_glob(elf,
			    "_ZN2v88internal14MicrotaskQueue13RunMicrotasksEPNS0_7IsolateE.part.*",
			    see_part, &symbol);
	if (part ? symbol.address != part->address : symbol.address != 0)
		fail_msg("%s: the part of RunMicrotasks is elsewhere, or not found", path);
}

static void check_node(const char *path)
{
	static const char boundary[] = "_ZN4node10task_queueL13RunMicrotasks";
	struct hidden_symbols *found = calloc(1, sizeof(*found));
	struct elf_symbol symbol;
	struct elf_file *elf;
	struct memory memory;

	assert_non_null(found);
	assert_int_equal(elf_file_open(path, &elf), 0);
	memory = (struct memory){.read = read_file, .user = elf};
	hidden_symbols_node(&memory, 0, elf, found);
	for (size_t i = 0; i < found->n; i++) {
		const struct hidden_symbol *item = &found->items[i];

		if (strncmp(item->name, boundary, strlen(boundary)) != 0)
			continue;
		assert_int_equal(elf_file_find(elf, item->name, &symbol), 0);
		if (symbol.address != item->address)
			fail_msg("%s: the tick boundary is elsewhere", path);
		boundaries++;
	}
	check_part(path, elf, found);
	elf_file_close(elf);
	free(found);
}

/* Newer releases are built otherwise: then they are not found, which is not wrong. */
static void test_what_is_found_of_node_is_the_right_thing(void **state)
{
	(void)state;
	boundaries = 0;
	for_each_node_binary(check_node);
	assert_true(boundaries > 0);
}

static void check_unwind(const char *path)
{
	static const char *const names[] = {"uv_close", "uv__fs_work",
					    "_ZN4node11Environment14CheckImmediateEP10uv_check_s"};
	struct elf_symbol symbol;
	struct elf_file *elf;
	uint64_t size;

	assert_int_equal(elf_file_open(path, &elf), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(elf_file_find(elf, names[i], &symbol), 0);
		assert_int_equal(elf_file_function_size(elf, symbol.address, &size), 0);
		assert_int_equal(size, symbol.size);
		assert_int_equal(elf_file_function_size(elf, symbol.address + 1, &size), -ENOENT);
	}
	elf_file_close(elf);
}

static void test_the_unwind_table_tells_functions(void **state)
{
	(void)state;
	for_each_node_binary(check_unwind);
}

static void test_a_file_gets_names_once(void **state)
{
	const struct elf_symbol names[] = {{.name = "one", .address = 0x1000, .size = 16},
					   {.name = "two", .address = 0x2000, .size = 8}};
	struct elf_symbol symbol;
	struct elf_file *elf;

	(void)state;
	assert_int_equal(elf_file_open("/proc/self/exe", &elf), 0);
	assert_int_equal(elf_file_find(elf, "two", &symbol), -ENOENT);
	assert_int_equal(elf_file_name(elf, names, ARRAY_SIZE(names)), 0);
	assert_int_equal(elf_file_find(elf, "two", &symbol), 0);
	assert_int_equal(symbol.address, 0x2000);
	assert_int_equal(symbol.size, 8);
	assert_int_equal(elf_file_name(elf, names, 1), -EALREADY);
	elf_file_close(elf);
}

static void test_a_joined_library_is_found_at_its_distance(void **state)
{
	const uint64_t distance = 0x7f0000000000;
	const struct elf_file *holder;
	struct elf_symbol own, joined;
	struct elf_file *elf, *library;
	uint8_t a[8], b[8];
	uint64_t offset, own_offset;

	(void)state;
	assert_int_equal(elf_file_open("/proc/self/exe", &elf), 0);
	assert_int_equal(elf_file_open("/proc/self/exe", &library), 0);
	assert_int_equal(elf_file_find(elf, "main", &own), 0);
	assert_int_equal(elf_file_name(library,
				       &(struct elf_symbol){.name = "x", .address = own.address},
				       1),
			 0);
	assert_int_equal(elf_file_join(elf, library, distance), 0);
	assert_int_equal(elf_file_find(elf, "x", &joined), 0);
	assert_int_equal(joined.address, own.address + distance);
	assert_int_equal(elf_file_read(elf, own.address, a, sizeof(a)), 0);
	assert_int_equal(elf_file_read(elf, joined.address, b, sizeof(b)), 0);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(elf_file_offset_of(elf, joined.address, &offset), -ENOENT);
	assert_int_equal(elf_file_offset_of(elf, own.address, &own_offset), 0);
	assert_int_equal(elf_file_locate(elf, joined.address, &holder, &offset), 0);
	assert_ptr_equal(holder, library);
	assert_int_equal(offset, own_offset);
	assert_int_equal(elf_file_locate(elf, own.address, &holder, &offset), 0);
	assert_ptr_equal(holder, elf);
	assert_int_equal(elf_file_join(elf, library, 0), -EALREADY);
	elf_file_close(elf);
}

static uint64_t words[4] = {0x1111, 0x2222, 0x3333, 0x4444};

static int read_words(void *user, uint64_t address, void *buf, size_t len)
{
	(void)user;
	if (address < 0x10000 || address + len > 0x10000 + sizeof(words))
		return -EFAULT;
	memcpy(buf, (const char *)words + (address - 0x10000), len);
	return 0;
}

static int call(const uint8_t *bytes, size_t len, uint64_t argument, struct code_result *result)
{
	const struct memory memory = {.read = read_words};
	struct code code = {.address = 0x1000, .len = len};

	memcpy(code.bytes, bytes, len);
	return code_call(&memory, 0x8000, &code, argument, result);
}

static void test_a_small_function_is_worked_out(void **state)
{
	/* lea rax, [rip + 0x6ff9]; mov rax, [rax + rdi * 8]; ret */
	static const uint8_t load[] = {0x48, 0x8d, 0x05, 0xf9, 0x6f, 0x00,
				       0x00, 0x48, 0x8b, 0x04, 0xf8, 0xc3};
	/* movsxd rdi, edi; lea rax, [rdi + rdi * 2]; ret */
	static const uint8_t sum[] = {0x48, 0x63, 0xff, 0x48, 0x8d, 0x04, 0x7f, 0xc3};
	static const uint8_t call_other[] = {0xe8, 0, 0, 0, 0, 0xc3};
	static const uint8_t no_result[] = {0xc3};
	struct code_result result;

	(void)state;
	assert_int_equal(call(load, sizeof(load), 2, &result), 0);
	assert_int_equal(result.value, 0x3333);
	assert_int_equal(result.loaded, 0x10010);
	assert_int_equal(call(load, sizeof(load), 4, &result), -EFAULT);
	assert_int_equal(call(sum, sizeof(sum), 5, &result), 0);
	assert_int_equal(result.value, 15);
	assert_int_equal(call(call_other, sizeof(call_other), 0, &result), -EOPNOTSUPP);
	assert_int_equal(call(no_result, sizeof(no_result), 0, &result), -EOPNOTSUPP);
	assert_int_equal(call(sum, 3, 0, &result), -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builtins_are_where_the_symbol_table_says),
		cmocka_unit_test(test_static_functions_are_where_the_symbol_table_says),
		cmocka_unit_test(test_what_is_found_of_node_is_the_right_thing),
		cmocka_unit_test(test_the_unwind_table_tells_functions),
		cmocka_unit_test(test_a_file_gets_names_once),
		cmocka_unit_test(test_a_joined_library_is_found_at_its_distance),
		cmocka_unit_test(test_a_small_function_is_worked_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
