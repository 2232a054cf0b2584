/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Requests that are still running, on their way from the engine to who looks at them. */
#ifndef NT_USER_IN_FLIGHT_H
#define NT_USER_IN_FLIGHT_H

struct engine;
struct handoff;

/* Puts copies of them into the handoff, when its consumer wants to know. For the ingest thread. */
void in_flight_publish(const struct engine *engine, struct handoff *handoff);

#endif
