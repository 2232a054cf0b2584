/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What several options have in common: mistakes, and choices among words. */
#ifndef NT_USER_OPTION_WORD_H
#define NT_USER_OPTION_WORD_H

/* Prints one sentence about the mistake. Returns EINVAL, which ends the parsing. */
int __attribute__((format(printf, 1, 2))) option_wrong(const char *format, ...);

/* Returns the index of `arg` in a list of two or three words and NULL in *ret_index and 0; or says what
 * --NAME may be, and returns EINVAL. */
int option_word(const char *name, const char *const *words, const char *arg, int *ret_index);

#endif
