/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What --help says around the options. */
#include <argp.h>

#include "user/options.h"

const char options_doc[] =
	"Shows what a running Node.js server does for each HTTP request, without touching it."
	"\v"
	"Examples:\n"
	"  sudo ntrace-bpf -p 4121\n"
	"  sudo ntrace-bpf -p 4121 -d 10s --format ndjson -o requests.ndjson\n"
	"  sudo ntrace-bpf -p 4121 --filter 'dur>50ms && path=~\"^/api\" && status>=500'\n"
	"  sudo ntrace-bpf -p 4121 -d 30s --folded | flamegraph.pl > waits.svg\n"
	"  sudo ntrace-bpf -p 4121 --follow        a cluster: give the primary's id\n"
	"  ntrace-bpf view events.rec              what --record-events wrote, without root\n"
	"  sudo ntrace-bpf doctor -p 4121          what works here, and how to mend the rest\n"
	"\n"
	"Exit status: 0 ended as asked, 1 failure, 2 usage, 3 no such process,\n"
	"4 no privilege or the kernel lacks a feature, 5 not a supported Node.js,\n"
	"6 the process ended during the capture.";

void options_show_help(const struct argp *root)
{
	static char name[] = "ntrace-bpf";

	argp_help(root, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, name);
}
