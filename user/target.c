/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/target.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/image.h"
#include "user/abilities.h"
#include "user/clock.h"
#include "user/log.h"
#include "user/privilege.h"
#include "user/starting.h"

#define WHY_MAX TARGET_WHY_MAX

static const struct target target_none = {
	.files = {{.fd = -1}, {.fd = -1}},
};

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
static enum exit_code fail(struct target *target, int err, const char *why)
{
	const bool gone = err == -ESRCH || (target->process && !process_alive(target->process));

	if (gone)
		(void)snprintf(target->why, sizeof(target->why),
			       "there is no such process. Try: pgrep -a node");
	else if ((err == -EPERM || err == -EACCES) && !privilege_has_sys_ptrace())
		(void)snprintf(target->why, sizeof(target->why),
			       "%s without CAP_SYS_PTRACE. Try: sudo ntrace-bpf -p %d", why,
			       target->pid);
	else if (err == -EAGAIN)
		(void)snprintf(target->why, sizeof(target->why),
			       "it is still starting: %s. Try again in a moment", why);
	else
		(void)snprintf(target->why, sizeof(target->why), "%s", why);
	target->err = gone ? -ESRCH : err;
	return gone ? EXIT_CODE_NO_TARGET : code_of(err);
}

static enum exit_code check_privilege(struct target *target)
{
	if (!privilege_check(target->pid, target->why, sizeof(target->why)))
		return EXIT_CODE_OK;
	target->err = -EPERM;
	return EXIT_CODE_PRIVILEGE;
}

/*
 * The file is opened once: a path would be looked up again for each link, and name another file when
 * the target executes another program meanwhile.
 */
static int open_code(const struct process *process, const struct mapping *code,
		     struct target_file *file)
{
	char path[PATH_MAX];
	int err = process_open_path(process, code, path, sizeof(path));

	if (err)
		return err;
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		return -errno;
	(void)snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
	return 0;
}

/* libuv, where it is a library of its own; what goes wrong here shows as missing probes. */
static struct elf_file *open_uv(struct target *target)
{
	struct target_file *file = &target->files[TARGET_LIBRARY];
	const struct mapping *code;
	struct elf_file *elf = NULL;

	if (image_find_uv(target->process, &code) || open_code(target->process, code, file))
		return NULL;
	(void)elf_file_open(file->path, &elf);
	return elf;
}

static enum exit_code open_elf(struct target *target)
{
	struct target_file *file = &target->files[TARGET_NODE];
	const struct mapping *code = NULL;
	int err;

	err = image_find_node(target->process, &code);
	if (err == -ENOENT)
		return fail(target, err, "its program file cannot be found in its memory map");
	if (!err)
		err = open_code(target->process, code, file);
	if (!err)
		err = elf_file_open(file->path, &target->elf);
	if (err == -ENOEXEC || err == -EBADMSG)
		return fail(target, err, "its program file is no x86-64 ELF file that can be read");
	if (!err)
		err = image_complete(target->process, target->elf, open_uv(target));
	return err ? fail(target, err, "its program file cannot be read") : EXIT_CODE_OK;
}

static enum exit_code open_layout(struct target *target)
{
	char why[WHY_MAX] = "";
	int err;

