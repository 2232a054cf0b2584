/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/icicle_layout.h"

#include "aggregator/sample.h"
#include "symbolizer/base.h"

#define COLS 80

static struct icicle *layout(const struct request *request, uint32_t root)
{
	struct icicle *icicle;

	assert_int_equal(icicle_new(request, root, &icicle), 0);
	return icicle;
}

static struct icicle_box box_of(const struct icicle *icicle, struct icicle_window window,
				uint32_t op)
{
	const struct icicle_item *item = icicle_item(icicle, op);
	struct icicle_box boxes[SAMPLE_MAX_OPS];
	size_t count;
	const struct icicle_item *row = icicle_row(icicle, item->row, &count);

	icicle_place(&window, row, count, boxes);
	return boxes[item - row];
}

static struct icicle_window whole(const struct icicle *icicle)
{
	struct icicle_window window = icicle_extent(icicle);

	window.cols = COLS;
	return window;
}

static void test_children_stand_below_their_parents(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 800);
	struct icicle *icicle;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "a", "", 0, 400);
	sample_op(request, 0, "b", "", 100, 200);
	sample_op(request, 1, "c", "", 200, 700);
	icicle = layout(request, ICICLE_REQUEST);
	assert_int_equal(icicle_rows(icicle), 4);
	assert_int_equal(icicle_item(icicle, ICICLE_REQUEST)->row, 0);
	assert_int_equal(icicle_item(icicle, 0)->row, 1);
	assert_int_equal(icicle_item(icicle, 1)->row, 2);
	assert_int_equal(icicle_item(icicle, 2)->row, 3);
	assert_int_equal(icicle_item(icicle, 2)->parent, 1);
	assert_int_equal(icicle_item(icicle, 0)->parent, ICICLE_REQUEST);
	assert_null(icicle_item(icicle, 3));
	icicle_free(icicle);
	request_free(request);
}

static void test_overlapping_siblings_get_lanes_and_others_share_one(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 800);
	struct icicle *icicle;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "a", "", 0, 400);
	sample_op(request, OP_PARENT_REQUEST, "b", "", 100, 200);
	sample_op(request, OP_PARENT_REQUEST, "c", "", 200, 300); /* begins as b ends */
	sample_op(request, OP_PARENT_REQUEST, "d", "", 400, 800);
	sample_op(request, 1, "e", "", 100, 200);
	icicle = layout(request, ICICLE_REQUEST);
	assert_int_equal(icicle_rows(icicle), 4);
	assert_int_equal(icicle_item(icicle, 0)->row, 1);
	assert_int_equal(icicle_item(icicle, 1)->row, 2);
	assert_int_equal(icicle_item(icicle, 2)->row, 2);
	assert_int_equal(icicle_item(icicle, 3)->row, 1);
	assert_int_equal(icicle_item(icicle, 4)->row, 3);
	icicle_free(icicle);
	request_free(request);
}

static void test_width_is_time(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 800);
	struct icicle *icicle;
	struct icicle_box box;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "a", "", 100, 405);
	sample_op(request, OP_PARENT_REQUEST, "b", "", 500, 500);
	icicle = layout(request, ICICLE_REQUEST);
	box = box_of(icicle, whole(icicle), ICICLE_REQUEST);
	assert_int_equal(box.col, 0);
	assert_int_equal(box.cols, COLS);
	assert_int_equal(box.eighths, 0);
	box = box_of(icicle, whole(icicle), 0);
	assert_int_equal(box.col, 10);
	assert_int_equal(box.cols, 30);
	assert_int_equal(box.eighths, 4);
	/* What takes no time is still there. */
	box = box_of(icicle, whole(icicle), 1);
	assert_int_equal(box.col, 50);
	assert_int_equal(box.cols, 1);
	icicle_free(icicle);
	request_free(request);
}

