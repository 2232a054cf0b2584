/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The keys, from their table, and what the letters and figures mean. */
#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/around_draw.h"
#include "tui/search.h"
#include "tui/wait_kind.h"

#define NAMES_WIDTH 16

/* Draws the lines that are within the area, and counts all. */
struct page {
	struct canvas *canvas;
	struct area area;
	int top;
	int lines;
	const struct search *search; /* what is looked for, NULL nothing … */
	int from;                    /* … from this line on */
	int found;                   /* … and where it is, -1 nowhere */
};

static void look(struct page *page, int line, const char *text)
{
	if (page->found < 0 && line >= page->from && search_match(page->search, text))
		page->found = line;
}

/* What somebody wants who has never been here. */
static const struct {
	const char *name;
	const char *text;
} first_steps[] = {
	{"s Enter",
	 "the slowest requests first; open one: what it waited for, and the line of code"},
	{"Tab Enter", "on a request: its critical path; go to what stands there"},
	{"R", "which route is slow, and who kept it waiting"},
	{"L", "is the event loop busy, or the thread pool full, and whose work is that"},
	{"z", "hold the screen still to read it"},
};

static const struct {
	const char *name;
	const char *text;
} figures[] = {
	{"CPU", "of a request: JavaScript of its own on the event loop"},
	{"LOOPQ", "of a request: ready to run, but the event loop ran something else"},
	{"POOLQ", "of a request: waited for a thread of the pool"},
	{"lost", "events that did not reach us; requests they can belong to are marked lossy"},
	{"attributed", "share of the operations that were given to a request"},
	{"cost", "what tracing costs us, as a share of one core"},
	{"dropped", "requests that came faster than we could take them"},
	{"forgotten", "unfinished things that were given up for lack of memory"},
	{"loop", "how much of the last second the event loop was busy"},
	{"pool", "threads of the pool at work, of those seen; +jobs that wait; how long they wait"},
	{"longest turn", "that nothing else got a turn for, since the start"},
	{"gc", "how much of the last second V8 collected garbage; how often since the start"},
	{"failed req", "requests with a status of 500 and above, or aborted"},
	{"blocking file calls", "calls into the file system that the event loop waited for"},
	{"unknown", "operations that could not be attributed; they are not guessed"},
	{"of no request", "operations that no request caused"},
	{"< >", "at the ends of the axis: there is more before or after"},
	{"+", "at the end of an operation: others hide behind it, zoom in"},
	{"!", "behind a status: see the flags of the request"},
	{"!", "before an operation: it failed"},
	{"(sampled)",
	 "looks at the CPU found it there most; (last seen): it started something there last"},
	{"---", "instead of a status: none was sent"},
	{"? (why)", "for method and path: they were before the trace, or lost"},
};

static const struct {
	const char *name;
	const char *text;
} mouse[] = {
	{"click", "select; again: open, or show only that operation's tree"},
	{"click a head", "sort by that column; again: the other way round"},
	{"click a key", "at the bottom: as if it were pressed"},
	{"wheel", "up and down"},
	{"Shift", "leaves the mouse to the terminal, to copy text"},
};

static void add_line(struct page *page, const char *name, enum style style, const char *text)
{
	int row = page->lines++ - page->top;

	look(page, page->lines - 1, name);
	look(page, page->lines - 1, text);
	if (row < 0 || row >= page->area.rows)
		return;
	(void)canvas_text(page->canvas, page->area.row + row, 2, NAMES_WIDTH - 1, style, name);
	(void)canvas_text(page->canvas, page->area.row + row, 2 + NAMES_WIDTH,
			  page->area.cols - 2 - NAMES_WIDTH, STYLE_PLAIN, text);
}

static void add_head(struct page *page, const char *text)
{
	int row;

	if (page->lines)
		page->lines++;
	row = page->lines++ - page->top;
	if (row >= 0 && row < page->area.rows)
		(void)canvas_text(page->canvas, page->area.row + row, 1, page->area.cols - 1,
				  STYLE_HEAD, text);
}

