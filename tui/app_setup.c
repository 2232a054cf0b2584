/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What becomes of what was chosen. The caller sees to characters, colours and mouse. */
#include "symbolizer/base.h"
#include "tui/app_state.h"

static void apply_list(struct app *app)
{
	static const enum follow follows[] = {FOLLOW_NEWEST, FOLLOW_FIRST, FOLLOW_NOTHING};
	const unsigned char *choice = app->setup.choice;

	list_sort(app, (enum sort_column)choice[SETUP_SORT], choice[SETUP_ORDER] == 0);
	app->list.follow = follows[choice[SETUP_FOLLOW]];
	request_index_open(app->list.index, choice[SETUP_IN_FLIGHT] == 0 ? app->open : NULL);
}

static void apply_request(struct app *app)
{
	app->flame = app->setup.choice[SETUP_PICTURE] == 1;
	app->each = app->setup.choice[SETUP_COLLAPSE] == 1;
}

void app_change_setup(struct app *app, enum setup_item item, int step)
{
	setup_step(&app->setup, item, step);
	if (item >= SETUP_SORT && item <= SETUP_IN_FLIGHT)
		apply_list(app);
	else
		apply_request(app);
	app->wish = APP_SETUP;
}

void app_set_setup(struct app *app, const struct setup *setup)
{
	app->setup = *setup;
	apply_list(app);
	apply_request(app);
}

const struct setup *app_setup(const struct app *app)
{
	return &app->setup;
}
