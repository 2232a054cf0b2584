/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/turns_pane.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tui/format.h"

#define ROWS_MIN 12 /* fewer are left to the other table */
#define LINES    6
#define TEXT_LEN 300

int turns_pane_lines(int rows)
{
	return rows < ROWS_MIN ? 0 : LINES;
}

static void draw_turn(const struct turn *turn, struct canvas *canvas, struct area row)
{
	const char *slash = turn->file ? strrchr(turn->file, '/') : NULL;
	char code[TEXT_LEN] = "";
	char sum[FORMAT_LEN], length[FORMAT_LEN], count[FORMAT_LEN];

	if (turn->file)
		(void)snprintf(code, sizeof(code), "  %.100s %.100s:%" PRIu32 "%s",
			       turn->function ? turn->function : "?",
			       slash ? slash + 1 : turn->file, turn->line,
			       turn->sampled ? " (sampled)" : " (last seen)");
	(void)canvas_print(canvas, row.row, 1, row.cols - 1, STYLE_PLAIN, "%*s %*s %*s  %s%s",
			   FORMAT_DURATION_WIDTH, format_duration(turn->delay_ns, sum),
			   FORMAT_DURATION_WIDTH,
			   format_duration(turn->end_ns - turn->start_ns, length), 8,
			   format_count(turn->n_victims, count), turn_culprit(turn), code);
}

void turns_pane_draw(struct turns *turns, struct canvas *canvas, struct area area)
{
	const struct turn *worst[LINES - 1];
	size_t rows = area.rows > 1 ? (size_t)area.rows - 1 : 0, n;

	if (area.rows < 1)
		return;
	(void)canvas_print(canvas, area.row, 1, area.cols - 1, STYLE_HEAD,
			   "%*s %*s %*s  WORST TURNS: WHO HAD THE LOOP LONGEST",
			   FORMAT_DURATION_WIDTH, "DELAY", FORMAT_DURATION_WIDTH, "LENGTH", 8,
			   "VICTIMS");
	n = turns_worst(turns, rows < LINES - 1 ? rows : LINES - 1, worst);
	for (size_t i = 0; i < n; i++)
		draw_turn(worst[i], canvas, (struct area){area.row + 1 + (int)i, 0, 1, area.cols});
	if (!n && rows)
		(void)canvas_text(canvas, area.row + 1, 1, area.cols - 1, STYLE_DIM, "none yet");
}
