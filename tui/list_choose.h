/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Which requests of the list are meant: by cursor, tag, search and filter. */
#ifndef NT_TUI_LIST_CHOOSE_H
#define NT_TUI_LIST_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

struct app;
struct filter;
struct list_state;

/* Moves the cursor to this place. place < request_index_count(). */
void list_select(struct list_state *list, size_t place);
/* Tags the selected request, or no longer. */
void list_tag(struct app *app);
/* Tags all with the method and path of the selected one. */
void list_tag_route(struct app *app);
/* As view_ops.search(). */
bool list_search(struct app *app, int step);
/* Shows only what matches; takes the filter over. NULL: shows all. */
void list_filter(struct app *app, struct filter *filter, const char *text);

#endif
