/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/request_renew.h"

#include "symbolizer/base.h"
#include "tui/request_move.h"

/* The same operation in another copy of the request; ICICLE_REQUEST when it is not there. */
static uint32_t same_op(const struct request *request, uint64_t id)
{
	uint32_t i;

	for (i = 0; id && i < request->n_ops; i++) {
		if (request->ops[i].id == id)
			return i;
	}
	return ICICLE_REQUEST;
}

static uint64_t item_id(const struct icicle *icicle, uint32_t op)
{
	const struct icicle_item *item = icicle_item(icicle, op);

	return item ? item->id : 0;
}

struct focus request_named_focus(const struct request_state *state)
{
	struct focus focus = state->focus;

	focus.root_id = item_id(state->icicle, focus.root);
	focus.selected_id = item_id(state->icicle, focus.selected);
	return focus;
}

static struct focus found_focus(const struct request *request, struct focus focus)
{
	focus.root = same_op(request, focus.root_id);
	focus.selected = same_op(request, focus.selected_id);
	return focus;
}

static bool at_home(const struct request_state *state)
{
	struct icicle_window home = icicle_home(state->icicle);

	return home.start_ns == state->window.start_ns && home.end_ns == state->window.end_ns;
}

/* Puts back where one was, in the copy that has just been opened. */
static void restore(struct app *app, const struct request_state *before, struct focus focus,
		    bool home)
{
	struct request_state *state = &app->request;
	const struct request *request = request_shown_now(app);
	int i;

	focus = found_focus(request, focus);
	if (focus.root == ICICLE_REQUEST)
		state->focus.selected = focus.selected;
	else if (request_focus_on(state, request, focus.root, focus.selected))
		app->short_of_memory = true;
	for (i = 0; i < before->n_outer && focus.root != ICICLE_REQUEST; i++)
		state->outer[state->n_outer++] = found_focus(request, before->outer[i]);
	if (!home)
		state->window = before->window;
	state->top = before->top;
	state->details_top = before->details_top;
}

void request_renew(struct app *app, uint64_t arrival)
{
	struct request_state *state = &app->request;
	const struct request_state before = *state;
	const struct focus focus = request_named_focus(state);
	const bool home = at_home(state);
	int err = arrival == NO_ARRIVAL ? -ENOENT : request_open(app, arrival);

	if (err == -ENOMEM)
		app->short_of_memory = true;
	if (err)
		state->arrival = NO_ARRIVAL; /* gone: what was laid out is not shown any more */
	else
		restore(app, &before, focus, home);
}
