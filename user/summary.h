/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The last words of a capture, on stderr, for formats that carry none for people. */
#ifndef NT_USER_SUMMARY_H
#define NT_USER_SUMMARY_H

#include "aggregator/export/exporter.h"
#include "user/options.h"

/* Logs the sums of a capture, and what was lost. */
void summary_log(const struct options *options, const struct export_summary *summary);

#endif
