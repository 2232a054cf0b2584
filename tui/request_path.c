/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/request_path.h"

#include <inttypes.h>
#include <string.h>

#include "aggregator/blame.h"
#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/format.h"
#include "tui/icicle_draw.h"
#include "tui/request_move.h"
#include "tui/wait_kind.h"

#define TEXT_LEN     512
#define PLACE_LEN    160
#define WHO_LEN      280
#define LABEL_LEN    300
#define AMOUNT_WIDTH 18 /* time and share */

/* Arrival of the request of this number in that process, which has finished not long before or after. */
static uint64_t find_request(const struct app *app, uint32_t pid, uint64_t serial)
{
	uint64_t added = store_added(app->store);
	uint64_t kept = store_count(app->store);
	uint64_t i;

	for (i = 1; i <= kept; i++) {
		const struct request *request = request_by_arrival(app->store, added - i);

		if (request && request->serial == serial && request->pid == pid)
			return added - i;
	}
	return NO_ARRIVAL;
}

void request_path_find(const struct app *app, const struct request *request,
		       struct request_state *state)
{
	const struct request *shown = state->compressed ? state->compressed : request;
	size_t i;

	state->n_path = critical_lines(shown, state->path);
	for (i = 0; i < state->n_path; i++)
		state->culprits[i] = state->path[i].culprit ? find_request(app, request->pid,
									   state->path[i].culprit)
							    : NO_ARRIVAL;
}

/* Where in the code; "" when that is not known. */
static void print_place(const struct stack *stack, uint32_t samples, char *text, size_t len)
{
	const struct frame *frame = blame_frame(stack);
	const char *slash = frame ? strrchr(frame->file, '/') : NULL;

	text[0] = '\0';
	if (frame)
		(void)snprintf(text, len, "  %.80s %.60s:%" PRIu32 "%s", frame->function,
			       slash ? slash + 1 : frame->file, frame->line,
			       samples ? " (sampled)" : "");
}

/* What is no request's, or not told one by one. */
static const char *nobody(uint32_t busy)
{
	if (busy == LABEL_BUSY_SEVERAL)
		return "several requests";
	return busy ? "what runs for no request" : "node itself";
}

/* Who had the loop instead. */
static void print_who(const struct app *app, size_t line, char *text, size_t len)
{
	const struct critical_line *path = &app->request.path[line];
	const struct request *culprit = app_request(app, app->request.culprits[line]);

	if (culprit)
		(void)snprintf(text, len, "%s %s", culprit->method, culprit->url);
	else if (path->culprit)
		(void)snprintf(text, len, "request %" PRIu64, path->culprit);
	else
		(void)snprintf(text, len, "%s", nobody(path->busy));
}

/* Where there is no room for both, the place comes first: it is what people look for. */
static void print_culprit(const struct app *app, size_t line, int cols, char *text, size_t len)
{
	const struct critical_line *path = &app->request.path[line];
	char place[PLACE_LEN], who[WHO_LEN];
	/* It started something there: where it was before and after, nobody saw. */
	const char *how = path->samples ? "" : " (last seen)";
	int wanted;

	print_place(path->stack, path->samples, place, sizeof(place));
	print_who(app, line, who, sizeof(who));
	if (!place[0])
		how = "";
	wanted = snprintf(text, len, "event loop busy with %s%s%s", who, place, how);
	if (place[0] && wanted > cols)
		(void)snprintf(text, len, "event loop busy in%s%s  %s", place + 1, how, who);
}

/* What is said of the request itself, when none of its operations is meant. */
static const char *without_operation(const struct critical_line *path)
{
	if (path->label == LABEL_JS)
		return path->several ? ": the handler and callbacks" : ": the handler";
	if (path->label == LABEL_IO || path->label == LABEL_TIMER || path->label == LABEL_POOL)
		return " of others: it waits inside the program (for a pool's connection?)";
	return path->several ? " and callbacks" : "";
}

static void print_line(const struct app *app, const struct request *request, size_t line, int cols,
		       char *text, size_t len)
{
	const struct critical_line *path = &app->request.path[line];
	char label[LABEL_LEN];
	const struct op *op;
	char place[PLACE_LEN] = "";

	if (path->label == LABEL_LOOP) {
		print_culprit(app, line, cols, text, len);
		return;
	}
	if (path->op >= request->n_ops) {
		print_place(path->stack, path->samples, place, sizeof(place));
		(void)snprintf(text, len, "%s%s%s", wait_kind_text(wait_kind_of_label(path->label)),
			       without_operation(path), place);
		return;
	}
	op = &request->ops[path->op];
	icicle_label(request, path->op, label, sizeof(label));
	print_place(path->stack ? path->stack : op->stack, path->samples, place, sizeof(place));
	if (!path->stack && (path->label == LABEL_JS || path->label == LABEL_GC)) {
		/* where the operation was started is not where its callback was */
		(void)snprintf(text, len, "%s: %s%s%s%s",
			       wait_kind_text(wait_kind_of_label(path->label)),
			       path->label == LABEL_JS ? "callback of " : "", label,
			       place[0] ? "  started in" : "", place[0] ? place + 1 : "");
		return;
	}
	/* The place comes first: names of files may be long, and are what is cut. */
	(void)snprintf(text, len, "%s:%s%s%s%s", wait_kind_text(wait_kind_of_label(path->label)),
		       place[0] ? place + 1 : "", place[0] ? "  " : " ", label,
		       path->several ? " and others" : "");
}

