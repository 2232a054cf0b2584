// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/*
 * The probes, one program per shape (config.h). Each reads its registers, fills an event, sends it.
 * Which symbols they sit on is symbolizer/sites.c's business; sites are told apart by the cookie.
 */
#include "http.bpf.h"
#include "pool.bpf.h"
#include "promises.bpf.h"
#include "scopes.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
