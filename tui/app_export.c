/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Which requests are meant by an export: the one on the screen; on the list those that are tagged, or all. */
#include <inttypes.h>

#include "symbolizer/base.h"
#include "tui/app_state.h"

const char *app_export_path(const struct app *app)
{
	return app->export_path;
}

void app_copy(struct app *app)
{
	bool on_list = app_view(app) == &view_list;
	const struct request *request =
		app_request(app, on_list ? app->list.selected : app->request.arrival);

	if (!request)
		return;
	(void)snprintf(app->copied, sizeof(app->copied), "%" PRIu64, request->id);
	app->wish = APP_COPY;
}

const char *app_copied(const struct app *app)
{
	return app->copied;
}

static bool meant(const struct app *app, uint64_t arrival)
{
	return !app->list.tags.count || tags_has(&app->list.tags, arrival);
}

static int export_list(const struct app *app,
		       int (*request)(void *user, const struct request *request), void *user,
		       size_t *ret_n)
{
	size_t count = request_index_count(app->list.index);
	size_t place, n = 0;
	int err;

	for (place = 0; place < count; place++) {
		uint64_t arrival = request_index_at(app->list.index, place);
		const struct request *found = app_request(app, arrival);

		if (!found || !meant(app, arrival))
			continue;
		err = request(user, found);
		if (err)
			return err;
		n++;
	}
	*ret_n = n;
	return 0;
}

int app_export(const struct app *app, int (*request)(void *user, const struct request *request),
	       void *user, size_t *ret_n)
{
	const struct request *shown;
	int err = 0;

	if (app_view(app) != &view_request)
		return export_list(app, request, user, ret_n);
	shown = app_request(app, app->request.arrival);
	if (shown)
		err = request(user, shown);
	if (!err)
		*ret_n = shown ? 1 : 0;
	return err;
}
