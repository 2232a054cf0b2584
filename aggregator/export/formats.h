/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The formats that exporters.c lists: one file each. */
#ifndef NT_AGGREGATOR_EXPORT_FORMATS_H
#define NT_AGGREGATOR_EXPORT_FORMATS_H

#include "aggregator/export/exporter.h"

extern const struct exporter_ops text_exporter;
extern const struct exporter_ops ndjson_exporter;
extern const struct exporter_ops folded_exporter;
extern const struct exporter_ops routes_exporter;

#endif
