/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <inttypes.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/image.h"
#include "symbolizer/layout_table.h"
#include "user/abilities.h"
#include "user/doctor.h"

#define NEEDS_OFFICIAL \
	"an official build of Node.js has it: https://nodejs.org/dist, or npm's 'node'"

/* What target_open() did not come to, or threw away when it failed. */
static void survey(struct target *target)
{
	if (!target->elf)
		return;
	if (!target->layout.node_version[0])
		layout_survey(target->process, target->elf, &target->layout);
	if (!target->sites.n_sites && !target->sites.n_missing)
		(void)sites_resolve(target->elf, &target->layout, &target->sites);
}

static void check_file(struct doctor_process *p, const char *name, const struct mapping *mapping,
		       const char *build_id, bool stripped)
{
	struct doctor_check *check;

	check = doctor_add(&p->checks, stripped ? DOCTOR_NOTE : DOCTOR_OK, name, "%s%s%s%s",
			   mapping && mapping->path ? mapping->path : "?",
			   build_id && *build_id ? ", build id " : "", build_id ? build_id : "",
			   stripped ? ", stripped: symbols from .dynsym and V8's own tables" : "");
	(void)check;
}

static void check_files(struct doctor_process *p)
{
	const struct target *target = &p->target;
	const struct mapping *mapping = NULL;

	(void)image_find_node(target->process, &mapping);
	check_file(p, "program", mapping, elf_file_build_id(target->elf),
		   elf_file_stripped(target->elf));
	if (target->files[TARGET_LIBRARY].fd < 0)
		return;
	mapping = NULL;
	(void)image_find_uv(target->process, &mapping);
	check_file(p, "libuv", mapping, NULL, false);
}

static void check_version(struct doctor_process *p)
{
	const struct node_layout *layout = &p->target.layout;
	struct doctor_check *check;

	if (!layout->node_version[0] || !layout->v8_version[0]) {
		(void)doctor_add(&p->checks, DOCTOR_BAD, "version", "node %s, V8 %s",
				 layout->node_version[0] ? layout->node_version : "unknown",
				 layout->v8_version[0] ? layout->v8_version : "unknown");
		return;
	}
	check = doctor_add(&p->checks, layout->node_major ? DOCTOR_OK : DOCTOR_BAD, "version",
			   "node %s, V8 %s%s", layout->node_version, layout->v8_version,
			   layout->node_major ? "" : ", not known");
	if (!layout->node_major)
		doctor_mend(check, "known are Node.js %s", layout_table_majors);
}

static void check_text(struct doctor_process *p)
{
	const struct nt_config *config = &p->target.layout.config;

	if (!config->text_end)
		(void)doctor_add(&p->checks, DOCTOR_BAD, "code", "not found in memory");
	else
		(void)doctor_add(&p->checks, config->builtins_end ? DOCTOR_OK : DOCTOR_BAD, "code",
				 "0x%llx-0x%llx, V8's builtins %s0x%llx-0x%llx",
				 (unsigned long long)config->text_start,
				 (unsigned long long)config->text_end,
				 config->builtins_end ? "" : "not found: ",
				 (unsigned long long)config->builtins_start,
				 (unsigned long long)config->builtins_end);
}

static void check_layout(struct doctor_process *p)
{
	const struct target *target = &p->target;
	char why[TARGET_WHY_MAX] = "";

	if (!target->layout.main_env)
		(void)doctor_add(&p->checks, DOCTOR_BAD, "layout", "%s",
				 target->why[0] ? target->why : "node's environment was not found");
	else if (layout_verify(target->process, &target->layout, why, sizeof(why)))
		(void)doctor_add(&p->checks, DOCTOR_BAD, "layout", "%s", why);
	else
		(void)doctor_add(&p->checks, DOCTOR_OK, "layout",
				 "holds in the live process: environment, ids, realm, undefined, "
				 "types");
}

static void count_group(const struct site_list *sites, unsigned int group, size_t *ret_found,
			size_t *ret_missing)
{
	size_t i;

	*ret_found = *ret_missing = 0;
	for (i = 0; i < sites->n_sites; i++)
		*ret_found += abilities[sites->sites[i].group].unit == group;
	for (i = 0; i < sites->n_missing; i++)
		*ret_missing +=
			abilities[sites->gaps[i].group].unit == group && sites->gaps[i].required;
}

/* Groups that are worth nothing in part were dropped with their sites: then none is found. */
static void check_group(struct doctor_process *p, unsigned int group)
{
	const struct ability *ability = &abilities[group];
	enum doctor_state state = DOCTOR_OK;
	struct doctor_check *check;
	size_t found, missing;

	count_group(&p->target.sites, group, &found, &missing);
	if (missing)
		state = ability->is_vital || ability->is_whole || !found ? DOCTOR_BAD : DOCTOR_PART;
	check = doctor_add(&p->abilities, state, ability->name, "%s%s%s", ability->title,
			   missing ? "; " : "", missing ? ability->without : "");
	if (missing)
		doctor_mend(check, "%zu probes are missing, see below; " NEEDS_OFFICIAL, missing);
}

static void check_stacks(struct doctor_process *p)
{
	struct doctor_check *check;

	if (!p->has_v8) {
		check = doctor_add(&p->abilities, DOCTOR_PART, "stacks",
				   "C++ and builtins only: V8's heap is not known in this build");
		doctor_mend(check, "start it with --perf-basic-prof, or: " NEEDS_OFFICIAL);
		return;
	}
	(void)doctor_add(&p->abilities, DOCTOR_OK, "stacks",
			 "functions, files and lines of JavaScript%s",
			 p->target.files[TARGET_LIBRARY].fd < 0
				 ? ""
				 : "; libuv's work shows where its resource was made");
}

static void check_abilities(struct doctor_process *p)
{
	unsigned int group;

	for (group = 0; group < SITE_GROUPS; group++)
		if (abilities[group].unit == group)
			check_group(p, group);
	check_stacks(p);
}

void doctor_process(const struct options *options, pid_t pid, struct doctor_process *ret_process)
{
	struct doctor_process *p = ret_process;

	*p = (struct doctor_process){0};
	p->code = target_open(options, pid, true, &p->target);
	survey(&p->target);
	if (p->target.elf) {
		check_files(p);
		check_version(p);
		check_text(p);
		check_layout(p);
		p->has_v8 = !v8_layout_read(p->target.elf, &p->v8);
	}
	if (p->code) {
		(void)doctor_add(&p->checks, DOCTOR_BAD, "verdict", "cannot be traced: %s",
				 p->target.why);
		if (p->target.elf && p->code == EXIT_CODE_UNSUPPORTED)
			doctor_mend(&p->checks.items[p->checks.n - 1], NEEDS_OFFICIAL);
		return;
	}
	check_abilities(p);
	(void)doctor_add(&p->checks, DOCTOR_OK, "verdict", "can be traced");
}
