/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The one sanitizer that every sink relies on. Whatever comes from the target (urls, paths, hosts,
 * function names, script names) passes through it once, on its way in.
 */
#ifndef NT_AGGREGATOR_TEXT_H
#define NT_AGGREGATOR_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Copies src[0..src_len) to dst as valid UTF-8: C0 and C1 controls, DEL, bidi controls and bytes
 * that are not UTF-8 become "\xNN" (of each byte). Always NUL-terminates when dst_size > 0, never
 * splits a character. Returns the length written, without the NUL; *ret_cut (may be NULL) tells
 * whether something did not fit.
 */
size_t text_sanitize(char *dst, size_t dst_size, const char *src, size_t src_len, int *ret_cut);

/* Returns the length of the UTF-8 character at src, and its code in *ret_code; 0 when there is
 * none (then *ret_code is unchanged). len > 0. */
size_t text_char(const char *src, size_t len, uint32_t *ret_code);

/* Returns the largest length <= len that does not end within a character of valid UTF-8. */
size_t text_boundary(const char *text, size_t len);

#endif
