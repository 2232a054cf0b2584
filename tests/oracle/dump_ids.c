/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* dump_ids RECORDING: every event that carries async ids, one JSON object a line, for idscore.py. */
#include <inttypes.h>
#include <stdio.h>

#include "aggregator/replay.h"

static const char *const kind_names[NT_EVENT_KINDS] = {
#define KIND_NAME(name, lower, number) [NT_EVENT_##name] = #lower,
	NT_EVENTS(KIND_NAME)
#undef KIND_NAME
};

static const char *kind_name(enum nt_event_kind kind)
{
	return kind < NT_EVENT_KINDS && kind_names[kind] ? kind_names[kind] : "?";
}

/* Type names of node are plain words: nothing needs an escape. */
static void print_event(const struct event *event)
{
	printf("{\"kind\":\"%s\",\"ts\":%" PRIu64 ",\"tid\":%" PRIu32 ",\"exec\":%" PRIu64
	       ",\"trigger\":%" PRIu64 ",\"counter\":%" PRIu64,
	       kind_name(event->kind), event->ts, event->tid, event->exec, event->trigger,
	       event->counter);
	printf(",\"a\":%" PRIu64 ",\"b\":%" PRIu64 ",\"c\":%" PRIu64, event->a, event->b, event->c);
	if (event->kind == NT_EVENT_INIT)
		printf(",\"type\":\"%s\"", event->text);
	printf(",\"candidates\":[");
	for (uint32_t i = 0; i < event->n_candidates; i++)
		printf("%s[%" PRIu64 ",%" PRIu64 "]", i ? "," : "", event->candidates[i].id,
		       event->candidates[i].trigger);
	printf("]}\n");
}

int main(int argc, char **argv)
{
	struct replay *replay;
	struct event event;
	FILE *in = argc == 2 ? fopen(argv[1], "re") : NULL;
	int got;

	if (!in || replay_new(in, &replay)) {
		(void)fputs("usage: dump_ids RECORDING\n", stderr);
		return 2;
	}
	while ((got = replay_next(replay, &event)) > 0)
		if (event.has_ids)
			print_event(&event);
	replay_free(replay);
	(void)fclose(in);
	return got ? 1 : 0;
}
