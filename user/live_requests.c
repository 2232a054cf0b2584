/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What comes from the ingest threads, and goes to the frontend. */
#include "symbolizer/base.h"
#include "user/handoff.h"
#include "user/live.h"

/* request->serial keeps the number that it had in its process. */
static void number(struct live *live, struct request *request)
{
	if (live->renumber)
		request->id = ++live->n_requests;
	else if (request->id > live->n_requests)
		live->n_requests = request->id;
}

void live_take_items(struct live *live, struct handoff_item *items)
{
	struct handoff_item *item;

	while ((item = items)) {
		items = item->next;
		if (item->request)
			number(live, item->request);
		if (item->request)
			live_heed(live, frontend_request(live->frontend, item->request));
		else
			live_heed(live, frontend_unowned(live->frontend, item->op));
		item->request = NULL;
		handoff_item_free(item);
	}
}

/* What is in flight, of those who have something new. */
void live_take_open(struct live *live)
{
	struct request **requests;
	size_t i, n;

	for (i = 0; i < live->tracees.n; i++) {
		struct tracee *tracee = live->tracees.items[i];

		if (!tracee->handoff || !handoff_take_open(tracee->handoff, &requests, &n))
			continue;
		frontend_open_requests(live->frontend, (uint32_t)tracee->pid, requests, n);
		free(requests);
	}
}
