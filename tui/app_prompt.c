/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is typed, and what becomes of it. */
#include <string.h>

#include "aggregator/filter.h"
#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/list_choose.h"
#include "tui/search.h"

static const char *first_text(const struct app *app, enum prompt_kind kind)
{
	if (kind == PROMPT_FILTER)
		return app->list.filter_text;
	if (kind == PROMPT_SEARCH && app->search)
		return search_pattern(app->search);
	return "";
}

void app_prompt_open(struct app *app, enum prompt_kind kind)
{
	char name[PROMPT_TEXT_LEN];

	if (kind != PROMPT_EXPORT) {
		prompt_open(&app->prompt, kind, first_text(app, kind));
		return;
	}
	(void)snprintf(name, sizeof(name), "ntrace-%u-%u.ndjson", (unsigned int)app->status.pid,
		       app->n_exports + 1);
	prompt_open(&app->prompt, kind, name);
}

/* An error of the parser is shown while it is typed; being short of memory is not one. */
static int parse_filter(struct prompt *prompt, struct filter **ret_filter)
{
	*ret_filter = NULL;
	if (prompt->len == 0)
		return 0;
	return filter_parse(prompt->text, prompt->error, sizeof(prompt->error), ret_filter);
}

static int parse_search(struct prompt *prompt, struct search **ret_search)
{
	*ret_search = NULL;
	if (prompt->len == 0)
		return 0;
	return search_new(prompt->text, prompt->error, sizeof(prompt->error), ret_search);
}

static void check(struct prompt *prompt)
{
	struct filter *filter = NULL;
	struct search *search = NULL;

	prompt->error[0] = '\0';
	if (prompt->kind == PROMPT_FILTER && !parse_filter(prompt, &filter))
		filter_free(filter);
	if (prompt->kind == PROMPT_SEARCH && !parse_search(prompt, &search))
		search_free(search);
}

static void enter_filter(struct app *app)
{
	struct filter *filter;

	if (parse_filter(&app->prompt, &filter)) {
		app_notice(app, "the filter was not set: memory is short");
		return;
	}
	list_filter(app, filter, app->prompt.text);
	if (filter)
		app->depth = 1; /* it is the list that is filtered */
}

void app_search(struct app *app, int step)
{
	if (!app->search)
		app_notice(app, "nothing was searched for yet: /");
	else if (!app_view(app)->search || !app_view(app)->search(app, step))
		app_notice(app, "nothing here matches '%s'", search_pattern(app->search));
}

static void enter_search(struct app *app)
{
	struct search *search;

	if (parse_search(&app->prompt, &search)) {
		app_notice(app, "the search was not set: memory is short");
		return;
	}
	search_free(app->search);
	app->search = search;
	if (search)
		app_search(app, 1);
}

static void enter_export(struct app *app)
{
	if (app->prompt.len == 0)
		return;
	memcpy(app->export_path, app->prompt.text, sizeof(app->export_path));
	app->n_exports++;
	app->wish = APP_EXPORT;
}

static void enter(struct app *app)
{
	if (app->prompt.kind == PROMPT_FILTER)
		enter_filter(app);
	else if (app->prompt.kind == PROMPT_SEARCH)
		enter_search(app);
	else if (app->prompt.kind == PROMPT_EXPORT)
		enter_export(app);
	prompt_close(&app->prompt);
}

void app_prompt_key(struct app *app, int key)
{
	switch (prompt_key(&app->prompt, key)) {
	case PROMPT_NOTHING:
		break;
	case PROMPT_EDITED:
		check(&app->prompt);
		break;
	case PROMPT_ENTERED:
		enter(app);
		break;
	case PROMPT_CANCELLED:
		prompt_close(&app->prompt);
		break;
	}
}
