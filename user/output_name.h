/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Names of files that promise a format we do not write: text under such a name helps nobody. */
#ifndef NT_USER_OUTPUT_NAME_H
#define NT_USER_OUTPUT_NAME_H

struct options;

/* Chooses the format when neither --format nor --folded did: by the name of -o, text where that says nothing.
 * A name that ends in what stands for a well-known format of others is refused: says which, and what to type
 * instead, and returns EINVAL. */
int output_name_choose(struct options *options);

#endif
