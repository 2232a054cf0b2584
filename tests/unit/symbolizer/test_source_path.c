/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

struct row {
	const char *base;
	const char *root;
	const char *name;
	const char *path; /* NULL: refused */
};

/* clang-format off */
static const struct row rows[] = {
	{ "/app/dist/a.js.map", "",            "../src/a.ts",         "/app/src/a.ts" },
	{ "/app/dist/a.js.map", "",            "a.ts",                "/app/dist/a.ts" },
	{ "/app/dist/a.js.map", "",            "./lib/./b/../a.ts",   "/app/dist/lib/a.ts" },
	{ "/app/dist/a.js.map", "../src",      "a.ts",                "/app/src/a.ts" },
	{ "/app/dist/a.js.map", "../src/",     "lib/a.ts",            "/app/src/lib/a.ts" },
	{ "/app/dist/a.js.map", "/elsewhere",  "a.ts",                "/elsewhere/a.ts" },
	{ "/app/dist/a.js.map", "/elsewhere/", "/src/a.ts",           "/src/a.ts" },
	{ "/app/dist/a.js.map", "",            "file:///src/a%20b.ts", "/src/a b.ts" },
	{ "/app/dist/a.js.map", "file:///src", "a.ts",                "/src/a.ts" },
	{ "/app/dist/a.js.map", "",            "webpack://shop/./src/a.ts", "webpack://shop/./src/a.ts" },
	{ "/app/dist/a.js.map", "webpack:///", "src/a.ts",            "webpack:///src/a.ts" },
	{ "/app/dist/a.js.map", "",            "a%2Fb%zz%.ts",        "/app/dist/a/b%zz%.ts" },
	{ "/app/100%41/a.js",   "",            "a.ts",                "/app/100%41/a.ts" },
	{ "/app/dist/a.js.map", "",            "..",                  "/app" },
	{ "/app/dist/a.js.map", "",            "...",                 "/app/dist/..." },
	{ "/app/dist/a.js.map", "",            "//a//b.ts",           "/a/b.ts" },
	{ "/a.js.map",          "",            "a.ts",                "/a.ts" },
	{ "/app/a.js.map",      "",            "../../etc/passwd",    NULL },
	{ "/app/a.js.map",      "",            "a%00.ts",             NULL },
	{ "/app/a.js.map",      "",            "",                    NULL },
	{ "app/a.js.map",       "",            "a.ts",                NULL },
	{ "",                   "",            "a.ts",                NULL },
};
/* clang-format on */

static void test_names_are_seen_from_their_map(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		char buf[4096];
		int err = source_path_join(row->base, row->root, row->name, buf, sizeof(buf));

		if (err != (row->path ? 0 : -EBADMSG) || (row->path && strcmp(buf, row->path) != 0))
			fail_msg("'%s' from '%s': %d '%s'", row->name, row->base, err, buf);
	}
}

static void test_long_names_are_refused(void **state)
{
	char name[5000];
	char buf[16];

	(void)state;
	assert_int_equal(source_path_join("/", "", "123456789012345", buf, sizeof(buf)),
			 -ENAMETOOLONG);
	assert_int_equal(source_path_join("/", "", "12345678901234", buf, sizeof(buf)), 0);
	assert_int_equal(source_path_join("/a-folder/with-a-long-name/a", "", "b", buf, 16),
			 -ENAMETOOLONG);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(source_path_join("/", "", name, buf, sizeof(buf)), -ENAMETOOLONG);
}

static void test_schemes_are_known(void **state)
{
	(void)state;
	assert_int_equal(source_path_scheme("https://a"), 6);
	assert_int_equal(source_path_scheme("data:,"), 5);
	assert_int_equal(source_path_scheme("webpack-internal:///a"), 17);
	assert_int_equal(source_path_scheme("a/b:c"), 0);
	assert_int_equal(source_path_scheme("1:2"), 0);
	assert_int_equal(source_path_scheme(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_seen_from_their_map),
		cmocka_unit_test(test_long_names_are_refused),
		cmocka_unit_test(test_schemes_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
