/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Events with a short text, built on the BPF stack. */
#ifndef NT_BPF_SHORT_BPF_H
#define NT_BPF_SHORT_BPF_H

#include "bpf/stack.bpf.h"

#define SHORT_TEXT 256

struct short_event {
	struct nt_event event;
	char text[SHORT_TEXT];
};

/* Sends `out` with the first `len` bytes of its text. */
static __always_inline void short_send(struct pt_regs *ctx, struct short_event *out, __u64 len)
{
	len = text_bound(len);
	if (len >= SHORT_TEXT)
		len = SHORT_TEXT - 1;
	out->event.text_len = len;
	event_send(ctx, &out->event, sizeof(out->event) + len);
}

/* Reads a NUL-terminated string into out->text. Returns its length. */
static __always_inline __u32 short_read(struct short_event *out, __u64 address)
{
	long len = bpf_probe_read_user_str(out->text, sizeof(out->text), (const void *)address);

	if (len < 0)
		count(NT_COUNTER_READ_TEXT);
	return len > 1 ? len - 1 : 0;
}

#endif
