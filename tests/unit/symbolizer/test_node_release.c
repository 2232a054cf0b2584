/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "symbolizer/node_release.h"
#include "symbolizer/own_elf.h"

/*
 * This program pretends to be a node: it has the symbols that node_release looks for, and reads its
 * own file and memory.
 */
extern int32_t major_number __asm__("_ZN2v88internal7Version6major_E");
extern int32_t minor_number __asm__("_ZN2v88internal7Version6minor_E");
extern int32_t build_number __asm__("_ZN2v88internal7Version6build_E");
extern int32_t patch_number __asm__("_ZN2v88internal7Version6patch_E");
extern uint64_t metadata[8] __asm__("_ZN4node11per_process8metadataE");

int32_t major_number = 11;
int32_t minor_number = 3;
int32_t build_number = 244;
int32_t patch_number = 8;
uint64_t metadata[8];

/* What std::string used to be: the length stands 24 bytes before the text. */
static struct {
	uint64_t len;
	uint64_t capacity;
	uint64_t references;
	char text[32];
} shared_string;

static int read_self(void *user, uint64_t address, void *buf, size_t len)
{
	const char *const known[] = {(char *)metadata, (char *)&shared_string};
	const size_t sizes[] = {sizeof(metadata), sizeof(shared_string)};

	(void)user;
	for (size_t i = 0; i < 2; i++) {
		uint64_t start = (uintptr_t)known[i];

		if (address < start || address > start + sizes[i] ||
		    len > start + sizes[i] - address)
			continue;
		memcpy(buf, known[i] + (address - start), len);
		return 0;
	}
	return -EFAULT;
}

static const struct memory self = {.read = read_self};

static void set_short_string(const char *text)
{
	memset(metadata, 0, sizeof(metadata));
	metadata[0] = (uintptr_t)&metadata[2];
	metadata[1] = strlen(text);
	memcpy(&metadata[2], text, strlen(text) < 48 ? strlen(text) : 48);
}

static int read_node(struct elf_file *elf, struct node_release *ret_release)
{
	struct elf_symbol symbol;

	assert_int_equal(elf_file_find(elf, "_ZN4node11per_process8metadataE", &symbol), 0);
	return node_release_read_node(&self, elf, (uintptr_t)metadata - symbol.address,
				      ret_release);
}

static void test_v8_version_is_four_integers_of_the_file(void **state)
{
	struct node_release release = {0};

	assert_int_equal(node_release_read_v8(*state, &release), 0);
	assert_string_equal(release.v8, "11.3.244.8");
	assert_int_equal(release.v8_major, 11);
	assert_int_equal(release.v8_minor, 3);
}

static void test_node_version_is_read_from_a_short_string(void **state)
{
	struct node_release release = {0};

	set_short_string("20.20.2");
	assert_int_equal(read_node(*state, &release), 0);
	assert_string_equal(release.node, "v20.20.2");
	assert_int_equal(release.node_major, 20);
}

static void test_node_version_is_read_from_a_shared_string(void **state)
{
	struct node_release release = {0};

	memset(metadata, 0, sizeof(metadata));
	(void)snprintf(shared_string.text, sizeof(shared_string.text), "16.20.2-pre");
	shared_string.len = strlen(shared_string.text);
	metadata[0] = (uintptr_t)shared_string.text;
	assert_int_equal(read_node(*state, &release), 0);
	assert_string_equal(release.node, "v16.20.2-pre");
	assert_int_equal(release.node_major, 16);
}

static void test_what_is_no_version_is_refused(void **state)
{
	static const char *const texts[] = {"20.20",          "20..2",     "v20.20.2",
					    "twenty",         "20.20.2\n", "",
					    "20.20.2 (evil)", "99999.1.1", "20.20.\x1b"};
	struct node_release release = {.node = "unchanged"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		set_short_string(texts[i]);
		assert_int_equal(read_node(*state, &release), -EBADMSG);
	}
	assert_string_equal(release.node, "unchanged");
}

static void test_a_wild_length_is_refused(void **state)
{
	struct node_release release = {.node = "unchanged"};

	set_short_string("20.20.2");
	metadata[1] = UINT64_MAX;
	assert_int_equal(read_node(*state, &release), -EBADMSG);
	metadata[1] = 31;
	assert_int_equal(read_node(*state, &release), -EBADMSG);
	assert_string_equal(release.node, "unchanged");
}

static void test_an_unreadable_string_is_an_error(void **state)
{
	struct node_release release = {.node = "unchanged"};

	memset(metadata, 0, sizeof(metadata));
	assert_int_equal(read_node(*state, &release), -EFAULT);
	metadata[0] = 0x1000;
	assert_int_equal(read_node(*state, &release), -EFAULT);
	assert_string_equal(release.node, "unchanged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v8_version_is_four_integers_of_the_file),
		cmocka_unit_test(test_node_version_is_read_from_a_short_string),
		cmocka_unit_test(test_node_version_is_read_from_a_shared_string),
		cmocka_unit_test(test_what_is_no_version_is_refused),
		cmocka_unit_test(test_a_wild_length_is_refused),
		cmocka_unit_test(test_an_unreadable_string_is_an_error),
	};

	return cmocka_run_group_tests(tests, own_elf_open, own_elf_close);
}
