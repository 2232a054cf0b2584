/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/option_conflict.h"

#include "symbolizer/base.h"

const char *option_conflict(const struct options *options)
{
	const bool several = options->n_pids > 1 || options->follow;
	const struct {
		bool is_there;
		const char *sentence;
	} rows[] = {
		{options->view_file && !options->replay,
		 "view wants the name of a recording, as --record-events writes it"},
		{options->replay && options->doctor, "--replay and doctor exclude each other"},
		{options->replay && options->pid, "--replay and a process exclude each other"},
		{options->replay && options->follow, "--replay and --follow exclude each other"},
		{options->replay && options->record_events,
		 "--replay and --record-events exclude each other"},
		{several && options->record_events, "--record-events is for one process"},
		{options->json && !options->doctor,
		 "--json is for doctor; requests have --format ndjson"},
		{!options->replay && !options->pid && !options->doctor,
		 "which process? Give its id: -p PID"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].is_there)
			return rows[i].sentence;
	return NULL;
}
