/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/json_protocol.h"

void json_protocol(struct json_writer *json, const struct request *request)
{
	const char *name = protocol_name(request->protocol, request->tls);

	json_key(json, "protocol");
	json_string(json, *name ? name : NULL);
	json_put_bool(json, "tls", request->tls);
}

static void put_side(struct json_writer *json, const char *name, const struct websocket_side *side)
{
	json_key(json, name);
	json_object_begin(json);
	json_put_uint(json, "bytes", side->bytes);
	json_put_uint(json, "messages", side->text + side->binary);
	json_put_uint(json, "text", side->text);
	json_put_uint(json, "binary", side->binary);
	json_put_uint(json, "pings", side->pings);
	json_put_uint(json, "pongs", side->pongs);
	json_put_uint(json, "closes", side->closes);
	json_put_if(json, "at_least", side->at_least);
	json_put_if(json, "deflated", side->deflated);
	json_object_end(json);
}

void json_websocket(struct json_writer *json, const struct websocket *websocket)
{
	if (!websocket)
		return;
	json_key(json, "websocket");
	json_object_begin(json);
	put_side(json, "in", &websocket->in);
	put_side(json, "out", &websocket->out);
	json_object_end(json);
}
