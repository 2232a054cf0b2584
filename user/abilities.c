/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/abilities.h"

/* clang-format off */
const struct ability abilities[SITE_GROUPS] = {
	[SITE_CORE] = { SITE_CORE, "callbacks", "async ids, callbacks, timers, microtasks",
			"nothing can be traced", .is_vital = true },
	[SITE_PROMISES] = { SITE_PROMISES, "promises", "await, then and queueMicrotask",
			    "what runs behind an await is attributed by ids only", .is_whole = true },
	[SITE_REGISTRATIONS] = { .unit = SITE_PROMISES },
	[SITE_GC] = { .unit = SITE_PROMISES },
	[SITE_HTTP] = { SITE_HTTP, "http", "HTTP requests, responses and sockets",
			"no request can be seen", .is_vital = true },
	[SITE_POOL] = { SITE_POOL, "pool", "work on the thread pool: files, dns, crypto, zlib",
			"such operations lack their time on the pool, some their names" },
	[SITE_NET] = { SITE_NET, "net", "connections, child processes, message ports",
		       "such operations lack their ends or their names" },
	[SITE_TIME] = { SITE_TIME, "time", "turns of the event loop, garbage collections",
			"time the event loop waited or collected is not told apart" },
};
/* clang-format on */
