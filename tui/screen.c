/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/screen.h"

#include <curses.h>
#include <langinfo.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>

#include "symbolizer/base.h"
#include "tui/canvas.h"
#include "tui/clipboard.h"
#include "tui/keys.h"
#include "tui/mouse.h"

#define ESCAPE_DELAY_MS 25 /* how long an Esc may be the start of a key's sequence */
/* Buttons and wheel, reported in decimal numbers: xterm's protocol, which all terminals of today know, and
 * which those that do not ignore. terminfo often names an older one that ends at column 223. */
#define MOUSE_ON     "\033[?1000h\033[?1006h"
#define MOUSE_OFF    "\033[?1006l\033[?1000l"
#define MOUSE_PREFIX "\033[<"
#define MOUSE_CODE   0x5000 /* ours among the codes of curses */

struct screen {
	struct canvas canvas;
	SCREEN *terminal;
	bool mouse;
	struct mouse_event event; /* the last one */
	struct termios modes;     /* as they were */
	attr_t attributes[STYLE_COUNT];
	short pairs[STYLE_COUNT]; /* 0: the terminal's own colours */
};

static const struct {
	wint_t curses;
	int key;
} special_keys[] = {
	{KEY_UP, KEY_ARROW_UP},       {KEY_DOWN, KEY_ARROW_DOWN}, {KEY_LEFT, KEY_ARROW_LEFT},
	{KEY_RIGHT, KEY_ARROW_RIGHT}, {KEY_PPAGE, KEY_PAGE_UP},   {KEY_NPAGE, KEY_PAGE_DOWN},
	{KEY_HOME, KEY_TO_START},     {KEY_END, KEY_TO_END},      {KEY_BACKSPACE, KEY_ERASE},
	{KEY_ENTER, KEY_RETURN},      {KEY_BTAB, KEY_TAB_BACK},
};

static attr_t curses_attributes(unsigned int attributes)
{
	static const struct {
		enum style_attribute attribute;
		attr_t curses;
	} table[] = {
		{STYLE_BOLD, WA_BOLD},
		{STYLE_REVERSE, WA_REVERSE},
		{STYLE_FAINT, WA_DIM},
		{STYLE_UNDERLINE, WA_UNDERLINE},
	};
	attr_t result = WA_NORMAL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		if (attributes & table[i].attribute)
			result |= table[i].curses;
	}
	return result;
}

static void set_mono(struct screen *screen, enum style style)
{
	screen->attributes[style] = curses_attributes(style_look(style)->mono);
	screen->pairs[style] = 0;
}

static void set_coloured(struct screen *screen, enum style style)
{
	const struct style_colours *colours = style_colours(style, COLORS);
	short pair = (short)(style + 1);

	screen->attributes[style] = curses_attributes(colours->attributes);
	if (colours->foreground == STYLE_DEFAULT_COLOUR &&
	    colours->background == STYLE_DEFAULT_COLOUR)
		screen->pairs[style] = 0;
	else if (init_pair(pair, colours->foreground, colours->background) == OK)
		screen->pairs[style] = pair;
	else
		set_mono(screen, style);
}

static void set_styles(struct screen *screen, bool colour)
{
	unsigned int style;

	/* Without default colours a terminal of its own colours would be painted black. */
	colour = colour && has_colors() && start_color() == OK && COLORS >= 8 &&
		 use_default_colors() == OK;
	for (style = 0; style < STYLE_COUNT; style++) {
		if (colour)
			set_coloured(screen, (enum style)style);
		else
			set_mono(screen, (enum style)style);
	}
}

static void screen_size(const struct canvas *canvas, int *ret_rows, int *ret_cols)
{
	(void)canvas;
	getmaxyx(stdscr, *ret_rows, *ret_cols);
}

static void screen_clear(struct canvas *canvas)
{
	(void)canvas;
	(void)attr_set(WA_NORMAL, 0, NULL);
	(void)erase();
}

static void screen_put(struct canvas *canvas, const struct canvas_piece *piece)
{
	struct screen *screen = (struct screen *)canvas;

	(void)attr_set(screen->attributes[piece->style], screen->pairs[piece->style], NULL);
	/* Fails at the last cell of the screen, having drawn it. */
	(void)mvaddnstr(piece->row, piece->col, piece->text, (int)piece->len);
}

static const struct canvas_ops screen_ops = {
	.size = screen_size,
	.clear = screen_clear,
	.put = screen_put,
};

static bool terminal_can_address(void)
{
	return cursor_address != NULL;
}

static void configure(void)
{
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)intrflush(stdscr, FALSE);
	(void)keypad(stdscr, TRUE);
	(void)define_key(MOUSE_PREFIX, MOUSE_CODE);
	(void)nodelay(stdscr, TRUE);
	(void)typeahead(-1);
	(void)set_escdelay(ESCAPE_DELAY_MS);
	(void)curs_set(0);
	(void)idlok(stdscr, TRUE); /* rows that move down are moved, not sent again */
}

static void tell_terminal(const char *text)
{
	(void)putp(text);
	(void)fflush(stdout);
}

static void set_mouse(struct screen *screen, bool on)
{
	if (screen->mouse == on)
		return;
	screen->mouse = on;
	tell_terminal(on ? MOUSE_ON : MOUSE_OFF);
}

