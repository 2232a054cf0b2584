/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Where samples found the callbacks of a request, as JSON. */
#ifndef NT_AGGREGATOR_EXPORT_JSON_SAMPLES_H
#define NT_AGGREGATOR_EXPORT_JSON_SAMPLES_H

struct json_writer;
struct request;

/* The member "samples" of the request's object, when it has any: an object for each operation (null: the
 * handler) and stack, with the line of the application in it. Several may have the same line. */
void json_put_samples(struct json_writer *json, const struct request *request);

#endif
