/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Writes strict JSON to a FILE, one value after another, commas included. Strings come out as
 * valid UTF-8 whatever goes in: bytes that are none become U+FFFD; controls and the line
 * separators U+2028 and U+2029 are escaped. The first write error sticks and is returned by
 * json_line_end(); until then callers need not look.
 */
#ifndef NT_AGGREGATOR_EXPORT_JSON_WRITER_H
#define NT_AGGREGATOR_EXPORT_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_BUFFER 16384

struct json_writer {
	FILE *out;
	int err;
	bool comma; /* a value stands before the next one */
	unsigned int depth;
	size_t len;
	char buf[JSON_BUFFER];
};

/* Writes to `out`, which stays the caller's. */
void json_init(struct json_writer *json, FILE *out);

/* Each begin wants its end. */
void json_object_begin(struct json_writer *json);
void json_object_end(struct json_writer *json);
void json_array_begin(struct json_writer *json);
void json_array_end(struct json_writer *json);
/* `name` needs no escaping. */
void json_key(struct json_writer *json, const char *name);

/* A NULL string is written as null. */
void json_string(struct json_writer *json, const char *text);
void json_uint(struct json_writer *json, uint64_t value);
void json_bool(struct json_writer *json, bool value);
void json_null(struct json_writer *json);

/* A key and its value at once. */
void json_put_uint(struct json_writer *json, const char *name, uint64_t value);
/* 0 says "unknown" in our structs; in the output null does. */
void json_put_known(struct json_writer *json, const char *name, uint64_t value);
void json_put_string(struct json_writer *json, const char *name, const char *text);
void json_put_bool(struct json_writer *json, const char *name, bool value);
/* What is normally not so: nothing then. */
void json_put_if(struct json_writer *json, const char *name, bool is_so);
/* "line", where the call is; where only the line is known on which the function begins it is null, and that
 * is "function_line". */
void json_put_line(struct json_writer *json, uint32_t line, bool of_function);

/* Ends the line and hands everything to the FILE. Returns 0, or the first error (-EIO …). */
int json_line_end(struct json_writer *json);

#endif
