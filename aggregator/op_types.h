/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Names: what an AsyncWrap type or a libuv request is called as an operation. Tables only. */
#ifndef NT_AGGREGATOR_OP_TYPES_H
#define NT_AGGREGATOR_OP_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the engine needs to know about an AsyncWrap type. */
struct wrap_type {
	const char *wrap;   /* as node names it */
	const char *type;   /* operation type of its thread-pool jobs or of itself */
	const char *detail; /* detail of its thread-pool jobs, "" none */
	bool shown;         /* its creation is an operation of its own */
	bool internal;      /* the same with --all-ops */
	const char *job;    /* what its jobs are called where only one word can be, NULL: type */
	bool handle;        /* defaultTriggerAsyncIdScope puts it where a creator's id belongs */
	bool socket;        /* is made, or used again, where a connection is asked for */
};

/* The type of the node that an async function is; its detail names it. */
#define OP_TYPE_AWAIT "await"

/* The row of this type; an unlisted type gives a generic shown row (interned, bounded). Never NULL. */
const struct wrap_type *wrap_type_find(const char *wrap);

/* "fs.stat" … of enum uv_fs_type; "fs.custom" for what is unknown. */
const char *fs_type_name(uint32_t uv_fs_type);
/* uv_fs_type that gives a file descriptor back. */
bool fs_type_closes(uint32_t uv_fs_type);

/* "MX" … of a type of DNS record; NULL of an address, and of what is unknown. */
const char *dns_record_name(uint32_t type);

/* Method name of llhttp_method_t, "?" when unknown. */
const char *http_method_name(uint32_t method);
/* The static name that equals these bytes, or "?". */
const char *http_method_find(const char *name, size_t len);
#define HTTP_METHOD_HEAD 2

#endif
