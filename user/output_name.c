/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/output_name.h"

#include <string.h>
#include <strings.h>

#include "aggregator/export/exporter.h"
#include "symbolizer/base.h"
#include "user/option_word.h"
#include "user/options.h"

#define DRAW   "--folded | flamegraph.pl >"
#define PACK   "--format ndjson |"
#define RECORD "--record-events"
#define CSV                                                                                        \
	"--format ndjson | jq -r 'select(.k==\"req\") | [.start_ns,.method,.url,.status] | @csv' " \
	">"
#define OPENED ", and open that with speedscope"

/* The first that fits counts: longer endings stand before what they end in. */
static const struct {
	const char *ending;
	const char *format;  /* that it stands for */
	const char *type;    /* in place of -o and the name: this, … */
	const char *renamed; /* … the name with this ending, NULL the name as it was given, … */
	const char *then;    /* … and what to do with it */
} rows[] = {
	{".speedscope.json", "speedscope's JSON", "-o", ".folded", OPENED},
	{".speedscope", "speedscope's JSON", "-o", ".folded", OPENED},
	{".cpuprofile", "V8's profile", "--folded=cpu -o", ".folded", OPENED},
	{".pprof", "pprof", "-o", ".folded", OPENED},
	{".pb.gz", "pprof", "-o", ".folded", OPENED},
	{".pb", "pprof", "-o", ".folded", OPENED},
	{".perfetto-trace", "Perfetto's trace", "-o", ".folded", OPENED},
	{".pftrace", "Perfetto's trace", "-o", ".folded", OPENED},
	{".svg", "SVG", DRAW, NULL, ""},
	{".png", "PNG", DRAW, ".svg", ""},
	{".pdf", "PDF", DRAW, ".svg", ""},
	{".html", "HTML", DRAW, ".svg", ", and open that with a browser"},
	{".htm", "HTML", DRAW, ".svg", ", and open that with a browser"},
	{".json", "one JSON document", "-o", ".ndjson", ", which has one object a line"},
	{".csv", "CSV", CSV, NULL, ""},
	{".gz", "gzip", PACK " gzip >", NULL, ""},
	{".zst", "zstd", PACK " zstd >", NULL, ""},
	{".ntr", "a recording", RECORD, NULL, ""},
	{".rec", "a recording", RECORD, NULL, ""},
};

static bool ends_in(const char *path, size_t len, const char *ending)
{
	size_t n = strlen(ending);

	return len >= n && strcasecmp(path + len - n, ending) == 0;
}

/* Returns 0 for a name that promises nothing. */
static int refuse(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *renamed = rows[i].renamed;
		size_t kept = len - (renamed ? strlen(rows[i].ending) : 0);

		if (ends_in(path, len, rows[i].ending))
			return option_wrong(
				"-o '%s': %s is no format of ours (text, ndjson, folded, "
				"routes). Instead: %s '%.*s%s'%s",
				path, rows[i].format, rows[i].type, (int)kept, path,
				renamed ? renamed : "", rows[i].then);
	}
	return 0;
}

int output_name_choose(struct options *options)
{
	int err = 0;

	if (options->format)
		return 0;
	if (options->output)
		options->format = exporter_find_by_path(options->output);
	if (options->format)
		return 0;
	if (options->output && !options->doctor)
		err = refuse(options->output);
	options->format = exporter_find("text");
	return err;
}
