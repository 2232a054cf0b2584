/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/protocol.h"

#include "aggregator/arena.h"
#include "symbolizer/base.h"

static const char *const names[][2] = {
#define PROTOCOL_NAMES(name, plain, tls) [PROTOCOL_##name] = {(plain), (tls)},
	PROTOCOLS(PROTOCOL_NAMES)
#undef PROTOCOL_NAMES
};
_Static_assert(ARRAY_SIZE(names) == PROTOCOL_COUNT, "names for each protocol");

const char *protocol_name(enum protocol protocol, bool tls)
{
	return names[protocol][tls];
}

enum protocol protocol_of_http(uint32_t major, uint32_t minor)
{
	if (major == 2)
		return PROTOCOL_HTTP_2;
	if (major != 1 || minor > 1)
		return PROTOCOL_HTTP_1;
	return minor ? PROTOCOL_HTTP_1_1 : PROTOCOL_HTTP_1_0;
}

struct websocket *websocket_copy(struct arena *arena, const struct websocket *websocket)
{
	struct websocket *copy = websocket ? arena_alloc(arena, sizeof(*copy)) : NULL;

	if (copy)
		*copy = *websocket;
	return copy;
}
