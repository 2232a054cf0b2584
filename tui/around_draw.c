/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/around_draw.h"

#include "aggregator/around.h"
#include "symbolizer/base.h"

#define MIN_ROWS   18 /* smaller parts of the screen have none of these … */
#define SMALL_ROWS 24 /* … or have collections in the row of the loop */
#define NO_SAMPLE  '\0'

/* A cell of a lane. */
struct look {
	char letter;
	enum style style;
};

/* A stretch of time that a column stands for. */
struct stretch_of_time {
	uint64_t start_ns;
	uint64_t end_ns;
};

typedef struct look look_fn(const struct around *around, struct stretch_of_time time);

static size_t first_behind(const struct around *around, enum around_lane lane, uint64_t ts)
{
	return PARTITION_POINT(i, around->n[lane], around->spans[lane][i].end_ns <= ts);
}

/* Adds how long each value of the lane had of this time. Returns their sum. */
static uint64_t sum_lane(const struct around *around, enum around_lane lane,
			 struct stretch_of_time time, uint64_t sums_ns[AROUND_VALUES])
{
	uint64_t all_ns = 0;
	size_t i;

	for (i = first_behind(around, lane, time.start_ns); i < around->n[lane]; i++) {
		const struct around_span *span = &around->spans[lane][i];
		uint64_t from = span->start_ns > time.start_ns ? span->start_ns : time.start_ns;
		uint64_t until = span->end_ns < time.end_ns ? span->end_ns : time.end_ns;

		if (span->start_ns >= time.end_ns)
			break;
		if (until > from && span->value < AROUND_VALUES) {
			sums_ns[span->value] += until - from;
			all_ns += until - from;
		}
	}
	return all_ns;
}

static struct look collection_look(const uint64_t sums_ns[AROUND_VALUES])
{
	return (struct look){sums_ns[1] ? 'G' : 'g', STYLE_GC};
}

/* A collection shows however short it was: there are few. */
static struct look gc_look(const struct around *around, struct stretch_of_time time)
{
	uint64_t sums_ns[AROUND_VALUES] = {0};

	if (!sum_lane(around, AROUND_GC, time, sums_ns))
		return (struct look){NO_SAMPLE, STYLE_PLAIN};
	return collection_look(sums_ns);
}

/* What had the most of the time. */
static struct look loop_look(const struct around *around, struct stretch_of_time time)
{
	uint64_t ran_ns[AROUND_VALUES] = {0}, idle_ns[AROUND_VALUES] = {0};
	uint64_t all_ns = time.end_ns - time.start_ns;
	uint64_t idle, rest, others;

	if (time.start_ns < around->known_ns || time.start_ns >= around->until_ns)
		return (struct look){NO_SAMPLE, STYLE_PLAIN};
	idle = sum_lane(around, AROUND_IDLE, time, idle_ns);
	rest = sum_lane(around, AROUND_RAN, time, ran_ns) + idle;
	rest = rest < all_ns ? all_ns - rest : 0;
	others = ran_ns[AROUND_OTHER] + ran_ns[AROUND_NOBODY];
	if (idle >= rest && idle >= others && idle >= ran_ns[AROUND_OWN])
		return (struct look){'.', STYLE_DIM};
	if (ran_ns[AROUND_OWN] >= others && ran_ns[AROUND_OWN] >= rest)
		return (struct look){'j', STYLE_JS};
	if (others >= rest)
		return (struct look){'#', STYLE_READY};
	return (struct look){'-', STYLE_DIM};
}

static struct look loop_and_gc_look(const struct around *around, struct stretch_of_time time)
{
	uint64_t sums_ns[AROUND_VALUES] = {0};

	if (sum_lane(around, AROUND_GC, time, sums_ns) * 2 >= time.end_ns - time.start_ns)
		return collection_look(sums_ns);
	return loop_look(around, time);
}

/* Work shows however short it was, waiting for it only where it had half of the time: a thread needs a moment
 * to wake up. */
static struct look pool_look(const struct around *around, struct stretch_of_time time)
{
	uint64_t sums_ns[AROUND_VALUES] = {0};
	uint64_t by_busy_ns[AROUND_QUEUED] = {0}, queued_ns = 0;
	uint32_t value, most = 0;

	(void)sum_lane(around, AROUND_POOL, time, sums_ns);
	for (value = 1; value < AROUND_VALUES; value++) {
		by_busy_ns[value % AROUND_QUEUED] += sums_ns[value];
		queued_ns += value >= AROUND_QUEUED ? sums_ns[value] : 0;
	}
	if (queued_ns * 2 >= time.end_ns - time.start_ns)
		return (struct look){'p', STYLE_QUEUE};
	by_busy_ns[0] = 0;
	for (value = 1; value <= AROUND_BUSY_MAX; value++) {
		if (by_busy_ns[value] > by_busy_ns[most])
			most = value;
	}
	if (!most)
		return (struct look){NO_SAMPLE, STYLE_PLAIN};
	return (struct look){most < AROUND_BUSY_MAX ? (char)('0' + most) : '+', STYLE_WORK};
}

struct lane_row {
	const char *name;
	look_fn *look;
};

static const struct lane_row all_rows[] = {
	{"loop", loop_look},
	{"gc", gc_look},
	{"pool", pool_look},
};

static const struct lane_row few_rows[] = {
	{"loop", loop_and_gc_look},
	{"pool", pool_look},
};

int around_rows(const struct request *request, int rows)
{
	if (!request || !request->around || rows < MIN_ROWS)
		return 0;
	return rows < SMALL_ROWS ? (int)ARRAY_SIZE(few_rows) : (int)ARRAY_SIZE(all_rows);
}

static uint64_t time_at(const struct icicle_window *window, int col)
{
	uint64_t len = window->end_ns - window->start_ns;

	return window->start_ns +
	       (uint64_t)((__uint128_t)len * (unsigned int)col / (unsigned int)window->cols);
}

static void draw_row(const struct request *request, const struct icicle_window *window,
		     struct canvas *canvas, struct area row, const struct lane_row *lane)
{
	int col;

	(void)canvas_text(canvas, row.row, 0, AROUND_GUTTER - 1, STYLE_HEAD, lane->name);
	for (col = 0; col < window->cols; col++) {
		struct stretch_of_time time = {time_at(window, col), time_at(window, col + 1)};
		struct look look;

		if (time.start_ns < request->start_ns)
			time.start_ns = request->start_ns;
		if (time.end_ns > request->end_ns)
			time.end_ns = request->end_ns;
		if (time.end_ns <= time.start_ns)
			continue;
		look = lane->look(request->around, time);
		if (look.letter != NO_SAMPLE)
			(void)canvas_print(canvas, row.row, AROUND_GUTTER + col, 1, look.style,
					   "%c", look.letter);
	}
}

void around_draw(const struct request *request, const struct icicle_window *window,
		 struct canvas *canvas, struct area area)
{
	const struct lane_row *rows = area.rows < (int)ARRAY_SIZE(all_rows) ? few_rows : all_rows;
	int i;

	for (i = 0; i < area.rows; i++)
		draw_row(request, window, canvas, (struct area){area.row + i, 0, 1, area.cols},
			 &rows[i]);
}
