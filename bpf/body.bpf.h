/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Has the body of a connection's last request come in whole? What node refuses on a connection is the rest
 * of that body, or else a request of its own, of which perhaps nothing was parsed.
 */
#ifndef NT_BPF_BODY_BPF_H
#define NT_BPF_BODY_BPF_H

#include "bpf/read.bpf.h"

#define CHUNKED 8 /* F_CHUNKED, deps/llhttp/include/llhttp.h at v16.20.2 and v24.0.0 */

/* The llhttp_t of the last request by uv_stream_t, where that has a body. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u64);
} bodies SEC(".maps");

/*
 * llhttp counts content_length down, to 0 when the body, or the chunk, is whole; flags are cleared with the
 * end of the message. They stand before the type and before the status.
 */
static __always_inline int body_is_expected(__u64 llhttp)
{
	return read_u64(llhttp + cfg.llhttp_type - 8) ||
	       read_u32(llhttp + cfg.llhttp_status - 2) & CHUNKED;
}

/* Headers are complete. */
static __always_inline void body_begin(__u64 uv, __u64 llhttp)
{
	if (!uv)
		return;
	if (!body_is_expected(llhttp))
		bpf_map_delete_elem(&bodies, &uv);
	else if (bpf_map_update_elem(&bodies, &uv, &llhttp, BPF_ANY))
		count(NT_COUNTER_BODIES_FULL);
}

static __always_inline int body_is_coming(__u64 uv)
{
	const __u64 *llhttp = bpf_map_lookup_elem(&bodies, &uv);

	return llhttp && body_is_expected(*llhttp);
}

static __always_inline void body_forget(__u64 uv)
{
	bpf_map_delete_elem(&bodies, &uv);
}

#endif
