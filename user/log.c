/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "aggregator/text.h"
#include "symbolizer/base.h"

#define LINE_MAX_LEN 1024
#define HELD_MAX     32
#define ONCE_MAX     16 /* more than there are in the program */

/* Which -v shows it. */
enum level {
	LEVEL_DEBUG = 1,
	LEVEL_LIBBPF = 2,
	LEVEL_LIBBPF_CHATTER = 3
};

/* The only mutable global state of the program. */
static struct {
	pthread_mutex_t lock;
	int verbosity;
	bool hold;
	char *held[HELD_MAX];       /* ring of the last lines */
	size_t n_held;              /* ever */
	const char *said[ONCE_MAX]; /* formats of log_warn_once() */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

void log_init(int verbosity)
{
	state.verbosity = verbosity;
}

static void emit(const char *line)
{
	char **slot;

	pthread_mutex_lock(&state.lock);
	if (state.hold) {
		slot = &state.held[state.n_held++ % HELD_MAX];
		free(*slot);
		*slot = strdup(line);
	} else {
		(void)fprintf(stderr, "ntrace-bpf: %s\n", line);
	}
	pthread_mutex_unlock(&state.lock);
}

__attribute__((format(printf, 3, 0))) static void print(int err, const char *prefix,
							const char *format, va_list args)
{
	char raw[LINE_MAX_LEN], line[LINE_MAX_LEN];
	size_t len;
	int n;

	n = vsnprintf(raw, sizeof(raw), format, args);
	if (n < 0)
		return;
	len = strnlen(raw, sizeof(raw));
	while (len > 0 && raw[len - 1] == '\n')
		len--;
	len = text_sanitize(line, sizeof(line), raw, len, NULL);
	if (err < 0 && len < sizeof(line))
		(void)snprintf(line + len, sizeof(line) - len, ": %s", strerror(-err));
	(void)snprintf(raw, sizeof(raw), "%s%s", prefix, line);
	emit(raw);
}

void log_hold(void)
{
	pthread_mutex_lock(&state.lock);
	state.hold = true;
	pthread_mutex_unlock(&state.lock);
}

void log_release(void)
{
	size_t i;

	pthread_mutex_lock(&state.lock);
	state.hold = false;
	for (i = state.n_held > HELD_MAX ? state.n_held - HELD_MAX : 0; i < state.n_held; i++) {
		if (state.held[i % HELD_MAX])
			(void)fprintf(stderr, "ntrace-bpf: %s\n", state.held[i % HELD_MAX]);
		free(state.held[i % HELD_MAX]);
		state.held[i % HELD_MAX] = NULL;
	}
	state.n_held = 0;
	pthread_mutex_unlock(&state.lock);
}

void log_err(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(err, "", format, args);
	va_end(args);
}

void log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(0, "warning: ", format, args);
	va_end(args);
}

/* The same text is the same pointer: formats are literals, each in one place. */
static bool is_first(const char *format)
{
	bool first = true;
	size_t i;

	pthread_mutex_lock(&state.lock);
	for (i = 0; i < ONCE_MAX && state.said[i] && first; i++)
		first = state.said[i] != format;
	if (first && i < ONCE_MAX)
		state.said[i] = format;
	pthread_mutex_unlock(&state.lock);
	return first;
}

void log_warn_once(const char *format, ...)
{
	va_list args;

	if (!is_first(format))
		return;
	va_start(args, format);
	print(0, "warning: ", format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(0, "", format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	if (state.verbosity < LEVEL_DEBUG)
		return;
	va_start(args, format);
	print(0, "", format, args);
	va_end(args);
}

__attribute__((format(printf, 2, 0))) static int print_libbpf(enum libbpf_print_level level,
							      const char *format, va_list args)
{
	if (state.verbosity < (level == LIBBPF_DEBUG ? LEVEL_LIBBPF_CHATTER : LEVEL_LIBBPF))
		return 0;
	print(0, "", format, args);
	return 0;
}

void log_adopt_libbpf(void)
{
	(void)libbpf_set_print(print_libbpf);
}
