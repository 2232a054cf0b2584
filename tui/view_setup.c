/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What can be chosen, one a row. Whatever is changed holds at once. */
#include "symbolizer/base.h"
#include "tui/app_state.h"

#define TITLE_COL 3
#define WORDS_COL 33 /* from the title on; narrower screens have them closer */

static void draw_words(const struct app *app, struct canvas *canvas, struct area row,
		       enum setup_item item)
{
	unsigned int i;

	for (i = 0; i < setup_words(item); i++) {
		bool chosen = app->setup.choice[item] == i;

		row.col += canvas_print(canvas, row.row, row.col, row.cols - row.col,
					chosen ? STYLE_STRONG : STYLE_DIM, chosen ? "[%s]" : " %s ",
					setup_word(item, i));
	}
}

/* On small screens the first ones make room for the selected one. */
static unsigned int first_row(const struct app *app, struct area area)
{
	int beyond = (int)app->setup_row - (area.rows - 2);

	return beyond > 0 ? (unsigned int)beyond : 0;
}

static void draw(struct app *app, struct canvas *canvas, struct area area)
{
	int words = area.cols >= 80 ? TITLE_COL + WORDS_COL : area.cols / 2;
	unsigned int item, first;

	(void)canvas_text(canvas, area.row, 1, area.cols - 1, STYLE_HEAD, "Setup");
	first = first_row(app, area);
	for (item = first; item < SETUP_COUNT && (int)(item - first) < area.rows - 1; item++) {
		struct area row = {area.row + 1 + (int)(item - first), words, 1, area.cols};
		bool selected = item == app->setup_row;

		if (selected)
			canvas_field(canvas, row.row, 0, words - 1, STYLE_SELECTED, ">");
		(void)canvas_text(canvas, row.row, TITLE_COL, words - TITLE_COL - 1,
				  selected ? STYLE_SELECTED : STYLE_PLAIN,
				  setup_title((enum setup_item)item));
		draw_words(app, canvas, row, (enum setup_item)item);
	}
	if ((int)item + 3 < area.rows)
		(void)canvas_text(
			canvas, area.row + (int)item + 2, TITLE_COL, area.cols - TITLE_COL,
			STYLE_DIM,
			"Kept for the next time. Options of the command line come first.");
}

static void go(struct app *app, int row)
{
	if (row >= 0 && row < SETUP_COUNT)
		app->setup_row = (unsigned int)row;
}

static bool act(struct app *app, enum action action)
{
	int row = (int)app->setup_row;

	if (action == ACTION_UP)
		go(app, row - 1);
	else if (action == ACTION_DOWN)
		go(app, row + 1);
	else if (action == ACTION_FIRST)
		go(app, 0);
	else if (action == ACTION_LAST)
		go(app, SETUP_COUNT - 1);
	else if (action == ACTION_LEFT)
		app_change_setup(app, (enum setup_item)row, -1);
	else if (action == ACTION_RIGHT || action == ACTION_OPEN)
		app_change_setup(app, (enum setup_item)row, 1);
	else
		return false;
	return true;
}

static void click(struct app *app, struct area area, int row, int col)
{
	int item = row - area.row - 1 + (int)first_row(app, area);

	(void)col;
	if (row <= area.row || item >= SETUP_COUNT)
		return;
	if ((unsigned int)item == app->setup_row)
		app_change_setup(app, (enum setup_item)item, 1);
	go(app, item);
}

const struct view_ops view_setup = {
	.name = "setup",
	.screen = ON_SETUP,
	.draw = draw,
	.act = act,
	.click = click,
};
