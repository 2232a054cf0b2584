/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The request that is shown changes while one looks at it: one stays where one was. */
#ifndef NT_TUI_REQUEST_RENEW_H
#define NT_TUI_REQUEST_RENEW_H

#include "tui/app_state.h"

/* What is in focus, and what it is called in other copies. */
struct focus request_named_focus(const struct request_state *state);
/* Lays out the tree below the root. Returns 0, or -ENOMEM and nothing has changed. */
int request_focus_on(struct request_state *state, const struct request *request, uint32_t root,
		     uint32_t selected);
/* The request has changed, or has the arrival `arrival` now: shows it anew, at the same place. */
void request_renew(struct app *app, uint64_t arrival);

#endif
