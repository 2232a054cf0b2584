/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Digits of the texts that URLs and source maps are made of. */
#ifndef NT_SYMBOLIZER_DIGITS_H
#define NT_SYMBOLIZER_DIGITS_H

/* 0 to 15, or -1. */
int digits_hex(char c);

/* "%41" at `text`: its value, 0 to 255, or -1 when there is no such thing. */
int digits_percent(const char *text);

/* 0 to 63 in the usual alphabet, which ends in "+/"; or -1. */
int digits_base64(char c);

#endif
