/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The terminal view at work: the history of requests, the figures of the header, keys and frames.
 * While it is open the terminal is its own, and messages wait. Owner: the main thread.
 */
#ifndef NT_USER_TERMINAL_H
#define NT_USER_TERMINAL_H

#include "user/frontend.h"

struct terminal;

/* Takes the terminal. Returns 0 and *ret_terminal, -ENOTTY when this is no terminal that could show it, or
 * another negative errno. `target` and what it points to must outlive it. */
int terminal_open(const struct options *options, const struct frontend_target *target,
		  struct terminal **ret_terminal);
/* Gives the terminal back, then frees the history. */
void terminal_close(struct terminal *terminal);

/* Takes the request whatever happens. */
enum output_state terminal_request(struct terminal *terminal, struct request *request);
/* The requests of this process that are in flight now. Takes the requests over, not the array. */
void terminal_open_requests(struct terminal *terminal, uint32_t pid, struct request **requests,
			    size_t n);
/* Draws a frame if one is due. */
enum output_state terminal_refresh(struct terminal *terminal, const struct totals *totals,
				   uint64_t dropped);
/* As frontend_set_phase(), frontend_tell() and frontend_take_pause(). */
void terminal_set_phase(struct terminal *terminal, enum frontend_phase phase);
void terminal_tell(struct terminal *terminal, const char *text);
bool terminal_take_pause(struct terminal *terminal);
/* Handles the keys that wait. OUTPUT_ENOUGH: the user wants to leave. */
enum output_state terminal_input(struct terminal *terminal);
void terminal_resize(struct terminal *terminal);
/* Gives the terminal back for a while, and takes it again. */
void terminal_suspend(struct terminal *terminal);
void terminal_resume(struct terminal *terminal);

/* Requests that the history had no room for any more. */
uint64_t terminal_shed(const struct terminal *terminal);

#endif
