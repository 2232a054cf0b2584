/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is written to stderr between two moments. */
#ifndef NT_TEST_CAPTURED_H
#define NT_TEST_CAPTURED_H

#include <fcntl.h>
#include <sys/mman.h>

#include "symbolizer/base.h"

struct capture {
	int file;
	int saved;
	char text[8192];
};

static inline void begin(struct capture *capture)
{
	(void)fflush(stderr);
	capture->file = memfd_create("captured", MFD_CLOEXEC);
	capture->saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	assert_true(capture->file >= 0 && capture->saved >= 0);
	assert_true(dup2(capture->file, STDERR_FILENO) >= 0);
}

static inline const char *end(struct capture *capture)
{
	ssize_t n;

	assert_true(dup2(capture->saved, STDERR_FILENO) >= 0);
	n = pread(capture->file, capture->text, sizeof(capture->text) - 1, 0);
	assert_true(n >= 0);
	capture->text[n] = '\0';
	(void)close(capture->file);
	(void)close(capture->saved);
	return capture->text;
}

#endif
