/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The probes, one program per shape (config.h). Each reads its registers, fills an event, sends it.
 * Which symbols they sit on is symbolizer/sites.c's business; sites are told apart by the cookie.
 */
#include "bpf/http.bpf.h"
#include "bpf/http2.bpf.h"
#include "bpf/pool.bpf.h"
#include "bpf/promises.bpf.h"
#include "bpf/samples.bpf.h"
#include "bpf/scopes.bpf.h"
#include "bpf/sockets.bpf.h"
#include "bpf/switches.bpf.h"
#include "bpf/time.bpf.h"

char bpf_license[] SEC("license") = "Dual BSD/GPL";
