/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/below.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "symbolizer/base.h"
#include "symbolizer/descendants.h"
#include "user/log.h"

uint32_t below_count(const struct options *options)
{
	_cleanup_(freep) pid_t *pids = NULL;
	uint32_t count = 0;
	size_t n, i;

	if (options->follow)
		return 0;
	pids = calloc(DESCENDANTS_MAX, sizeof(*pids));
	if (!pids)
		return 0;
	n = descendants_find(options->pids, options->n_pids, pids, DESCENDANTS_MAX);
	for (i = 0; i < n; i++)
		if (descendants_is_node(pids[i]))
			count++;
	return count;
}

void below_log(const struct options *options, uint32_t n)
{
	if (n && !options->view)
		log_info("%" PRIu32 " Node.js process%s below pid %d %s not traced, --follow does",
			 n, n == 1 ? "" : "es", options->pid, n == 1 ? "is" : "are");
}