static void test_what_has_no_column_of_its_own_is_counted(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 8000);
	struct icicle *icicle;
	struct icicle_window window;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "a", "", 110, 115);
	sample_op(request, OP_PARENT_REQUEST, "b", "", 120, 125);
	sample_op(request, OP_PARENT_REQUEST, "c", "", 130, 190);
	sample_op(request, OP_PARENT_REQUEST, "d", "", 250, 260);
	icicle = layout(request, ICICLE_REQUEST);
	assert_int_equal(box_of(icicle, whole(icicle), 0).cols, 1);
	assert_int_equal(box_of(icicle, whole(icicle), 0).hidden, 2);
	assert_int_equal(box_of(icicle, whole(icicle), 1).cols, 0);
	assert_int_equal(box_of(icicle, whole(icicle), 2).cols, 0);
	assert_int_equal(box_of(icicle, whole(icicle), 3).cols, 1);
	assert_int_equal(box_of(icicle, whole(icicle), 3).hidden, 0);
	/* What is outside is not hidden. */
	window = icicle_zoom(icicle, whole(icicle), 115000, 1, 400);
	assert_int_equal(box_of(icicle, window, 0).hidden, 0);
	icicle_free(icicle);
	request_free(request);
}

static void test_an_open_operation_ends_with_the_request(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 800);
	struct icicle *icicle;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "a", "", 400, 0);
	icicle = layout(request, ICICLE_REQUEST);
	assert_int_equal(icicle_item(icicle, 0)->end_ns, 800000);
	icicle_free(icicle);
	request_free(request);
}

static void test_what_outlives_the_request_widens_the_extent(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 100, 800);
	struct icicle *icicle;
	struct icicle_window extent;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "a", "", 50, 2000);
	icicle = layout(request, ICICLE_REQUEST);
	extent = icicle_extent(icicle);
	assert_int_equal(extent.start_ns, 50000);
	assert_int_equal(extent.end_ns, 2000000);
	/* But the request comes first. */
	assert_int_equal(icicle_home(icicle).start_ns, 100000);
	assert_int_equal(icicle_home(icicle).end_ns, 800000);
	icicle_free(icicle);
	request_free(request);
}

static void test_focus_has_the_subtree_only(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 800);
	struct icicle *icicle;
	struct icicle_window extent;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "a", "", 0, 400);
	sample_op(request, OP_PARENT_REQUEST, "b", "", 0, 300);
	sample_op(request, 1, "c", "", 100, 200);
	sample_op(request, 0, "d", "", 100, 200);
	sample_op(request, 2, "e", "", 250, 350);
	icicle = layout(request, 1);
	assert_null(icicle_item(icicle, ICICLE_REQUEST));
	assert_null(icicle_item(icicle, 0));
	assert_null(icicle_item(icicle, 3));
	assert_int_equal(icicle_rows(icicle), 3);
	assert_int_equal(icicle_item(icicle, 1)->depth, 0);
	assert_int_equal(icicle_item(icicle, 2)->depth, 1);
	assert_int_equal(icicle_item(icicle, 4)->depth, 2);
	extent = icicle_extent(icicle);
	assert_int_equal(extent.start_ns, 0);
	assert_int_equal(extent.end_ns, 350000);
	assert_int_equal(icicle_home(icicle).end_ns, 350000);
	icicle_free(icicle);
	request_free(request);
}

static void test_zoom_shows_less_time_on_as_many_columns(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 800);
	struct icicle *icicle;
	struct icicle_window window;
	struct icicle_box box;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "a", "", 100, 200);
	sample_op(request, OP_PARENT_REQUEST, "b", "", 300, 700);
	icicle = layout(request, ICICLE_REQUEST);
	window = icicle_zoom(icicle, whole(icicle), 500000, 1, 2);
	assert_int_equal(window.start_ns, 300000);
	assert_int_equal(window.end_ns, 700000);
	assert_int_equal(window.cols, COLS);
	assert_int_equal(box_of(icicle, window, 0).cols, 0);
	box = box_of(icicle, window, 1);
	assert_int_equal(box.col, 0);
	assert_int_equal(box.cols, COLS);
	assert_false(box.cut_left);
	assert_false(box.cut_right);
	box = box_of(icicle, window, ICICLE_REQUEST);
	assert_int_equal(box.cols, COLS);
	assert_true(box.cut_left);
	assert_true(box.cut_right);
	icicle_free(icicle);
	request_free(request);
}

