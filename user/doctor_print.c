/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* doctor for people. What comes from the process is made harmless before it is shown. */
#include <inttypes.h>
#include <string.h>

#include "aggregator/text.h"
#include "symbolizer/base.h"
#include "user/doctor.h"

#define LINE_LEN 1024

static void print_text(const char *text)
{
	char line[LINE_LEN];

	(void)text_sanitize(line, sizeof(line), text, strlen(text), NULL);
	(void)fputs(line, stdout);
}

static int finish(void)
{
	if (fflush(stdout) || ferror(stdout))
		return errno ? -errno : -EIO;
	return 0;
}

static void print_checks(const char *title, const struct doctor_checks *checks)
{
	size_t i;

	if (!checks->n)
		return;
	(void)printf("%s\n", title);
	for (i = 0; i < checks->n; i++) {
		const struct doctor_check *check = &checks->items[i];

		(void)printf("  %-5s %-13s ", doctor_state_names[check->state], check->name);
		print_text(check->text);
		(void)fputc('\n', stdout);
		if (!check->mend[0])
			continue;
		(void)printf("  %-5s %-13s to mend it: ", "", "");
		print_text(check->mend);
		(void)fputc('\n', stdout);
	}
}

int doctor_print_machine(const struct doctor_checks *checks)
{
	print_checks("machine", checks);
	return finish();
}

/* Of those that a capture cannot do without; what the others cost, the abilities tell. */
static void print_gaps(const struct site_list *sites, bool all)
{
	char why[DOCTOR_TEXT];
	size_t i;

	for (i = 0; i < sites->n_missing; i++) {
		const struct site_gap *gap = &sites->gaps[i];

		if (!all && !gap->required)
			continue;
		doctor_lack(gap, why, sizeof(why));
		(void)printf("  %-5s %-24s %s\n", gap->required ? "BAD" : "note", gap->name, why);
	}
}

static void print_sites(const struct target *target)
{
	const struct site_list *sites = &target->sites;
	size_t i;

	(void)printf("probes: %zu places, %zu rows of the table have none\n", sites->n_sites,
		     sites->n_missing);
	for (i = 0; i < sites->n_sites; i++) {
		const struct site *site = &sites->sites[i];

		(void)printf("  %-5s %-24s 0x%012" PRIx64 "  ", "ok", site->name,
			     site->address + target->layout.load_bias);
		print_text(site->symbol);
		(void)printf("+0x%" PRIx32 "%s\n", site->symbol_offset,
			     site->is_return ? " (return)" : "");
	}
	print_gaps(sites, true);
}

static void print_offset(const char *name, uint64_t value, unsigned int origin)
{
	if (origin == LAYOUT_ABSENT)
		(void)printf("  %-24s %14s  absent\n", name, "-");
	else if (value > UINT32_MAX)
		(void)printf("  %-24s %#14" PRIx64 "  %s\n", name, value,
			     layout_origin_name((enum layout_origin)origin));
	else
		(void)printf("  %-24s %14" PRIu64 "  %s\n", name, value,
			     layout_origin_name((enum layout_origin)origin));
}

static void print_offsets(const struct doctor_process *process)
{
	const struct node_layout *layout = &process->target.layout;
	unsigned int i;

	(void)printf("offsets of node, and where each is from\n");
	for (i = 0; i < LAYOUT_FIELD_COUNT; i++)
		print_offset(layout_field_name((enum layout_field)i),
			     layout_value(layout, (enum layout_field)i), layout->origin[i]);
	if (!process->has_v8)
		return;
	(void)printf("offsets of V8's heap, for the names of JavaScript functions\n");
	for (i = 0; i < V8_FIELD_COUNT; i++)
		print_offset(v8_layout_field_name((enum v8_field)i),
			     v8_layout_value(&process->v8, (enum v8_field)i),
			     process->v8.origin[i]);
}

/* Nothing is missing that the abilities do not tell: who wants it sees each. */
static void print_counts(const struct doctor_process *process)
{
	const struct node_layout *layout = &process->target.layout;
	const struct site_list *sites = &process->target.sites;
	unsigned int known = 0, i;

	for (i = 0; i < LAYOUT_FIELD_COUNT; i++)
		known += layout->origin[i] != LAYOUT_ABSENT;
	for (i = 0; i < V8_FIELD_COUNT && process->has_v8; i++)
		known += process->v8.origin[i] != LAYOUT_ABSENT;
	(void)printf("probes: %zu places, offsets: %u known (all of them: --verbose)\n",
		     sites->n_sites, known);
	print_gaps(sites, false);
}

int doctor_print_process(const struct doctor_process *process, bool all)
{
	const struct target *target = &process->target;
	char title[LINE_LEN];

	(void)snprintf(title, sizeof(title), "process %d", target->pid);
	(void)fputc('\n', stdout);
	print_checks(title, &process->checks);
	print_checks("what works", &process->abilities);
	if (target->elf && all) {
		print_sites(target);
		print_offsets(process);
	} else if (target->elf) {
		print_counts(process);
	}
	return finish();
}
