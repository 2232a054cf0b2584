/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "symbolizer/code.h"
#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"
#include "symbolizer/node_binaries.h"
#include "symbolizer/site_code.h"
#include "symbolizer/site_row.h"

static const bool shape_is_return[] = {
#define SHAPE_ROW(name, program, is_return) [NT_SHAPE_##name] = (is_return),
	NT_SHAPES(SHAPE_ROW)
#undef SHAPE_ROW
};

static struct code code_of(const uint8_t *bytes, size_t len)
{
	struct code code = {.address = 0x400000, .len = len};

	memcpy(code.bytes, bytes, len);
	return code;
}

/* cmpb $0,0x24(%rdi); je +7; ret; nopw; push %rbp; … */
static void test_close_is_probed_behind_its_test(void **state)
{
	static const uint8_t bytes[] = {0x80, 0x7f, 0x24, 0x00, 0x74, 0x0a, 0xc3,
					0x66, 0x0f, 0x1f, 0x84, 0x00, 0,    0,
					0,    0,    0x55, 0x48, 0x89, 0xe5, 0xc3};
	struct code code = code_of(bytes, sizeof(bytes));
	struct probe_point point;
	uint32_t closed = 99;

	(void)state;
	assert_int_equal(site_code_close(&code, &point, &closed), 0);
	assert_int_equal(point.offset, 0x10);
	assert_true(point.emulated);
	assert_false(point.frame_pushed);
	assert_int_equal(closed, 0);
}

/* push %rbp; mov %rsp,%rbp; cmpb $0,0x24(%rdi); jne end; mov %rdi,%rbx; test %al,%al; je …; ret */
static const uint8_t close_with_frame[] = {0x55, 0x48, 0x89, 0xe5, 0x80, 0x7f, 0x24, 0x00, 0x75,
					   0x07, 0x48, 0x89, 0xfb, 0x84, 0xc0, 0x74, 0x00, 0xc3};

static void test_close_with_a_frame_is_probed_where_it_goes_on(void **state)
{
	struct code code = code_of(close_with_frame, sizeof(close_with_frame));
	struct probe_point point;
	uint32_t closed = 99;

	(void)state;
	assert_int_equal(site_code_close(&code, &point, &closed), 0);
	assert_int_equal(point.offset, 15);
	assert_true(point.frame_set);
	assert_int_equal(closed, 0);
}

static void test_close_entered_by_a_loop_is_probed_at_its_start(void **state)
{
	struct code code = code_of(close_with_frame, sizeof(close_with_frame));
	struct probe_point point;
	uint32_t closed = 0;

	(void)state;
	code.bytes[16] = 0xfc; /* je back to the test that stands before it */
	assert_int_equal(site_code_close(&code, &point, &closed), 0);
	assert_int_equal(point.offset, 0);
	assert_int_equal(closed, 0x24);
}

static void test_close_without_a_test_is_not_probed(void **state)
{
	static const uint8_t bytes[] = {0x55, 0x48, 0x89, 0xe5, 0x5d, 0xc3};
	struct code code = code_of(bytes, sizeof(bytes));
	struct probe_point point;
	uint32_t closed;

	(void)state;
	assert_int_equal(site_code_close(&code, &point, &closed), -ENOENT);
}

/* mov 8(%rax),%rcx; mov 0x18(%rbp),%rdx; test $1,%dl; je … */
static const uint8_t prototype_then[] = {0x48, 0x8b, 0x48, 0x08, 0x48, 0x8b, 0x55,
					 0x18, 0xf6, 0xc2, 0x01, 0x74, 0x00, 0xc3};

static void test_prototype_then_is_probed_while_rcx_holds_the_promise(void **state)
{
	struct code code = code_of(prototype_then, sizeof(prototype_then));
	struct probe_point point;

	(void)state;
	assert_int_equal(site_code_prototype_then(&code, &point), 0);
	assert_int_equal(point.offset, 11);
	/* mov instead of test: xor %ecx,%ecx; nop */
	code.bytes[8] = 0x31;
	code.bytes[9] = 0xc9;
	code.bytes[10] = 0x90;
	assert_int_equal(site_code_prototype_then(&code, &point), -ENOENT);
}

/*
 * mov -1(%r11),%rcx; movzwl 0xb(%rcx),%ecx; cmp $0x86,%cx; je block; ret; block: mov (%rax),%rdx;
 * test %dl,%dl; je …; ret
 */
static const uint8_t run_microtasks[] = {0x49, 0x8b, 0x4b, 0xff, 0x0f, 0xb7, 0x49, 0x0b,
					 0x66, 0x81, 0xf9, 0x86, 0x00, 0x74, 0x01, 0xc3,
					 0x48, 0x8b, 0x10, 0x84, 0xd2, 0x74, 0x00, 0xc3};

