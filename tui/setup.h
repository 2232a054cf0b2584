/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * How one likes the view: what F2 shows and the configuration file keeps. Text in and out; where it is
 * kept is somebody else's business. All of it is a choice between a few words, so that a damaged or
 * hostile file can do nothing but look different.
 */
#ifndef NT_TUI_SETUP_H
#define NT_TUI_SETUP_H

#include <stddef.h>

/* X(NAME, name in the file, title, words…): the first word is the default. The words stand in the order of the
 * enums of those who use them. */
#define SETUP_ITEMS(X)                                                                            \
	X(CHARACTERS, "characters", "characters", "auto", "ascii")                                \
	X(COLOUR, "color", "colours", "auto", "never")                                            \
	X(MOUSE, "mouse", "mouse", "on", "off")                                                   \
	X(SORT, "sort", "list: sort by", "age", "time", "cpu", "loopq", "poolq", "ops", "status", \
	  "method", "path")                                                                       \
	X(ORDER, "order", "list: first comes", "largest", "smallest")                             \
	X(FOLLOW, "follow", "list: the cursor follows", "newest", "first", "nothing")             \
	X(IN_FLIGHT, "in-flight", "list: requests in flight", "shown", "hidden")                  \
	X(PICTURE, "picture", "request: drawn as", "icicle", "flame")                             \
	X(COLLAPSE, "collapse", "request: operations that are alike", "together", "each")

enum setup_item {
#define SETUP_ENUM(name, key, title, ...) SETUP_##name,
	SETUP_ITEMS(SETUP_ENUM)
#undef SETUP_ENUM
	SETUP_COUNT,
};

#define SETUP_FILE_MAX 4096 /* bytes */

struct setup {
	unsigned char choice[SETUP_COUNT]; /* index of the word */
};

/* What an item is called, and its choices. */
const char *setup_title(enum setup_item item);
const char *setup_word(enum setup_item item, unsigned int choice);
unsigned int setup_words(enum setup_item item); /* how many there are */
/* The next word, or the one before, and round. */
void setup_step(struct setup *setup, enum setup_item item, int step);

/* Takes over what the text says: lines "name = word", "# comment". Returns how many lines say nothing
 * that is known; those change nothing. */
size_t setup_parse(struct setup *setup, const char *text, size_t len);
/* Writes it as such a text. Returns its length, which is less than SETUP_FILE_MAX; len too small: 0. */
size_t setup_print(const struct setup *setup, char *text, size_t len);

#endif
