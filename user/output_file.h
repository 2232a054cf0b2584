/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Files that we write for a user while we may run as root: -o and --record-events.
 *
 * Created with mode 0600 for whoever called sudo. An existing file is overwritten only when it is a
 * regular file of that user's (or ours), or a pipe or character device; a symbolic link never is.
 */
#ifndef NT_USER_OUTPUT_FILE_H
#define NT_USER_OUTPUT_FILE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * Opens path for writing; NULL, "-" and "/dev/stdout" are standard output (a duplicate, so the
 * caller closes either). Returns 0 and *ret_file, -ELOOP for a symbolic link, -EPERM for a file
 * that belongs to somebody else, -EINVAL for anything that is no file, or another negative errno.
 * Waits for the reader of a FIFO, and says so; -EINTR when a signal that ends us came instead.
 */
int output_file_open(const char *path, FILE **ret_file);

/* The same for a file that does not exist yet, else -EEXIST; standard output is none. */
int output_file_create(const char *path, FILE **ret_file);

/* Whether output_file_open() would fail, without a change to anything: for who has much to do before. Returns 0 also
 * where only the try tells. */
int output_file_check(const char *path);
/* The same, and logs why. */
bool output_file_expected(const char *path);

/* Who called sudo, when we are root by that. Returns false, and changes nothing, when we are not. */
bool output_file_sudo_caller(uid_t *ret_uid, gid_t *ret_gid);

/* One sentence about why output_file_open() failed, for people. */
const char *output_file_error(int err);

#endif
