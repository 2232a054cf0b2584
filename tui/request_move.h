/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Where one is on the screen of one request, and how one gets elsewhere. */
#ifndef NT_TUI_REQUEST_MOVE_H
#define NT_TUI_REQUEST_MOVE_H

#include <stdbool.h>

#include "tui/keys.h"

struct app;
struct icicle_item;
struct request;
struct request_state;

/* The request as it is shown; NULL when it is gone. */
const struct request *request_shown_now(const struct app *app);
/* Never NULL. */
const struct icicle_item *request_selected(const struct request_state *state);
/* Selects the item, and shows where it is. */
void request_select(struct request_state *state, const struct icicle_item *item);

/* By `numerator`/`denominator` of the time that is shown, about the middle of the selected one. */
void request_zoom(struct request_state *state, unsigned int numerator, unsigned int denominator);
/* Returns false for an action that is no move. */
bool request_move(struct app *app, enum action action);
/* As view_ops.search(). */
bool request_search(struct app *app, int step);

#endif
