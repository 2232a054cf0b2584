/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/view_export.h"

#include <string.h>

#include "aggregator/export/exporter.h"
#include "symbolizer/base.h"
#include "tui/app.h"
#include "user/output_file.h"

struct writer {
	const struct exporter_ops *format;
	struct exporter *exporter;
};

static int write_one(void *user, const struct request *request)
{
	const struct writer *writer = user;

	return writer->format->request(writer->exporter, request);
}

/* Closes the exporter whatever happened. Returns the first failure. */
static int write_all(struct writer *writer, const struct app *app, FILE *file, size_t *ret_n)
{
	struct export_summary summary = {0};
	int err = app_export(app, write_one, writer, ret_n);
	int close_err = writer->format->close(writer->exporter, &summary);

	if (!err)
		err = close_err;
	if (fflush(file) && !err)
		err = -errno;
	return err;
}

static int write_file(const struct options *options, const struct frontend_target *target,
		      const struct app *app, FILE *file, size_t *ret_n)
{
	const struct export_options export_options = {
		.metric = options->metric,
		.rules = options->rules,
		.with_pid = target->n_pids > 1,
		.start_ns = target->start_ns,
		.start_unix_ns = target->start_unix_ns,
	};
	struct writer writer = {.format = exporter_find_by_path(app_export_path(app))};
	int err = writer.format->open(file, &export_options, &writer.exporter);

	return err ? err : write_all(&writer, app, file, ret_n);
}

void view_export(const struct options *options, const struct frontend_target *target,
		 const struct app *app, char *text, size_t len)
{
	_cleanup_(fclosep) FILE *file = NULL;
	const char *path = app_export_path(app);
	size_t n = 0;
	int err;

	if (!exporter_find_by_path(path)) {
		(void)snprintf(text, len, "'%s' does not end in .ndjson, .folded, .routes or .txt",
			       path);
		return;
	}
	err = output_file_create(path, &file);
	if (err) {
		(void)snprintf(text, len, "cannot write to '%s': %s", path,
			       err == -EEXIST ? "it exists already" : output_file_error(err));
		return;
	}
	err = write_file(options, target, app, file, &n);
	if (err)
		(void)snprintf(text, len, "cannot write to '%s': %s", path, strerror(-err));
	else
		(void)snprintf(text, len, "%zu request%s written to '%s'", n, n == 1 ? "" : "s",
			       path);
}
