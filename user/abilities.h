/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What each group of probes is good for, and what its absence costs: for warnings and doctor. */
#ifndef NT_USER_ABILITIES_H
#define NT_USER_ABILITIES_H

#include <stdbool.h>

#include "symbolizer/sites.h"

struct ability {
	enum site_group unit; /* the group under which several are one ability */
	const char *name;     /* "promises" */
	const char *title;    /* what it shows */
	const char *without;  /* what happens without it, as a clause */
	bool is_vital;        /* nothing can be shown without it */
	bool is_whole;        /* a part of it is worth nothing: then all of it is off */
};

/* By enum site_group. */
extern const struct ability abilities[SITE_GROUPS];

#endif
