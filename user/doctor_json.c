/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* doctor for programs: one JSON object on one line. */
#include "aggregator/export/json_writer.h"
#include "symbolizer/base.h"
#include "user/abilities.h"
#include "user/doctor.h"

static void put_string(struct json_writer *json, const char *key, const char *text)
{
	json_key(json, key);
	json_string(json, text);
}

static void put_uint(struct json_writer *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_uint(json, value);
}

void doctor_json_checks(struct json_writer *json, const char *name,
			const struct doctor_checks *checks)
{
	static const char *const states[] = {"ok", "note", "part", "bad"};
	size_t i;

	json_key(json, name);
	json_array_begin(json);
	for (i = 0; i < checks->n; i++) {
		const struct doctor_check *check = &checks->items[i];

		json_object_begin(json);
		put_string(json, "name", check->name);
		put_string(json, "state", states[check->state]);
		put_string(json, "text", check->text);
		put_string(json, "mend", check->mend[0] ? check->mend : NULL);
		json_object_end(json);
	}
	json_array_end(json);
}

static void put_site(struct json_writer *json, const struct site *site, uint64_t bias)
{
	json_object_begin(json);
	put_string(json, "name", site->name);
	put_string(json, "group", abilities[abilities[site->group].unit].name);
	put_string(json, "symbol", site->symbol);
	put_uint(json, "symbol_offset", site->symbol_offset);
	put_uint(json, "address", site->address + bias);
	put_uint(json, "file_offset", site->offset);
	put_string(json, "file", site->in_library ? "libuv" : "node");
	put_string(json, "kind", site->is_return ? "return" : "entry");
	json_object_end(json);
}

static void put_gap(struct json_writer *json, const struct site_gap *gap)
{
	char why[DOCTOR_TEXT];

	doctor_lack(gap, why, sizeof(why));
	json_object_begin(json);
	put_string(json, "name", gap->name);
	put_string(json, "group", abilities[abilities[gap->group].unit].name);
	put_string(json, "state", gap->required ? "missing" : "optional");
	put_string(json, "why", why);
	json_object_end(json);
}

static void put_sites(struct json_writer *json, const struct target *target)
{
	size_t i;

	json_key(json, "probes");
	json_array_begin(json);
	for (i = 0; i < target->sites.n_sites; i++)
		put_site(json, &target->sites.sites[i], target->layout.load_bias);
	json_array_end(json);
	json_key(json, "missing");
	json_array_begin(json);
	for (i = 0; i < target->sites.n_missing; i++)
		put_gap(json, &target->sites.gaps[i]);
	json_array_end(json);
}

static void put_offset(struct json_writer *json, const char *name, uint64_t value,
		       unsigned int origin)
{
	json_object_begin(json);
	put_string(json, "name", name);
	json_key(json, "value");
	if (origin == LAYOUT_ABSENT)
		json_null(json);
	else
		json_uint(json, value);
	put_string(json, "origin", layout_origin_name((enum layout_origin)origin));
	json_object_end(json);
}

static void put_offsets(struct json_writer *json, const struct doctor_process *process)
{
	const struct node_layout *layout = &process->target.layout;
	unsigned int i;

	json_key(json, "offsets");
	json_array_begin(json);
	for (i = 0; i < LAYOUT_FIELD_COUNT; i++)
		put_offset(json, layout_field_name((enum layout_field)i),
			   layout_value(layout, (enum layout_field)i), layout->origin[i]);
	json_array_end(json);
	json_key(json, "v8_offsets");
	json_array_begin(json);
	for (i = 0; process->has_v8 && i < V8_FIELD_COUNT; i++)
		put_offset(json, v8_layout_field_name((enum v8_field)i),
			   v8_layout_value(&process->v8, (enum v8_field)i), process->v8.origin[i]);
	json_array_end(json);
}

void doctor_json_process(struct json_writer *json, const struct doctor_process *process)
{
	const struct node_layout *layout = &process->target.layout;

	json_object_begin(json);
	put_uint(json, "pid", (uint64_t)process->target.pid);
	put_uint(json, "exit", process->code);
	put_string(json, "node", layout->node_version[0] ? layout->node_version : NULL);
	put_string(json, "v8", layout->v8_version[0] ? layout->v8_version : NULL);
	doctor_json_checks(json, "checks", &process->checks);
	doctor_json_checks(json, "abilities", &process->abilities);
	if (process->target.elf) {
		put_sites(json, &process->target);
		put_offsets(json, process);
	}
	json_object_end(json);
}