static void add_keys(struct page *page, const char *head, unsigned int screen, bool everywhere)
{
	const struct key_binding *table;
	size_t count;
	size_t i;

	add_head(page, head);
	table = keys_table(&count);
	for (i = 0; i < count; i++) {
		if ((table[i].screens & screen) && (table[i].screens == ON_ALL) == everywhere)
			add_line(page, table[i].names, STYLE_KEY, table[i].help);
	}
}

static void add_letters(struct page *page)
{
	char letter[2] = "";
	unsigned int i;

	add_head(page, "Where the time went");
	for (i = 0; i < WAIT_KIND_COUNT; i++) {
		letter[0] = wait_kind_letter((enum wait_kind)i);
		add_line(page, letter, wait_kind_style((enum wait_kind)i),
			 wait_kind_text((enum wait_kind)i));
	}
}

/* What stands in the rows below the operations of a request. */
static void add_around(struct page *page)
{
	static const struct {
		const char *name;
		const char *text;
	} rows[] = {
#define AROUND_ROW(letter, text) {(letter), (text)},
		AROUND_LETTERS(AROUND_ROW)
#undef AROUND_ROW
	};
	size_t i;

	add_head(page, "What went on around a request");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		add_line(page, rows[i].name, STYLE_STRONG, rows[i].text);
}

static void add_all(struct page *page)
{
	size_t i;

	add_head(page, "First steps: where did the time go?");
	for (i = 0; i < ARRAY_SIZE(first_steps); i++)
		add_line(page, first_steps[i].name, STYLE_KEY, first_steps[i].text);
	add_keys(page, "Keys on every screen", ON_ALL, true);
	add_keys(page, "On the list of requests", ON_LIST, false);
	add_keys(page, "On one request", ON_REQUEST, false);
	add_keys(page, "On the routes", ON_ROUTES, false);
	add_keys(page, "In the setup", ON_SETUP, false);
	add_head(page, "Mouse");
	for (i = 0; i < ARRAY_SIZE(mouse); i++)
		add_line(page, mouse[i].name, STYLE_KEY, mouse[i].text);
	add_letters(page);
	add_around(page);
	add_head(page, "Figures");
	for (i = 0; i < ARRAY_SIZE(figures); i++)
		add_line(page, figures[i].name, STYLE_STRONG, figures[i].text);
}

static void draw(struct app *app, struct canvas *canvas, struct area area)
{
	struct help_state *help = &app->help;
	struct page page = {.canvas = canvas, .area = area, .top = help->top, .found = -1};

	add_all(&page);
	help->page = area.rows;
	help->lines = page.lines;
}

static void scroll(struct help_state *help, int top)
{
	int last = help->lines > help->page ? help->lines - help->page : 0;

	if (top > last)
		top = last;
	help->top = top > 0 ? top : 0;
}

static bool act(struct app *app, enum action action)
{
	struct help_state *help = &app->help;

	if (action == ACTION_UP)
		scroll(help, help->top - 1);
	else if (action == ACTION_DOWN)
		scroll(help, help->top + 1);
	else if (action == ACTION_PAGE_UP)
		scroll(help, help->top - help->page);
	else if (action == ACTION_PAGE_DOWN)
		scroll(help, help->top + help->page);
	else if (action == ACTION_FIRST)
		scroll(help, 0);
	else if (action == ACTION_LAST)
		scroll(help, help->lines);
	else
		return false;
	return true;
}

/* Lines are looked at from the one behind the first on the screen, or from the start when there is none
 * behind; the line before is the last one that is found up to there. */
static bool search(struct app *app, int step)
{
	struct help_state *help = &app->help;
	struct page page = {.search = app->search, .found = -1};
	int last = -1;

	page.from = step > 0 ? help->top + 1 : 0;
	add_all(&page);
	while (step < 0 && page.found >= 0 && page.found < help->top) {
		last = page.found;
		page = (struct page){.search = app->search, .from = last + 1, .found = -1};
		add_all(&page);
	}
	if (step < 0)
		page.found = last;
	if (page.found < 0 && step > 0 && help->top) {
		page = (struct page){.search = app->search, .found = -1};
		add_all(&page);
	}
	if (page.found < 0)
		return false;
	scroll(help, page.found);
	return true;
}

const struct view_ops view_help = {
	.name = "help",
	.screen = ON_HELP,
	.draw = draw,
	.act = act,
	.search = search,
};