static void test_zoom_stays_within_the_extent(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 100, 900);
	struct icicle *icicle = layout(request, ICICLE_REQUEST);
	struct icicle_window window = whole(icicle);
	int i;

	(void)state;
	window = icicle_zoom(icicle, window, 110000, 1, 2);
	assert_int_equal(window.start_ns, 100000);
	assert_int_equal(window.end_ns, 500000);
	window = icicle_zoom(icicle, window, 890000, 1, 1);
	assert_int_equal(window.start_ns, 500000);
	assert_int_equal(window.end_ns, 900000);
	for (i = 0; i < 40; i++)
		window = icicle_zoom(icicle, window, 700000, 1, 2);
	assert_int_equal(window.end_ns - window.start_ns, 1000);
	for (i = 0; i < 40; i++)
		window = icicle_zoom(icicle, window, 700000, 2, 1);
	assert_int_equal(window.start_ns, 100000);
	assert_int_equal(window.end_ns, 900000);
	icicle_free(icicle);
	request_free(request);
}

static void test_reveal_moves_the_window_as_little_as_needed(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 800);
	struct icicle *icicle;
	struct icicle_window window;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "a", "", 100, 150);
	sample_op(request, OP_PARENT_REQUEST, "b", "", 500, 650);
	icicle = layout(request, ICICLE_REQUEST);
	window = icicle_zoom(icicle, whole(icicle), 400000, 1, 4); /* 300 to 500 */
	window = icicle_reveal(icicle, window, icicle_item(icicle, 1));
	assert_int_equal(window.start_ns, 450000);
	assert_int_equal(window.end_ns, 650000);
	window = icicle_reveal(icicle, window, icicle_item(icicle, 0));
	assert_int_equal(window.start_ns, 100000);
	assert_int_equal(window.end_ns, 300000);
	/* The request is longer than the window and in sight already. */
	window = icicle_reveal(icicle, window, icicle_item(icicle, ICICLE_REQUEST));
	assert_int_equal(window.start_ns, 100000);
	icicle_free(icicle);
	request_free(request);
}

static void test_nearest_prefers_relatives_then_time(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 800);
	struct icicle *icicle;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "a", "", 0, 300);
	sample_op(request, OP_PARENT_REQUEST, "b", "", 300, 800);
	sample_op(request, 1, "c", "", 310, 320);
	sample_op(request, 0, "d", "", 500, 600);
	icicle = layout(request, ICICLE_REQUEST);
	/* d is a child of a, though c is nearer */
	assert_int_equal(icicle_nearest(icicle, 2, icicle_item(icicle, 0))->op, 3);
	assert_int_equal(icicle_nearest(icicle, 1, icicle_item(icicle, 3))->op, 0);
	/* of the children of the request the first */
	assert_int_equal(icicle_nearest(icicle, 1, icicle_item(icicle, ICICLE_REQUEST))->op, 0);
	/* two rows down there is no relative */
	assert_int_equal(icicle_nearest(icicle, 2, icicle_item(icicle, ICICLE_REQUEST))->op, 2);
	icicle_free(icicle);
	request_free(request);
}

static uint64_t random_below(uint64_t *seed, uint64_t limit)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*seed >> 33) % limit;
}

/* Some begin together, some take no time, some are open, some come before or after the request. */
static struct request *random_request(uint64_t *seed)
{
	struct request *request = sample_request(1, "GET", "/", 1000, 2000);
	uint64_t n = random_below(seed, 120);
	uint64_t i;

