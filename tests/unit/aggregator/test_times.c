/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/times.h"

#include "aggregator/sample.h"
#include "symbolizer/base.h"

enum {
	VICTIMS = 60,
	WAIT_NS = 1000
};

/* Each of a route of its own waits as long for a request that is still open. */
static void add_victim(struct times *times, unsigned int i, enum label label)
{
	struct label_span wait = {0, WAIT_NS, label, LABEL_OP_REQUEST, 99, NULL, 1, 0, NULL};
	struct request *request;
	char url[8];

	(void)snprintf(url, sizeof(url), "/%c%c", 'g' + (int)(i / 8), 'q' + (int)(i % 8));
	request = sample_request(i + 1, "GET", url, 0, WAIT_NS);
	request->labels = &wait;
	request->n_labels = 1;
	assert_int_equal(times_add(times, request), 0);
	request_free(request);
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (text = strstr(text, word); text; text = strstr(text + 1, word))
		n++;
	return n;
}

static char *printed(struct times *times)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(times_print(times, out, "", 0), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_small_blame_is_one_row(void **state)
{
	struct export_options options = {0};
	struct times times;
	char *text;

	(void)state;
	assert_int_equal(times_open(&options, &times), 0);
	for (unsigned int i = 0; i < VICTIMS; i++)
		add_victim(&times, i, LABEL_LOOP);
	text = printed(&times);
	assert_int_equal(count(text, "kept waiting GET"), 40);
	assert_non_null(strstr(text, "   20 us                     in 20 more pairs\n"));
	free(text);
	times_close(&times);
}

static void test_blame_says_what_was_waited_for(void **state)
{
	struct export_options options = {0};
	struct times times;
	char *text;

	(void)state;
	assert_int_equal(times_open(&options, &times), 0);
	add_victim(&times, 0, LABEL_LOOP);
	add_victim(&times, 0, LABEL_GC);
	add_victim(&times, 0, LABEL_POOL_QUEUE);
	text = printed(&times);
	assert_int_equal(count(text, "kept waiting GET /gq\n"), 1);
	assert_int_equal(count(text, "kept waiting GET /gq for a garbage collection\n"), 1);
	assert_int_equal(count(text, "kept waiting GET /gq for the pool\n"), 1);
	assert_null(strstr(text, "more pairs"));
	free(text);
	times_close(&times);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_blame_is_one_row),
		cmocka_unit_test(test_blame_says_what_was_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
