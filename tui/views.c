/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/view.h"

#include <assert.h>

#include "symbolizer/base.h"

static const struct view_ops *const views[] = {
	[VIEW_LIST] = &view_list,   [VIEW_REQUEST] = &view_request, [VIEW_HELP] = &view_help,
	[VIEW_SETUP] = &view_setup, [VIEW_ROUTES] = &view_routes,   [VIEW_LOOP] = &view_loop,
};
_Static_assert(ARRAY_SIZE(views) == VIEW_COUNT, "one row for each view");

const struct view_ops *view_find(enum view_id id)
{
	assert((unsigned int)id < VIEW_COUNT);
	return views[id];
}
