/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the details tell of a request's protocol and of its WebSocket. */
#include "tui/details.h"

#include "aggregator/sample.h"
#include "tui/icicle_layout.h"
#include "tui/memory_canvas.h"

#define ROWS 20
#define COLS 100

/* The text of the details of the request itself; the caller frees it. */
static char *details_of(const struct request *request)
{
	struct area area = {.rows = ROWS, .cols = COLS};
	struct memory_canvas *memory;
	char *text = NULL;
	size_t len;
	FILE *out;

	assert_int_equal(memory_canvas_new(ROWS, COLS, true, &memory), 0);
	(void)details_draw(memory_canvas_canvas(memory), area, request, ICICLE_REQUEST, 0);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	memory_canvas_dump(memory, MEMORY_DUMP_TEXT, out);
	(void)fclose(out);
	memory_canvas_free(memory);
	return text;
}

static void assert_tells(const struct request *request, const char *wanted, bool does)
{
	char *text = details_of(request);

	if (!!strstr(text, wanted) != does)
		fail_msg("'%s' %s:\n%s", wanted, does ? "is missing" : "is there", text);
	free(text);
}

static void test_protocol_is_told_when_it_is_known(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000);

	(void)state;
	assert_tells(request, "protocol", false);
	request->protocol = PROTOCOL_HTTP_1_1;
	assert_tells(request, "protocol   http/1.1", true);
	request->tls = true;
	assert_tells(request, "protocol   https/1.1", true);
	assert_tells(request, "received", false);
	request_free(request);
}

static void test_websocket_has_its_counters(void **state)
{
	struct websocket websocket = {
		.in = {.bytes = 2048, .text = 3, .binary = 1, .pings = 2, .closes = 1},
		.out = {.bytes = 70, .text = 5, .at_least = true, .deflated = true},
	};
	struct request *request = sample_request(1, "GET", "/", 0, 1000);

	(void)state;
	request->websocket = &websocket;
	assert_tells(request,
		     "received   4 messages (3 text, 1 binary)  2.0KiB  3 pings, pongs and closes",
		     true);
	assert_tells(request, "sent       at least 5 messages (5 text, 0 binary, compressed)  70B",
		     true);
	request_free(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protocol_is_told_when_it_is_known),
		cmocka_unit_test(test_websocket_has_its_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
