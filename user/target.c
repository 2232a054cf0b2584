/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/target.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "symbolizer/base.h"
#include "user/log.h"
#include "user/privilege.h"

#define WHY_MAX 512

/* What an errno of the symbolizer means for the caller of the program. */
static enum exit_code code_of(int err)
{
	switch (err) {
	case -ESRCH:
		return EXIT_CODE_NO_TARGET;
	case -EPERM:
	case -EACCES:
		return EXIT_CODE_PRIVILEGE;
	case -ENOENT:
	case -ENOEXEC:
	case -EOPNOTSUPP:
	case -EBADMSG:
		return EXIT_CODE_UNSUPPORTED;
	default:
		return EXIT_CODE_FAILURE;
	}
}

/* Whatever failed, a process that is gone failed for that reason. */
static enum exit_code fail(pid_t pid, const struct process *process, int err, const char *why)
{
	if (err == -ESRCH || (process && !process_alive(process))) {
		log_err(0, "cannot attach to pid %d: there is no such process. Try: pgrep -a node",
			pid);
		return EXIT_CODE_NO_TARGET;
	}
	if ((err == -EPERM || err == -EACCES) && !privilege_has_sys_ptrace())
		log_err(0,
			"cannot attach to pid %d: %s without CAP_SYS_PTRACE. Try: sudo ntrace-bpf "
			"-p %d",
			pid, why, pid);
	else
		log_err(0, "cannot attach to pid %d: %s", pid, why);
	return code_of(err);
}

static enum exit_code check_privilege(pid_t pid)
{
	char why[WHY_MAX];

	if (!privilege_check(pid, why, sizeof(why)))
		return EXIT_CODE_OK;
	log_err(0, "cannot attach to pid %d: %s", pid, why);
	return EXIT_CODE_PRIVILEGE;
}

static bool is_libnode(const struct mapping *mapping)
{
	const char *name = mapping->path ? strrchr(mapping->path, '/') : NULL;

	return name && strncmp(name, "/libnode.so", strlen("/libnode.so")) == 0;
}

/*
 * Node's code is in the executable, or in libnode.so where a distribution built it that way. The
 * executable is told by its inode: paths in maps may be deleted or of another mount namespace.
 */
static int find_code(const struct process *process, const struct mapping **ret_code)
{
	const struct mapping *found = NULL, *mapping;
	struct stat st = {0};
	char path[64];
	size_t i;

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", process_pid(process));
	if (stat(path, &st))
		return -errno;
	for (i = 0; i < process_mapping_count(process); i++) {
		mapping = process_mapping(process, i);
		if (!mapping->executable)
			continue;
		if (is_libnode(mapping) || (!found && mapping->inode == st.st_ino))
			found = mapping;
	}
	if (!found)
		return -ENOENT;
	*ret_code = found;
	return 0;
}

/*
 * The file is opened once: a path would be looked up again for each link, and name another file when
 * the target executes another program meanwhile.
 */
static int open_code(struct target *target, const struct mapping *code)
{
	int err = process_open_path(target->process, code, target->path, sizeof(target->path));

	if (err)
		return err;
	target->fd = open(target->path, O_RDONLY | O_CLOEXEC);
	if (target->fd < 0)
		return -errno;
	(void)snprintf(target->path, sizeof(target->path), "/proc/self/fd/%d", target->fd);
	return 0;
}

static enum exit_code open_elf(pid_t pid, struct target *target)
{
	const struct mapping *code = NULL;
	int err;

	err = find_code(target->process, &code);
	if (err == -ENOENT)
		return fail(pid, target->process, err,
			    "its program file cannot be found in its memory map");
	if (!err)
		err = open_code(target, code);
	if (!err)
		err = elf_file_open(target->path, &target->elf);
	if (err == -ENOEXEC || err == -EBADMSG)
		return fail(pid, target->process, err,
			    "its program file is no x86-64 ELF file that can be read");
	return err ? fail(pid, target->process, err, "its program file cannot be read")
		   : EXIT_CODE_OK;
}

static enum exit_code open_layout(pid_t pid, struct target *target)
{
	char why[WHY_MAX] = "";
	int err;

	err = layout_discover(target->process, target->elf, &target->layout, why, sizeof(why));
	if (!err)
		err = layout_verify(target->process, &target->layout, why, sizeof(why));
	if (err)
		return fail(pid, target->process, err, why[0] ? why : strerror(-err));
	log_debug("pid %d is node %s, V8 %s, file '%s'", pid, target->layout.node_version,
		  target->layout.v8_version, target->path);
	return EXIT_CODE_OK;
}

/* The rows of that group stay out. */
static void drop_group(struct site_list *list, enum site_group group)
{
	size_t i, kept = 0;

	for (i = 0; i < list->n_sites; i++)
		if (list->sites[i].group != group)
			list->sites[kept++] = list->sites[i];
	list->n_sites = kept;
}

static enum exit_code resolve_sites(const struct options *options, struct target *target)
{
	char why[WHY_MAX];
	size_t i;
	int err;

	err = sites_resolve(target->elf, &target->layout, &target->sites);
	if (err)
		return fail(options->pid, target->process, err,
			    "its program file cannot be searched for probe sites");
	for (i = 0; i < target->sites.n_missing; i++)
		log_debug("no site for '%s' in this binary", target->sites.missing[i]);
	if (target->sites.missing_required) {
		(void)snprintf(why, sizeof(why), "this build of node has no '%s' to probe",
			       target->sites.missing_required);
		return fail(options->pid, target->process, -EOPNOTSUPP, why);
	}
	if (options->promises != PROMISES_EXACT)
		drop_group(&target->sites, SITE_REGISTRATIONS);
	if (options->promises == PROMISES_OFF)
		drop_group(&target->sites, SITE_PROMISES);
	if (options->promises == PROMISES_OFF && !options->stacks)
		drop_group(&target->sites, SITE_GC);
	return EXIT_CODE_OK;
}

enum exit_code target_open(const struct options *options, struct target *ret_target)
{
	struct target *target = ret_target;
	enum exit_code code;
	int err;

	*target = (struct target){.fd = -1};
	err = process_open(options->pid, &target->process);
	if (err == -ESRCH)
		return fail(options->pid, NULL, err, "");
	code = check_privilege(options->pid);
	if (code)
		return code;
	if (err)
		return fail(options->pid, NULL, err, "it cannot be looked into");
	code = open_elf(options->pid, target);
	if (!code)
		code = open_layout(options->pid, target);
	if (!code)
		code = resolve_sites(options, target);
	return code;
}

void target_done(struct target *target)
{
	sites_done(&target->sites);
	elf_file_close(target->elf);
	process_close(target->process);
	closep(&target->fd);
	*target = (struct target){.fd = -1};
}

const char *target_name(const struct target *target)
{
	const char *script = process_script(target->process);

	return *script ? script : process_exe(target->process);
}