	for (i = 0; i < n; i++) {
		uint64_t start = 990 + random_below(seed, 1020);
		uint64_t end = random_below(seed, 8) ? start + random_below(seed, 200) : 0;
		uint32_t parent = i && random_below(seed, 3) ? (uint32_t)random_below(seed, i)
							     : OP_PARENT_REQUEST;

		sample_op(request, parent, "x", "", start, end);
	}
	return request;
}

static void check_row(const struct icicle_window *window, const struct icicle_item *row,
		      size_t count)
{
	struct icicle_box boxes[SAMPLE_MAX_OPS];
	int free_col = 0;
	uint64_t free_ns = 0;
	size_t i;

	icicle_place(window, row, count, boxes);
	for (i = 0; i < count; i++) {
		assert_true(row[i].start_ns >= free_ns);
		assert_true(row[i].depth == row[0].depth);
		free_ns = row[i].end_ns;
		if (!boxes[i].cols)
			continue;
		assert_true(boxes[i].cols > 0);
		assert_true(boxes[i].col >= free_col);
		assert_true(boxes[i].eighths >= 0 && boxes[i].eighths < 8);
		free_col = boxes[i].col + boxes[i].cols;
		assert_true(free_col <= window->cols);
		if (boxes[i].eighths)
			free_col++;
	}
}

static void check_icicle(const struct icicle *icicle, uint64_t *seed)
{
	struct icicle_window window = icicle_extent(icicle);
	uint32_t row, depth = 0;
	size_t count;

	window.cols = 1 + (int)random_below(seed, 200);
	window = icicle_zoom(icicle, window, 900000 + random_below(seed, 1300000), 1,
			     1 + (unsigned int)random_below(seed, 50));
	assert_true(window.end_ns > window.start_ns);
	for (row = 0; row < icicle_rows(icicle); row++) {
		const struct icicle_item *items = icicle_row(icicle, row, &count);

		assert_true(count > 0);
		assert_true(items[0].depth == depth || items[0].depth == depth + 1);
		depth = items[0].depth;
		check_row(&window, items, count);
	}
}

static void test_nothing_of_a_row_overlaps_whatever_the_tree(void **state)
{
	uint64_t seed = 20;
	int round;

	(void)state;
	for (round = 0; round < 1000; round++) {
		struct request *request = random_request(&seed);
		uint32_t root = request->n_ops && round % 2
					? (uint32_t)random_below(&seed, request->n_ops)
					: ICICLE_REQUEST;
		struct icicle *icicle = layout(request, root);
		uint32_t op;
		size_t shown = 0, total = 0, count;

		check_icicle(icicle, &seed);
		for (op = 0; op < request->n_ops; op++)
			shown += icicle_item(icicle, op) != NULL;
		for (op = 0; op < icicle_rows(icicle); op++) {
			(void)icicle_row(icicle, op, &count);
			total += count;
		}
		assert_int_equal(total, shown + (root == ICICLE_REQUEST ? 1 : 0));
		if (root == ICICLE_REQUEST)
			assert_int_equal(shown, request->n_ops);
		icicle_free(icicle);
		request_free(request);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_children_stand_below_their_parents),
		cmocka_unit_test(test_overlapping_siblings_get_lanes_and_others_share_one),
		cmocka_unit_test(test_width_is_time),
		cmocka_unit_test(test_what_has_no_column_of_its_own_is_counted),
		cmocka_unit_test(test_an_open_operation_ends_with_the_request),
		cmocka_unit_test(test_what_outlives_the_request_widens_the_extent),
		cmocka_unit_test(test_focus_has_the_subtree_only),
		cmocka_unit_test(test_zoom_shows_less_time_on_as_many_columns),
		cmocka_unit_test(test_zoom_stays_within_the_extent),
		cmocka_unit_test(test_reveal_moves_the_window_as_little_as_needed),
		cmocka_unit_test(test_nearest_prefers_relatives_then_time),
		cmocka_unit_test(test_nothing_of_a_row_overlaps_whatever_the_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
