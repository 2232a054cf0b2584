/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The protocol of a request, and what came and went on its WebSocket, as members of a JSON object. */
#ifndef NT_AGGREGATOR_EXPORT_JSON_PROTOCOL_H
#define NT_AGGREGATOR_EXPORT_JSON_PROTOCOL_H

#include "aggregator/export/json_writer.h"
#include "aggregator/request.h"

/* "protocol", null when it is not known, and "tls". */
void json_protocol(struct json_writer *json, const struct request *request);
/* "websocket"; nothing of NULL. */
void json_websocket(struct json_writer *json, const struct websocket *websocket);

#endif
