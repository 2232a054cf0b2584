/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/event.h"
#include "symbolizer/base.h"
#include "user/reorder.h"

struct seen {
	struct nt_event events[64];
	char last_text[16];
	size_t n;
};

static void see(void *user, const void *record, size_t size)
{
	struct seen *seen = user;

	assert_true(size >= sizeof(struct nt_event));
	memcpy(&seen->events[seen->n++], record, sizeof(struct nt_event));
	if (size > sizeof(struct nt_event))
		memcpy(seen->last_text, (const char *)record + sizeof(struct nt_event),
		       size - sizeof(struct nt_event));
}

static int add(struct reorder *reorder, uint64_t ts, uint32_t tid, uint32_t seq)
{
	const struct nt_event event = {.ts = ts, .tid = tid, .seq = seq};

	return reorder_add(reorder, &event, sizeof(event));
}

static void test_records_leave_in_the_order_of_time(void **state)
{
	struct seen seen = {.n = 0};
	struct reorder *reorder;
	size_t i;

	(void)state;
	assert_int_equal(reorder_new(1 << 20, &reorder), 0);
	assert_int_equal(add(reorder, 30, 1, 3), 0);
	assert_int_equal(add(reorder, 10, 1, 1), 0);
	assert_int_equal(add(reorder, 40, 1, 4), 0);
	assert_int_equal(add(reorder, 20, 1, 2), 0);
	reorder_release(reorder, UINT64_MAX, see, &seen);
	assert_int_equal(seen.n, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(seen.events[i].seq, i + 1);
	assert_int_equal(reorder_count(reorder), 0);
	reorder_free(reorder);
}

static void test_what_is_younger_stays(void **state)
{
	struct seen seen = {.n = 0};
	struct reorder *reorder;

	(void)state;
	assert_int_equal(reorder_new(1 << 20, &reorder), 0);
	assert_int_equal(add(reorder, 30, 1, 2), 0);
	assert_int_equal(add(reorder, 20, 1, 1), 0);
	reorder_release(reorder, 25, see, &seen);
	assert_int_equal(seen.n, 1);
	assert_int_equal(reorder_count(reorder), 1);
	/* A record that was still on its way then comes before the one that stayed. */
	assert_int_equal(add(reorder, 26, 2, 1), 0);
	reorder_release(reorder, 30, see, &seen);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.events[1].ts, 26);
	assert_int_equal(seen.events[2].ts, 30);
	reorder_free(reorder);
}

static void test_at_equal_times_the_sequence_number_decides(void **state)
{
	struct seen seen = {.n = 0};
	struct reorder *reorder;

	(void)state;
	assert_int_equal(reorder_new(1 << 20, &reorder), 0);
	assert_int_equal(add(reorder, 10, 1, 0), 0); /* wrapped around */
	assert_int_equal(add(reorder, 10, 1, UINT32_MAX), 0);
	assert_int_equal(add(reorder, 10, 1, 1), 0);
	reorder_release(reorder, 10, see, &seen);
	assert_int_equal(seen.events[0].seq, UINT32_MAX);
	assert_int_equal(seen.events[1].seq, 0);
	assert_int_equal(seen.events[2].seq, 1);
	reorder_free(reorder);
}

static void test_text_travels_with_its_record(void **state)
{
	struct {
		struct nt_event event;
		char text[8];
	} record = {.event = {.ts = 1, .text_len = 8}, .text = "7 bytes"};
	struct seen seen = {.n = 0};
	struct reorder *reorder;

	(void)state;
	assert_int_equal(reorder_new(1 << 20, &reorder), 0);
	assert_int_equal(reorder_add(reorder, &record, sizeof(record)), 0);
	memset(&record, 0, sizeof(record));
	reorder_release(reorder, UINT64_MAX, see, &seen);
	assert_string_equal(seen.last_text, "7 bytes");
	reorder_free(reorder);
}

static void test_a_full_window_says_so_and_keeps_what_it_has(void **state)
{
	struct seen seen = {.n = 0};
	struct reorder *reorder;
	int n = 0;

	(void)state;
	assert_int_equal(reorder_new(4096, &reorder), 0);
	while (add(reorder, 1, 1, (uint32_t)n) == 0)
		n++;
	assert_in_range(n, 1, 4096 / sizeof(struct nt_event));
	assert_int_equal(add(reorder, 1, 1, 0), -ENOSPC);
	reorder_release(reorder, UINT64_MAX, see, &seen);
	assert_int_equal(seen.n, n);
	assert_int_equal(add(reorder, 1, 1, 0), 0);
	reorder_free(reorder);
}

static void test_what_is_too_short_is_refused(void **state)
{
	const char record[8] = {0};
	struct reorder *reorder;

	(void)state;
	assert_int_equal(reorder_new(4096, &reorder), 0);
	assert_int_equal(reorder_add(reorder, record, sizeof(record)), -EBADMSG);
	assert_int_equal(reorder_count(reorder), 0);
	reorder_free(reorder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_leave_in_the_order_of_time),
		cmocka_unit_test(test_what_is_younger_stays),
		cmocka_unit_test(test_at_equal_times_the_sequence_number_decides),
		cmocka_unit_test(test_text_travels_with_its_record),
		cmocka_unit_test(test_a_full_window_says_so_and_keeps_what_it_has),
		cmocka_unit_test(test_what_is_too_short_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