static bool wants_ascii(const struct screen_options *options)
{
	return options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

int screen_open(const struct screen_options *options, struct screen **ret_screen)
{
	struct screen *screen;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return -ENOTTY;
	screen = calloc(1, sizeof(*screen));
	if (!screen)
		return -ENOMEM;
	screen->canvas.ops = &screen_ops;
	screen->canvas.ascii = wants_ascii(options);
	(void)tcgetattr(STDIN_FILENO, &screen->modes);
	screen->terminal = newterm(NULL, stdout, stdin);
	if (!screen->terminal || !terminal_can_address()) {
		screen_close(screen);
		return -ENOTTY;
	}
	configure();
	set_styles(screen, options->colour);
	set_mouse(screen, options->mouse);
	*ret_screen = screen;
	return 0;
}

void screen_configure(struct screen *screen, const struct screen_options *options)
{
	screen->canvas.ascii = wants_ascii(options);
	set_styles(screen, options->colour);
	set_mouse(screen, options->mouse);
	screen_redraw(screen);
}

void screen_suspend(struct screen *screen)
{
	if (screen->mouse)
		tell_terminal(MOUSE_OFF);
	(void)endwin();
}

void screen_resume(struct screen *screen)
{
	(void)reset_prog_mode();
	screen_resize(screen);
	(void)refresh();
	if (screen->mouse)
		tell_terminal(MOUSE_ON);
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	if (screen->terminal) {
		set_mouse(screen, false);
		(void)endwin();
		delscreen(screen->terminal);
	}
	free(screen);
}

static void add_capability(struct screen_rescue *rescue, const char *capability)
{
	size_t len = capability ? strlen(capability) : 0;

	/* Nobody waits for a terminal of today: "$<5>" is for others. */
	if (len == 0 || strchr(capability, '$') || rescue->len + len > sizeof(rescue->text))
		return;
	memcpy(rescue->text + rescue->len, capability, len);
	rescue->len += len;
}

void screen_rescue_init(const struct screen *screen, struct screen_rescue *ret_rescue)
{
	struct screen_rescue rescue = {.modes = screen->modes};

	add_capability(&rescue, MOUSE_OFF);
	add_capability(&rescue, exit_attribute_mode);
	add_capability(&rescue, cursor_normal);
	add_capability(&rescue, keypad_local);
	add_capability(&rescue, exit_ca_mode);
	*ret_rescue = rescue;
}

void screen_rescue(const struct screen_rescue *rescue)
{
	const char *text = rescue->text;
	size_t left = rescue->len;
	ssize_t n;

	while (left) {
		n = write(STDOUT_FILENO, text, left);
		if (n <= 0)
			break;
		text += n;
		left -= (size_t)n;
	}
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &rescue->modes);
}

struct canvas *screen_canvas(struct screen *screen)
{
	return &screen->canvas;
}

void screen_flush(struct screen *screen)
{
	(void)screen;
	(void)refresh();
}

void screen_redraw(struct screen *screen)
{
	(void)screen;
	(void)clearok(stdscr, TRUE);
}

void screen_resize(struct screen *screen)
{
	struct winsize size = {0};

	(void)screen;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		(void)resizeterm(size.ws_row, size.ws_col);
	(void)clearok(stdscr, TRUE);
}

void screen_copy(struct screen *screen, const char *text)
{
	char sequence[CLIPBOARD_LEN];
	size_t len = clipboard_print(text, sequence);

	(void)screen;
	(void)fwrite(sequence, 1, len, stdout);
	(void)fflush(stdout);
}

static int special_key(wint_t curses)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(special_keys); i++) {
		if (special_keys[i].curses == curses)
			return special_keys[i].key;
	}
	if (curses >= KEY_F(1) && curses <= KEY_F(12))
		return KEY_FUNCTION + (int)(curses - KEY_F(0));
	return KEY_UNKNOWN;
}

static int character_key(wint_t character)
{
	if (character == '\n')
		return KEY_RETURN;
	if (character == '\b' || character == 0x7f)
		return KEY_ERASE;
	return character ? (int)character : KEY_UNKNOWN;
}

/* The rest of a report, which follows at once. Returns false when it is damaged, or none of ours. */
static bool read_mouse(struct screen *screen)
{
	char report[MOUSE_REPORT_LEN];
	wint_t character = 0;
	size_t len = 0;

	(void)wtimeout(stdscr, ESCAPE_DELAY_MS);
	while (len + 1 < sizeof(report) && get_wch(&character) == OK && character < 0x7f) {
		report[len++] = (char)character;
		if (character == 'M' || character == 'm')
			break;
	}
	(void)nodelay(stdscr, TRUE);
	report[len] = '\0';
	return !mouse_parse(report, &screen->event);
}

int screen_read_key(struct screen *screen)
{
	wint_t character;

	switch (get_wch(&character)) {
	case OK:
		return character_key(character);
	case KEY_CODE_YES:
		if (character != MOUSE_CODE)
			return special_key(character);
		return read_mouse(screen) ? KEY_POINTED : KEY_UNKNOWN;
	default:
		return KEY_NONE;
	}
}

void screen_mouse(const struct screen *screen, struct mouse_event *ret_event)
{
	*ret_event = screen->event;
}
