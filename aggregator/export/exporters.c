/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/exporter.h"

#include <string.h>
#include <strings.h>

#include "aggregator/export/formats.h"

const struct exporter_ops *exporter_find(const char *name)
{
	size_t i;

	for (i = 0; exporters[i]->name; i++) {
		if (!strcmp(exporters[i]->name, name))
			return exporters[i];
	}
	return NULL;
}

static bool is_same(const char *extension, const char *text)
{
	return extension && strcasecmp(extension, text) == 0;
}

const struct exporter_ops *exporter_find_by_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash + 1 : path, '.');
	size_t i;

	if (!dot)
		return NULL;
	for (i = 0; exporters[i]->name; i++) {
		if (is_same(exporters[i]->extension, dot + 1) ||
		    is_same(exporters[i]->also, dot + 1))
			return exporters[i];
	}
	return NULL;
}

static const struct exporter_ops end_of_exporters;

const struct exporter_ops *const exporters[] = {
	&text_exporter, &ndjson_exporter, &folded_exporter, &routes_exporter, &end_of_exporters,
};
