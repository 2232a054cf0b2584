/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/request_move.h"

#include "tui/app_state.h"
#include "tui/icicle_draw.h"
#include "tui/search.h"

#define LABEL_LEN 512

const struct request *request_shown_now(const struct app *app)
{
	const struct request *request = app_request(app, app->request.arrival);

	return request && app->request.compressed ? app->request.compressed : request;
}

const struct icicle_item *request_selected(const struct request_state *state)
{
	const struct icicle_item *item = icicle_item(state->icicle, state->focus.selected);

	return item ? item : icicle_item(state->icicle, state->focus.root);
}

static void scroll_details(struct request_state *state, int top)
{
	int last = state->details_lines - state->details_page;

	if (top > last)
		top = last;
	state->details_top = top > 0 ? top : 0;
}

void request_select(struct request_state *state, const struct icicle_item *item)
{
	state->focus.selected = item->op;
	state->details_top = 0;
	state->window = icicle_reveal(state->icicle, state->window, item);
}

static void go_to_row(struct request_state *state, int64_t row)
{
	const struct icicle_item *item = request_selected(state);
	int64_t last = (int64_t)icicle_rows(state->icicle) - 1;

	if (row > last)
		row = last;
	if (row < 0)
		row = 0;
	if (row != (int64_t)item->row)
		request_select(state, icicle_nearest(state->icicle, (uint32_t)row, item));
}

/* To the neighbour in the same row. */
static void go_aside(struct request_state *state, int step)
{
	const struct icicle_item *item = request_selected(state);
	size_t count;
	const struct icicle_item *items = icicle_row(state->icicle, item->row, &count);
	int64_t place = (item - items) + step;

	if (place >= 0 && place < (int64_t)count)
		request_select(state, &items[place]);
}

void request_zoom(struct request_state *state, unsigned int numerator, unsigned int denominator)
{
	const struct icicle_item *item = request_selected(state);
	const struct icicle_window *window = &state->window;
	uint64_t start = item->start_ns > window->start_ns ? item->start_ns : window->start_ns;
	uint64_t end = item->end_ns < window->end_ns ? item->end_ns : window->end_ns;

	if (end < start)
		end = start;
	state->window = icicle_zoom(state->icicle, state->window, start + (end - start) / 2,
				    numerator, denominator);
}

/* To the row above or below on the screen. */
static void go_up(struct app *app, int rows)
{
	struct request_state *state = &app->request;

	go_to_row(state, (int64_t)request_selected(state)->row + (app->flame ? rows : -rows));
}

bool request_move(struct app *app, enum action action)
{
	struct request_state *state = &app->request;

	if (action == ACTION_UP)
		go_up(app, 1);
	else if (action == ACTION_DOWN)
		go_up(app, -1);
	else if (action == ACTION_PAGE_UP)
		scroll_details(state, state->details_top - state->details_page);
	else if (action == ACTION_PAGE_DOWN)
		scroll_details(state, state->details_top + state->details_page);
	else if (action == ACTION_FIRST)
		go_to_row(state, 0);
	else if (action == ACTION_LAST)
		go_to_row(state, INT64_MAX);
	else if (action == ACTION_LEFT)
		go_aside(state, -1);
	else if (action == ACTION_RIGHT)
		go_aside(state, 1);
	else
		return false;
	return true;
}

static bool stack_matches(const struct search *search, const struct stack *stack)
{
	uint32_t i;

	for (i = 0; stack && i < stack->n_frames; i++) {
		const struct frame *frame = &stack->frames[i];

		if (search_match(search, frame->function) ||
		    (frame->file && search_match(search, frame->file)))
			return true;
	}
	return false;
}

/* By what it is called, and by where it was created. */
static bool item_matches(const struct app *app, const struct request *request,
			 const struct icicle_item *item)
{
	char label[LABEL_LEN];

	icicle_label(request, item->op, label, sizeof(label));
	if (search_match(app->search, label))
		return true;
	return item->op != ICICLE_REQUEST &&
	       stack_matches(app->search, request->ops[item->op].stack);
}

/* Row by row, each by time, and round. */
bool request_search(struct app *app, int step)
{
	struct request_state *state = &app->request;
	const struct request *request = request_shown_now(app);
	size_t count, at, i;
	const struct icicle_item *items;

	if (!request)
		return false;
	items = icicle_items(state->icicle, &count);
	at = (size_t)(request_selected(state) - items);
	for (i = 1; i <= count; i++) {
		size_t place = (at + (step > 0 ? i : count - i % count)) % count;

		if (item_matches(app, request, &items[place])) {
			request_select(state, &items[place]);
			return true;
		}
	}
	return false;
}
