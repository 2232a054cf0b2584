/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/option_pids.h"

#include <string.h>

#include "symbolizer/base.h"
#include "user/units.h"

static int add(struct options *options, const char *text, char *why, size_t why_len)
{
	uint64_t pid;
	size_t i;

	if (units_number(text, 1, INT32_MAX, &pid)) {
		(void)snprintf(why, why_len, "'%s' is not a process id", text);
		return -EINVAL;
	}
	for (i = 0; i < options->n_pids; i++)
		if (options->pids[i] == (pid_t)pid)
			return 0;
	if (options->n_pids == OPTIONS_MAX_PIDS) {
		(void)snprintf(why, why_len, "more than %d processes", OPTIONS_MAX_PIDS);
		return -EINVAL;
	}
	options->pids[options->n_pids++] = (pid_t)pid;
	options->pid = options->pids[0];
	return 0;
}

int option_pids_add(struct options *options, const char *arg, char *why, size_t why_len)
{
	char text[64];
	size_t len;
	int err;

	for (;; arg += len + 1) {
		len = strcspn(arg, ",");
		(void)snprintf(text, sizeof(text), "%.*s",
			       len < sizeof(text) ? (int)len : (int)sizeof(text) - 1, arg);
		err = add(options, text, why, why_len);
		if (err || !arg[len])
			return err;
	}
}

int option_word_add(struct options *options, const char *arg, char *why, size_t why_len)
{
	if (options->view_file && !options->replay && *arg)
		options->replay = arg;
	else if (strcmp(arg, "doctor") == 0)
		options->doctor = true;
	else if (strcmp(arg, "view") == 0)
		options->view_file = true;
	else
		return option_pids_add(options, arg, why, why_len);
	return 0;
}
