/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/memory_canvas.h"

#include <assert.h>
#include <string.h>
#include <wchar.h>

#include "aggregator/text.h"
#include "symbolizer/base.h"

#define CELL_BYTES 24 /* one character and the marks combined with it */

struct cell {
	char text[CELL_BYTES]; /* "" in the second column of a wide character */
	enum style style;
};

struct memory_canvas {
	struct canvas canvas;
	int rows;
	int cols;
	struct cell *cells;
};

static struct cell *cell_at(const struct memory_canvas *memory, int row, int col)
{
	return &memory->cells[(size_t)row * (size_t)memory->cols + (size_t)col];
}

static void memory_size(const struct canvas *canvas, int *ret_rows, int *ret_cols)
{
	const struct memory_canvas *memory = (const struct memory_canvas *)canvas;

	*ret_rows = memory->rows;
	*ret_cols = memory->cols;
}

static void memory_clear(struct canvas *canvas)
{
	struct memory_canvas *memory = (struct memory_canvas *)canvas;
	int row;
	int col;

	for (row = 0; row < memory->rows; row++) {
		for (col = 0; col < memory->cols; col++)
			*cell_at(memory, row, col) = (struct cell){" ", STYLE_PLAIN};
	}
}

static void cell_append(struct cell *cell, const char *text, size_t len)
{
	size_t used = strlen(cell->text);

	if (used + len >= sizeof(cell->text))
		return;
	memcpy(cell->text + used, text, len);
	cell->text[used + len] = '\0';
}

static void memory_put(struct canvas *canvas, const struct canvas_piece *piece)
{
	struct memory_canvas *memory = (struct memory_canvas *)canvas;
	const char *text = piece->text;
	const char *end = text + piece->len;
	int next = piece->col;
	int at;

	assert(piece->row >= 0 && piece->row < memory->rows);
	assert(piece->col >= 0 && piece->col + piece->width <= memory->cols);
	for (at = piece->col; at < piece->col + piece->width; at++)
		*cell_at(memory, piece->row, at) = (struct cell){"", piece->style};
	at = piece->col;
	while (text < end) {
		uint32_t code = 0;
		size_t bytes = text_char(text, (size_t)(end - text), &code);
		int columns = code < 0x80 ? 1 : wcwidth((wchar_t)code);

		assert(bytes && columns >= 0);
		if (columns) {
			at = next;
			next += columns;
		}
		cell_append(cell_at(memory, piece->row, at), text, bytes);
		text += bytes;
	}
}

static const struct canvas_ops memory_ops = {
	.size = memory_size,
	.clear = memory_clear,
	.put = memory_put,
};

int memory_canvas_new(int rows, int cols, bool ascii, struct memory_canvas **ret_memory)
{
	struct memory_canvas *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return -ENOMEM;
	memory->canvas = (struct canvas){&memory_ops, ascii};
	memory->rows = rows;
	memory->cols = cols;
	memory->cells = calloc((size_t)rows * (size_t)cols, sizeof(*memory->cells));
	if (!memory->cells) {
		memory_canvas_free(memory);
		return -ENOMEM;
	}
	memory_clear(&memory->canvas);
	*ret_memory = memory;
	return 0;
}

void memory_canvas_free(struct memory_canvas *memory)
{
	if (!memory)
		return;
	free(memory->cells);
	free(memory);
}

struct canvas *memory_canvas_canvas(struct memory_canvas *memory)
{
	return &memory->canvas;
}

static char mono_letter(enum style style)
{
	unsigned int attributes = style_look(style)->mono;

	if (attributes & STYLE_REVERSE)
		return 'R';
	if (attributes & STYLE_BOLD)
		return 'B';
	return attributes & STYLE_FAINT ? 'F' : '.';
}

static void print_cell(const struct cell *cell, enum memory_dump what, FILE *out)
{
	switch (what) {
	case MEMORY_DUMP_TEXT:
		(void)fputs(cell->text, out);
		break;
	case MEMORY_DUMP_STYLES:
		(void)fputc(style_look(cell->style)->letter, out);
		break;
	case MEMORY_DUMP_MONO:
		(void)fputc(mono_letter(cell->style), out);
		break;
	}
}

void memory_canvas_dump(const struct memory_canvas *memory, enum memory_dump what, FILE *out)
{
	int row;
	int col;
	int end;

	for (row = 0; row < memory->rows; row++) {
		end = memory->cols;
		while (what == MEMORY_DUMP_TEXT && end > 0 &&
		       !strcmp(cell_at(memory, row, end - 1)->text, " "))
			end--;
		for (col = 0; col < end; col++)
			print_cell(cell_at(memory, row, col), what, out);
		(void)fputc('\n', out);
	}
}