static void draw_line(const struct app *app, const struct request *request, struct canvas *canvas,
		      struct area row, size_t line)
{
	const struct request_state *state = &app->request;
	const struct critical_line *path = &state->path[line];
	bool selected = state->on_path && line == state->path_selected;
	enum style style = selected ? STYLE_SELECTED : STYLE_PLAIN;
	enum wait_kind kind = wait_kind_of_label(path->label);
	char text[TEXT_LEN];
	char took[FORMAT_LEN];
	char share[FORMAT_LEN];

	if (selected)
		canvas_field(canvas, row.row, 0, row.cols, STYLE_SELECTED, ">");
	(void)canvas_print(canvas, row.row, 1, AMOUNT_WIDTH, style, "%*s %7s",
			   FORMAT_DURATION_WIDTH, format_duration(path->ns, took),
			   format_share(path->ns, request_duration_ns(request), share));
	(void)canvas_print(canvas, row.row, AMOUNT_WIDTH, 1,
			   selected ? style : wait_kind_style(kind), "%c", wait_kind_letter(kind));
	print_line(app, request, line, row.cols - AMOUNT_WIDTH - 2, text, sizeof(text));
	(void)canvas_text(canvas, row.row, AMOUNT_WIDTH + 2, row.cols - AMOUNT_WIDTH - 2, style,
			  text);
}

static void draw_head(const struct app *app, struct canvas *canvas, struct area area)
{
	const char *title =
		app->request.on_path ? " critical path, Enter: go there " : " critical path ";

	canvas_repeat(canvas, area.row, 0, area.cols, STYLE_DIM, canvas->ascii ? "-" : "\u2500");
	(void)canvas_text(canvas, area.row, 2, area.cols - 4, STYLE_HEAD, title);
}

/* The selected one stays on the screen. */
static size_t first_line(const struct request_state *state, size_t lines)
{
	return state->path_selected >= lines ? state->path_selected - lines + 1 : 0;
}

void request_path_draw(const struct app *app, struct canvas *canvas, struct area area)
{
	const struct request_state *state = &app->request;
	const struct request *request = request_shown_now(app);
	size_t lines = area.rows > 1 ? (size_t)area.rows - 1 : 0;
	size_t first, i;

	if (!request || !lines)
		return;
	draw_head(app, canvas, area);
	first = first_line(state, lines);
	for (i = 0; i < lines && first + i < state->n_path; i++)
		draw_line(app, request, canvas,
			  (struct area){area.row + 1 + (int)i, 0, 1, area.cols}, first + i);
}

/* The operation of the line is the selected one, so that the details are about it. */
static void select_line(struct app *app, size_t line)
{
	struct request_state *state = &app->request;
	const struct icicle_item *item;

	if (line >= state->n_path)
		return;
	state->path_selected = line;
	item = icicle_item(state->icicle, state->path[line].op);
	if (item)
		request_select(state, item);
}

/* To the request that ran instead, else to the operation. */
static void go_there(struct app *app)
{
	struct request_state *state = &app->request;
	uint64_t culprit;

	if (state->path_selected >= state->n_path)
		return;
	culprit = state->culprits[state->path_selected];
	if (state->path[state->path_selected].culprit && !app_request(app, culprit))
		app_notice(app, "request %" PRIu64 " is not kept",
			   state->path[state->path_selected].culprit);
	else if (culprit == NO_ARRIVAL) {
		select_line(app, state->path_selected); /* the first one was not moved to */
		state->on_path = false;
	} else if (request_open(app, culprit) == -ENOMEM)
		app->short_of_memory = true;
}

bool request_path_act(struct app *app, enum action action)
{
	struct request_state *state = &app->request;

	if (action == ACTION_UP && state->path_selected)
		select_line(app, state->path_selected - 1);
	else if (action == ACTION_DOWN)
		select_line(app, state->path_selected + 1);
	else if (action == ACTION_FIRST)
		select_line(app, 0);
	else if (action == ACTION_LAST && state->n_path)
		select_line(app, state->n_path - 1);
	else if (action == ACTION_OPEN)
		go_there(app);
	else
		return action == ACTION_UP;
	return true;
}

void request_path_click(struct app *app, struct area area, int row)
{
	struct request_state *state = &app->request;
	bool was_on_path = state->on_path;
	size_t line;

	state->on_path = row > area.row && row < area.row + area.rows;
	if (!state->on_path)
		return;
	line = first_line(state, (size_t)area.rows - 1) + (size_t)(row - area.row - 1);
	if (was_on_path && line == state->path_selected)
		go_there(app);
	else
		select_line(app, line);
}