static void test_callable_block_is_found_with_its_task_register(void **state)
{
	struct code code = code_of(run_microtasks, sizeof(run_microtasks));
	struct probe_point point;
	uint32_t task;

	(void)state;
	assert_int_equal(site_code_callable(&code, 0x86, &point, &task), 0);
	assert_int_equal(point.offset, 21);
	assert_int_equal(task, 11);
	assert_int_equal(site_code_callable(&code, 0x87, &point, &task), -ENOENT);
}

static void test_code_cut_anywhere_is_survived(void **state)
{
	struct probe_point point;
	uint32_t value;

	(void)state;
	for (size_t len = 1; len < sizeof(run_microtasks); len++) {
		struct code code = code_of(run_microtasks, len);

		if (!site_code_callable(&code, 0x86, &point, &value))
			assert_true(point.offset < len);
		(void)site_code_prototype_then(&code, &point);
		(void)site_code_call(&code, 0x400010, &point);
		(void)site_code_close(&code, &point, &value);
	}
}

static void test_every_shape_has_a_row(void **state)
{
	bool seen[NT_SHAPE_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < n_site_rows; i++)
		seen[site_rows[i].shape] = true;
	for (size_t i = 0; i < NT_SHAPE_COUNT; i++)
		assert_true(seen[i]);
}

static void test_rows_are_named_once_and_return_like_their_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_site_rows; i++) {
		assert_non_null(site_rows[i].symbols[0]);
		assert_int_equal(site_rows[i].is_return, shape_is_return[site_rows[i].shape]);
		assert_true(!site_rows[i].is_return || site_rows[i].place == PLACE_START);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(site_rows[i].name, site_rows[j].name);
	}
}

/* Builtins are entered from JavaScript: a changed return address would end the process. */
static void test_no_builtin_has_a_return_probe(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_site_rows; i++) {
		for (size_t j = 0; j < SITE_MAX_SYMBOLS && site_rows[i].symbols[j]; j++)
			assert_true(!site_rows[i].is_return ||
				    strncmp(site_rows[i].symbols[j], "Builtins_", 9) != 0);
	}
}

static void read_layout(const struct elf_file *elf, struct node_layout *ret_layout)
{
	struct node_release release = {0};

	assert_int_equal(node_release_read_v8(elf, &release), 0);
	for (uint32_t major = 0; major < 100 && !ret_layout->node_major; major++) {
		release.node_major = major;
		if (layout_table_knows(&release))
			ret_layout->node_major = major;
	}
	assert_true(ret_layout->node_major > 0);
	layout_read_file(elf, ret_layout);
}

static void check_site(const struct elf_file *elf, const struct site *site)
{
	static struct code code;
	struct elf_symbol symbol;
	uint64_t offset;

	assert_null(strstr(site->symbol, ".cold"));
	assert_int_equal(elf_file_find(elf, site->symbol, &symbol), 0);
	assert_int_equal(code_load(elf, &symbol, &code), 0);
	assert_true(probe_point_is_instruction(code.bytes, code.len, site->symbol_offset));
	assert_int_equal(elf_file_offset_of(elf, symbol.address + site->symbol_offset, &offset), 0);
	assert_int_equal(offset, site->offset);
	if (site->is_return)
		assert_int_equal(site->symbol_offset, 0);
}

static void check_binary(const char *path)
{
	struct node_layout layout = {0};
	struct site_list list;
	struct elf_file *elf;

	print_message("%s\n", path);
	assert_int_equal(elf_file_open(path, &elf), 0);
	read_layout(elf, &layout);
	assert_int_equal(sites_resolve(elf, &layout, &list), 0);
	if (list.missing_required)
		fail_msg("%s has no site for '%s'", path, list.missing_required);
	for (size_t i = 0; i < list.n_sites; i++) {
		check_site(elf, &list.sites[i]);
		for (size_t j = 0; j < i; j++)
			assert_true(list.sites[i].offset != list.sites[j].offset ||
				    list.sites[i].shape != list.sites[j].shape);
	}
	sites_done(&list);
	elf_file_close(elf);
}

static void test_every_required_row_is_found_in_every_node(void **state)
{
	(void)state;
	for_each_node_binary(check_binary);
}

