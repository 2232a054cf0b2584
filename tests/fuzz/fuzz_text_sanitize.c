/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Any bytes into a buffer of any size: valid UTF-8 without controls comes out, and nothing beyond. */
#include "tests/fuzz/fuzz.h"

#include "aggregator/text.h"
#include "symbolizer/demangle.h"
#include "symbolizer/printable.h"

static void check_text(const char *text, size_t len)
{
	size_t at = 0, n;
	uint32_t code;

	while (at < len) {
		n = text_char(text + at, len - at, &code);
		must(n > 0 && n <= len - at);
		must(code >= 0x20 && code != 0x7f && !(code >= 0x80 && code < 0xa0));
		at += n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	size_t room = take_u8(&input), len;
	char *out = malloc(room + 1), *copy = strndup((const char *)input.at, input.left);
	int cut = 0;

	must(out && copy);
	len = text_sanitize(out, room, (const char *)input.at, input.left, &cut);
	must(room ? len < room && out[len] == '\0' : len == 0);
	must(cut || len >= input.left || room == 0);
	check_text(out, len);
	must(text_boundary(out, len) == len);
	for (size_t i = 0; i <= input.left; i++)
		must(text_boundary((const char *)input.at, i) <= i);
	len = printable_copy(out, room + 1, (const char *)input.at, input.left);
	must(len <= room && out[len] == '\0');
	check_text(out, len);
	len = demangle_short(copy, out, room + 1);
	must(len <= room && out[len] == '\0');
	len = demangle_shorten(copy, out, room + 1);
	must(len <= room && out[len] == '\0');
	free(copy);
	free(out);
	return 0;
}
