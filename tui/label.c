/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/label.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "aggregator/text.h"
#include "tui/canvas.h"

#define AWAIT "await "

static const char *mark(const struct canvas *canvas)
{
	return canvas->ascii ? ".." : "\u2026";
}

/* Keeps the text whole, as far as there is room for it. */
static void keep(char *text, size_t len, const char *label)
{
	size_t fits = strlen(label);

	if (fits >= len)
		fits = text_boundary(label, len - 1);
	memcpy(text, label, fits);
	text[fits] = '\0';
}

/* "fs.open ../file", or "../file", with as much of the path as fits; false when not even its last name does. */
static bool shorten_path(const struct canvas *canvas, const char *label, int cols, char *text,
			 size_t len)
{
	size_t type_len = strcspn(label, " ");
	const char *slash = label[type_len] ? strchr(label + type_len, '/') : NULL;
	int room = cols - canvas_width(canvas, mark(canvas));
	int with_type = room - (int)type_len - 1;

	for (; slash && slash[1]; slash = strchr(slash + 1, '/')) {
		int width = canvas_width(canvas, slash);

		if (width <= with_type || (width <= room && !strchr(slash + 1, '/'))) {
			(void)snprintf(text, len, "%.*s%s%s%s",
				       width <= with_type ? (int)type_len : 0, label,
				       width <= with_type ? " " : "", mark(canvas), slash);
			return true;
		}
	}
	return false;
}

static void cut(const struct canvas *canvas, const char *label, int cols, char *text, size_t len)
{
	int room = cols - canvas_width(canvas, mark(canvas));
	const char *end;

	if (canvas->ascii || room < 2) {
		keep(text, len,
		     label); /* the mark would say less than the letters: they are cut by who draws */
		return;
	}
	end = canvas_skip(canvas, label, room);
	if (canvas_width(canvas, label) - canvas_width(canvas, end) > room)
		end = canvas_skip(canvas, label, room - 1); /* a wide character stood there */
	(void)snprintf(text, len, "%.*s%s", (int)(end - label), label, mark(canvas));
}

void label_shorten(const struct canvas *canvas, const char *label, int cols, char *text, size_t len)
{
	if (canvas_width(canvas, label) > cols && !strncmp(label, AWAIT, strlen(AWAIT)))
		label += strlen(AWAIT);
	if (canvas_width(canvas, label) <= cols)
		keep(text, len, label);
	else if (!shorten_path(canvas, label, cols, text, len))
		cut(canvas, label, cols, text, len);
	text[text_boundary(text, strlen(text))] = '\0';
}