/* Not required: without it there are no requests over HTTP/2, and all else is as it was. */
static void check_http2(const char *path)
{
	struct node_layout layout = {0};
	struct site_list list;
	struct elf_file *elf;

	assert_int_equal(elf_file_open(path, &elf), 0);
	read_layout(elf, &layout);
	assert_int_equal(layout.origin[LAYOUT_FIELD_http2_headers], LAYOUT_DERIVED);
	/* of what stands before it: node::http2::Http2Stream in src/node_http2.h */
	assert_int_equal(layout.config.http2_headers & 7, 0);
	assert_true(layout.config.http2_headers > layout.config.wrap_size + 0x90);
	assert_int_equal(sites_resolve(elf, &layout, &list), 0);
	for (size_t i = 0; i < list.n_missing; i++)
		if (!strncmp(list.missing[i], "http2_", strlen("http2_")))
			fail_msg("%s has no site for '%s'", path, list.missing[i]);
	sites_done(&list);
	elf_file_close(elf);
}

static void test_http2_is_found_in_every_node(void **state)
{
	(void)state;
	for_each_node_binary(check_http2);
}

/* Two rows where the release has io_uring work on files, and then both are found. Else nothing is missed. */
static void check_uring(const char *path)
{
	struct node_layout layout = {0};
	struct site_list list;
	struct elf_file *elf;
	size_t n = 0;

	assert_int_equal(elf_file_open(path, &elf), 0);
	read_layout(elf, &layout);
	assert_int_equal(sites_resolve(elf, &layout, &list), 0);
	for (size_t i = 0; i < list.n_sites; i++)
		n += list.sites[i].shape == NT_SHAPE_URING_SUBMIT ||
		     list.sites[i].shape == NT_SHAPE_URING_DONE;
	for (size_t i = 0; i < list.n_missing; i++)
		assert_true(strncmp(list.missing[i], "uring_", strlen("uring_")) != 0);
	assert_int_equal(n, layout.node_major == 20 ? 2 : 0);
	sites_done(&list);
	elf_file_close(elf);
}

static void test_io_uring_is_found_where_node_uses_it(void **state)
{
	(void)state;
	for_each_node_binary(check_uring);
}

static const char *missing_without(const char *path, enum layout_field field)
{
	struct node_layout layout = {0};
	struct site_list list;
	struct elf_file *elf;
	const char *missing;

	assert_int_equal(elf_file_open(path, &elf), 0);
	read_layout(elf, &layout);
	layout.origin[field] = LAYOUT_ABSENT;
	assert_int_equal(sites_resolve(elf, &layout, &list), 0);
	missing = list.missing_required;
	for (size_t i = 0; i < list.n_sites; i++)
		assert_int_not_equal(list.sites[i].group, SITE_PROMISES);
	sites_done(&list);
	elf_file_close(elf);
	return missing;
}

static void check_absent_offset(const char *path)
{
	assert_string_equal(missing_without(path, LAYOUT_FIELD_root_undefined), "promise_then");
}

static void test_a_group_without_its_offsets_is_off_and_says_so(void **state)
{
	(void)state;
	for_each_node_binary(check_absent_offset);
}

static void test_what_is_no_node_has_no_sites(void **state)
{
	struct node_layout layout = {0};
	struct site_list list;
	struct elf_file *elf;
	size_t n = 0;

	(void)state;
	assert_int_equal(elf_file_open("/proc/self/exe", &elf), 0);
	assert_int_equal(sites_resolve(elf, &layout, &list), 0);
	assert_int_equal(list.n_sites, 0);
	for (size_t i = 0; i < n_site_rows; i++)
		n += !site_rows[i].uring; /* not of every release */
	assert_int_equal(list.n_missing, n);
	assert_string_equal(list.missing_required, "async_init");
	sites_done(&list);
	elf_file_close(elf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_close_is_probed_behind_its_test),
		cmocka_unit_test(test_close_with_a_frame_is_probed_where_it_goes_on),
		cmocka_unit_test(test_close_entered_by_a_loop_is_probed_at_its_start),
		cmocka_unit_test(test_close_without_a_test_is_not_probed),
		cmocka_unit_test(test_prototype_then_is_probed_while_rcx_holds_the_promise),
		cmocka_unit_test(test_callable_block_is_found_with_its_task_register),
		cmocka_unit_test(test_code_cut_anywhere_is_survived),
		cmocka_unit_test(test_every_shape_has_a_row),
		cmocka_unit_test(test_rows_are_named_once_and_return_like_their_shape),
		cmocka_unit_test(test_no_builtin_has_a_return_probe),
		cmocka_unit_test(test_every_required_row_is_found_in_every_node),
		cmocka_unit_test(test_http2_is_found_in_every_node),
		cmocka_unit_test(test_io_uring_is_found_where_node_uses_it),
		cmocka_unit_test(test_a_group_without_its_offsets_is_off_and_says_so),
		cmocka_unit_test(test_what_is_no_node_has_no_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