	err = layout_discover(target->process, target->elf, &target->layout, why, sizeof(why));
	if (!err)
		err = layout_verify(target->process, &target->layout, why, sizeof(why));
	if (err)
		return fail(target, err, why[0] ? why : strerror(-err));
	log_debug("pid %d is node %s, V8 %s, file '%s'", target->pid, target->layout.node_version,
		  target->layout.v8_version, process_exe(target->process));
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

/* What a process cannot be traced without. */
static const struct site_gap *fatal_gap(const struct site_list *list)
{
	size_t i;

	for (i = 0; i < list->n_missing; i++)
		if (list->gaps[i].required && abilities[list->gaps[i].group].is_vital)
			return &list->gaps[i];
	return NULL;
}

/* Names the required rows of an ability that have no site. Returns the length, 0 none. */
static size_t name_gaps(const struct site_list *list, unsigned int ability, char *buf, size_t size)
{
	size_t i, len = 0;

	for (i = 0; i < list->n_missing; i++)
		if (list->gaps[i].required && abilities[list->gaps[i].group].unit == ability &&
		    len < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
						list->gaps[i].name);
	return len;
}

static void drop_ability(struct site_list *list, unsigned int ability)
{
	unsigned int group;

	for (group = 0; group < SITE_GROUPS; group++)
		if (abilities[group].unit == ability)
			drop_group(list, (enum site_group)group);
}

/* Says once for each ability what is not there, and what that costs. */
static void heed_gaps(const struct options *options, struct target *target)
{
	char names[WHY_MAX];
	unsigned int ability;

	for (ability = 0; ability < SITE_GROUPS; ability++) {
		bool unwanted = ability == SITE_PROMISES && options->promises == PROMISES_OFF;

		if (unwanted || !name_gaps(&target->sites, ability, names, sizeof(names)))
			continue;
		if (!target->quiet)
			log_warn("this build of node has no %s to probe: %s. 'ntrace-bpf doctor "
				 "-p %d' says more",
				 names, abilities[ability].without, target->pid);
		if (abilities[ability].is_whole)
			drop_ability(&target->sites, ability);
	}
}

static enum exit_code resolve_sites(const struct options *options, struct target *target)
{
	const struct site_gap *gap;
	char why[WHY_MAX];
	size_t i;
	int err;

	err = sites_resolve(target->elf, &target->layout, &target->sites);
	if (err)
		return fail(target, err, "its program file cannot be searched for probe sites");
	for (i = 0; i < target->sites.n_missing; i++)
		log_debug("no site for '%s' in this binary", target->sites.missing[i]);
	gap = fatal_gap(&target->sites);
	if (gap) {
		(void)snprintf(why, sizeof(why), "this build of node has no '%s' to probe",
			       gap->name);
		return fail(target, -EOPNOTSUPP, why);
	}
	heed_gaps(options, target);
	if (options->promises != PROMISES_EXACT)
		drop_group(&target->sites, SITE_REGISTRATIONS);
	if (options->promises == PROMISES_OFF)
		drop_group(&target->sites, SITE_PROMISES);
	if (options->promises == PROMISES_OFF && !options->stacks)
		drop_group(&target->sites, SITE_GC);
	return EXIT_CODE_OK;
}

enum exit_code target_open(const struct options *options, pid_t pid, bool quiet,
			   struct target *ret_target)
{
	struct target *target = ret_target;
	enum exit_code code;
	int err;

	*target = target_none;
	target->pid = pid;
	target->quiet = quiet;
	err = process_open(target->pid, &target->process);
	if (err == -ESRCH)
		return fail(target, err, "");
	code = check_privilege(target);
	if (code)
		return code;
	if (err) {
		char why[WHY_MAX];

		(void)snprintf(why, sizeof(why), "it cannot be looked into: %s", strerror(-err));
		return fail(target, err, why);
	}
	code = open_elf(target);
	if (!code)
		code = open_layout(target);
	if (!code)
		code = resolve_sites(options, target);
	return code;
}

bool target_is_starting(const struct target *target, uint64_t waited_ns)
{
	uint64_t now_ns = clock_boot_ns(), began_ns;

	if (!target->process)
		return false;
	began_ns = process_started_boot_ns(target->process);
	return starting_is_waited_for(target->err, now_ns > began_ns ? now_ns - began_ns : 0,
				      waited_ns);
}

void target_complain(const struct target *target)
{
	if (target->quiet)
		log_debug("cannot attach to pid %d: %s", target->pid, target->why);
	else
		log_err(0, "cannot attach to pid %d: %s", target->pid, target->why);
}

void target_done(struct target *target)
{
	size_t i;

	sites_done(&target->sites);
	elf_file_close(target->elf);
	process_close(target->process);
	for (i = 0; i < TARGET_FILES; i++)
		closep(&target->files[i].fd);
	*target = target_none;
}

const char *target_name(const struct target *target)
{
	const char *script = process_script(target->process);

	return *script ? script : process_exe(target->process);
}
