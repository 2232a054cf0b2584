/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <string.h>
#include <sys/utsname.h>

#include <bpf/libbpf.h>

#include "symbolizer/base.h"
#include "user/doctor.h"
#include "user/kernel_types.h"
#include "user/privilege.h"
#include "user/sampler.h"
#include "user/uprobe_multi.h"

/* The first line of a file of the kernel's, without its end; "" when it cannot be read. */
static void read_line(const char *path, char *buf, size_t len)
{
	_cleanup_(fclosep) FILE *file = fopen(path, "re");

	if (!file || !fgets(buf, (int)len, file))
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

static void check_kernel(struct doctor_checks *checks)
{
	struct utsname name;
	const char *slash = "unknown";

	if (!uname(&name))
		slash = name.release;
	(void)doctor_add(checks, DOCTOR_OK, "kernel", "Linux %s", slash);
	/* What is lost without it has a line of its own. */
	if (access("/sys/kernel/btf/vmlinux", R_OK) == 0)
		(void)doctor_add(checks, DOCTOR_OK, "BTF", "/sys/kernel/btf/vmlinux");
	else
		(void)doctor_add(checks, DOCTOR_NOTE, "BTF", "none; it is not needed");
}

static bool check_privileges(struct doctor_checks *checks)
{
	char held[256];
	bool enough = privilege_describe(held, sizeof(held));
	struct doctor_check *check;

	check = doctor_add(checks, enough ? DOCTOR_OK : DOCTOR_BAD, "privileges", "uid %u, %s",
			   (unsigned int)getuid(), held);
	if (!enough)
		doctor_mend(check, "sudo ntrace-bpf …, or: sudo setcap "
				   "cap_bpf,cap_perfmon,cap_sys_ptrace+ep $(which ntrace-bpf)");
	return enough;
}

static void check_lockdown(struct doctor_checks *checks)
{
	struct doctor_check *check;
	char text[128];

	read_line("/sys/kernel/security/lockdown", text, sizeof(text));
	if (strstr(text, "[confidentiality]")) {
		check = doctor_add(checks, DOCTOR_BAD, "lockdown", "%s", text);
		doctor_mend(check, "boot without lockdown=confidentiality: it forbids to read "
				   "memory from BPF");
	} else {
		(void)doctor_add(checks, DOCTOR_OK, "lockdown", "%s", *text ? text : "none");
	}
	read_line("/proc/sys/net/core/bpf_jit_enable", text, sizeof(text));
	if (strcmp(text, "0") == 0) {
		check = doctor_add(checks, DOCTOR_NOTE, "BPF compiler", "off: probes cost more");
		doctor_mend(check, "sudo sysctl net.core.bpf_jit_enable=1");
	}
}

static bool check_loading(struct doctor_checks *checks, int multi)
{
	static const struct {
		enum bpf_func_id id;
		const char *name, *since;
	} helpers[] = {
		{BPF_FUNC_loop, "bpf_loop", "5.17"},
		{BPF_FUNC_for_each_map_elem, "bpf_for_each_map_elem", "5.13"},
		{BPF_FUNC_get_attach_cookie, "bpf_get_attach_cookie", "5.15"},
	};
	struct doctor_check *check;
	size_t i;

	if (multi < 0) {
		check = doctor_add(checks, DOCTOR_BAD, "BPF programs", "cannot be loaded: %s",
				   strerror(-multi));
		doctor_mend(check, "run it as root and outside of containers without CAP_BPF; "
				   "see also: cat /sys/kernel/security/lockdown");
		return false;
	}
	for (i = 0; i < ARRAY_SIZE(helpers); i++) {
		if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, helpers[i].id, NULL) != 0)
			continue;
		check = doctor_add(checks, DOCTOR_BAD, "BPF programs", "this kernel has no %s",
				   helpers[i].name);
		doctor_mend(check, "Linux %s or later", helpers[i].since);
		return false;
	}
	(void)doctor_add(checks, DOCTOR_OK, "BPF programs", "can be loaded");
	return true;
}

static bool check_uprobes(struct doctor_checks *checks, int multi)
{
	struct doctor_check *check;

	if (multi > 0) {
		(void)doctor_add(checks, DOCTOR_OK, "uprobes",
				 "uprobe_multi links: one call for all probes of a kind");
		return true;
	}
	if (privilege_has_sys_admin()) {
		check = doctor_add(checks, DOCTOR_NOTE, "uprobes",
				   "one perf event each: attaching takes longer");
		doctor_mend(check, "Linux 6.10 or later has uprobe_multi links");
		return true;
	}
	check = doctor_add(checks, DOCTOR_BAD, "uprobes",
			   "this kernel has no uprobe_multi links, and perf uprobes need "
			   "CAP_SYS_ADMIN");
	doctor_mend(check, "sudo ntrace-bpf …, or Linux 6.10 or later");
	return false;
}

static void check_transport(struct doctor_checks *checks)
{
	struct doctor_check *check;

	if (libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) == 1) {
		(void)doctor_add(checks, DOCTOR_OK, "transport", "ring buffer");
		return;
	}
	check = doctor_add(checks, DOCTOR_NOTE, "transport", "perf buffer, one for each CPU");
	doctor_mend(check, "Linux 5.8 or later has the ring buffer");
}

static void check_samples(struct doctor_checks *checks)
{
	struct doctor_check *check;
	char why[256] = "";

	if (!sampler_supported(why, sizeof(why))) {
		(void)doctor_add(checks, DOCTOR_OK, "CPU samples",
				 "a clock for each thread: long runs of JavaScript have a line");
		return;
	}
	check = doctor_add(checks, DOCTOR_PART, "CPU samples",
			   "none, long runs of JavaScript may have no line: %s", why);
	doctor_mend(check, "CAP_PERFMON, and a kernel with perf events");
}

static void check_data(const struct options *options, struct doctor_checks *checks)
{
	struct doctor_check *check;
	struct nt_kernel kernel;

	kernel_types_choose(options, &kernel);
	if (kernel.has_sockets) {
		(void)doctor_add(checks, DOCTOR_OK, "network waits",
				 "the kernel tells when data came to a socket%s",
				 kernel.has_listened ? ", also before it is accepted"
						     : " that was read from before");
		return;
	}
	check = doctor_add(checks, DOCTOR_PART, "network waits",
			   "they last until the event loop looks, not until data comes");
	doctor_mend(check, "Linux 6.3 or later, with BTF");
}

enum exit_code doctor_machine(const struct options *options, struct doctor_checks *checks)
{
	bool privileged, loads, attaches = false;
	int multi;

	check_kernel(checks);
	privileged = check_privileges(checks);
	check_lockdown(checks);
	multi = uprobe_multi_supported();
	loads = check_loading(checks, multi);
	if (loads) {
		attaches = check_uprobes(checks, multi);
		check_transport(checks);
		check_samples(checks);
		check_data(options, checks);
	}
	return privileged && loads && attaches ? EXIT_CODE_OK : EXIT_CODE_PRIVILEGE;
}
