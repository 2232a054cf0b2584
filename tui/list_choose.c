/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/list_choose.h"

#include <string.h>

#include "aggregator/filter.h"
#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/search.h"

#define STATUS_LEN 5
#define LINE_LEN   2304 /* of what is searched: a method, the longest url, a status */

void list_select(struct list_state *list, size_t place)
{
	list->place = place;
	list->selected = request_index_at(list->index, place);
}

void list_filter(struct app *app, struct filter *filter, const char *text)
{
	struct list_state *list = &app->list;

	request_index_filter(list->index, filter);
	filter_free(list->filter);
	list->filter = filter;
	(void)snprintf(list->filter_text, sizeof(list->filter_text), "%s", text);
	if (request_index_refresh(list->index))
		app->short_of_memory = true;
	list->top = 0;
}

void list_tag(struct app *app)
{
	struct list_state *list = &app->list;

	if (request_index_count(list->index) == 0)
		return;
	list->follow = FOLLOW_NOTHING;
	if (tags_has(&list->tags, list->selected))
		tags_remove(&list->tags, list->selected);
	else if (tags_add(&list->tags, list->selected))
		app_notice(app, "no more than %d requests can be tagged", TAGS_MAX);
}

/* The path without its query: of "same route" what can be told without knowing the routes. */
static bool same_route(const struct request *a, const struct request *b)
{
	size_t len = strcspn(a->url, "?");

	return !strcmp(a->method, b->method) && strcspn(b->url, "?") == len &&
	       !strncmp(a->url, b->url, len);
}

void list_tag_route(struct app *app)
{
	struct list_state *list = &app->list;
	const struct request *wanted = app_request(app, list->selected);
	size_t place;
	size_t before = list->tags.count;

	list->follow = FOLLOW_NOTHING;
	for (place = 0; wanted && place < request_index_count(list->index); place++) {
		uint64_t arrival = request_index_at(list->index, place);
		const struct request *request = app_request(app, arrival);

		if (request && same_route(wanted, request) && tags_add(&list->tags, arrival))
			break;
	}
	app_notice(app, "%zu more requests are tagged", list->tags.count - before);
}

/* " 200" and the NUL; three digits are all there is. */
static void add_status(uint32_t status, char text[STATUS_LEN])
{
	uint32_t digits = status < 1000 ? status : 999;

	text[0] = ' ';
	text[1] = (char)('0' + digits / 100);
	text[2] = (char)('0' + digits / 10 % 10);
	text[3] = (char)('0' + digits % 10);
	text[4] = '\0';
}

static bool matches(const struct app *app, uint64_t arrival)
{
	const struct request *request = app_request(app, arrival);
	char line[LINE_LEN];
	size_t method, url;

	if (!request)
		return false;
	method = strlen(request->method);
	url = strlen(request->url);
	if (method + url + STATUS_LEN >= sizeof(line))
		return search_match(app->search, request->url);
	/* Every request may be looked at: formatting would take longer than matching. */
	memcpy(line, request->method, method);
	line[method] = ' ';
	memcpy(line + method + 1, request->url, url);
	add_status(request->status, line + method + 1 + url);
	return search_match(app->search, line);
}

bool list_search(struct app *app, int step)
{
	struct list_state *list = &app->list;
	size_t count = request_index_count(list->index);
	size_t i;

	for (i = 1; i <= count; i++) {
		size_t place = (list->place + (step > 0 ? i : count - i % count)) % count;

		if (!matches(app, request_index_at(list->index, place)))
			continue;
		list->follow = FOLLOW_NOTHING;
		list_select(list, place);
		return true;
	}
	return false;
}
