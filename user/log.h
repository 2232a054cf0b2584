/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Messages for people, on stderr: one line each, from any thread.
 *
 * A line says what we tried, on which object, and why it failed; lower case, no full stop. What
 * comes from the target is made harmless here (control characters become \xNN), so callers need
 * not care. While the terminal belongs to the view, lines are held back: the last ones are printed
 * when it is given back.
 */
#ifndef NT_USER_LOG_H
#define NT_USER_LOG_H

/* Errors, warnings and information are always shown, debug from 1 (-v), libbpf's own from 2 (-vv). */
void log_init(int verbosity);

/* Keeps lines instead of printing them, until log_release(). */
void log_hold(void);
void log_release(void);

/* err is a negative errno whose text is appended, or 0. */
void log_err(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The first time only that this very format is given: what is true of each process is said of one. */
void log_warn_once(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Routes libbpf's messages here; they are shown from -vv on, its chatter from -vvv on. */
void log_adopt_libbpf(void);

#endif
