/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/turn_lines.h"

#include <inttypes.h>

#include "aggregator/export/times.h"

static void print_turn(FILE *out, const char *prefix, const struct turn *turn)
{
	char delay[32], longest[32], length[32], had[32];

	print_duration(delay, sizeof(delay), turn->delay_ns);
	print_duration(longest, sizeof(longest), turn->max_ns);
	print_duration(length, sizeof(length), turn->end_ns - turn->start_ns);
	print_duration(had, sizeof(had), turn->culprit_ns);
	(void)fprintf(out, "%s%9s %9s %8" PRIu64 "  %s%s, %s of it %s", prefix, delay, longest,
		      turn->n_victims, length, turn->is_over ? "" : " or more", had,
		      turn_culprit(turn));
	if (turn->file)
		(void)fprintf(out, " in %s (%s:%" PRIu32 ", %s)", turn->function, turn->file,
			      turn->line, turn->sampled ? "sampled" : "last seen");
	(void)fprintf(out, "; first %s\n", turn->victims[0].route);
}

void turns_print(struct turns *turns, FILE *out, const char *prefix, size_t max)
{
	const struct turn *worst[TURN_LINES];
	struct turns_left_out left_out = turns_left_out(turns);
	char delay[32];
	size_t n;

	n = turns_worst(turns, max && max < TURN_LINES ? max : TURN_LINES, worst);
	if (!n)
		return;
	(void)fprintf(out, "%s%9s %9s %8s  %s\n", prefix, "delay", "longest", "victims",
		      "worst turns of the event loop: how long, who had it, who waited longest");
	for (size_t i = 0; i < n; i++)
		print_turn(out, prefix, worst[i]);
	print_duration(delay, sizeof(delay), left_out.delay_ns);
	if (left_out.delay_ns)
		(void)fprintf(out, "%s%9s in turns that are not kept\n", prefix, delay);
}

static void write_place(struct json_writer *json, const struct turn *turn)
{
	json_put_string(json, "fn", turn->function);
	json_put_string(json, "file", turn->file);
	json_put_line(json, turn->line, turn->of_function);
	json_put_if(json, "sampled", turn->sampled);
}

static void write_victims(struct json_writer *json, const struct turn *turn)
{
	json_key(json, "victims");
	json_array_begin(json);
	for (size_t i = 0; i < TURN_VICTIMS && i < turn->n_victims; i++) {
		json_object_begin(json);
		json_put_uint(json, "serial", turn->victims[i].serial);
		json_put_string(json, "route", turn->victims[i].route);
		json_put_uint(json, "delay_ns", turn->victims[i].delay_ns);
		json_object_end(json);
	}
	json_array_end(json);
}

static int write_turn(struct json_writer *json, const struct turn *turn)
{
	json_object_begin(json);
	json_put_string(json, "k", "turn");
	json_put_uint(json, "pid", turn->pid);
	json_put_uint(json, "tid", turn->tid);
	json_put_uint(json, "start_ns", turn->start_ns);
	json_put_uint(json, "end_ns", turn->end_ns);
	json_put_bool(json, "over", turn->is_over);
	json_put_string(json, "culprit", turn_culprit(turn));
	json_key(json, "serial");
	if (turn->serial)
		json_uint(json, turn->serial);
	else
		json_null(json);
	json_put_uint(json, "culprit_ns", turn->culprit_ns);
	write_place(json, turn);
	json_put_uint(json, "delay_ns", turn->delay_ns);
	json_put_uint(json, "max_ns", turn->max_ns);
	json_put_uint(json, "waited", turn->n_victims);
	write_victims(json, turn);
	json_object_end(json);
	return json_line_end(json);
}

static int write_left_out(struct json_writer *json, const struct turns_left_out *left_out)
{
	json_object_begin(json);
	json_put_string(json, "k", "turns");
	json_put_uint(json, "forgotten", left_out->turns);
	json_put_uint(json, "left_out_ns", left_out->delay_ns);
	json_object_end(json);
	return json_line_end(json);
}

int turns_write(struct turns *turns, struct json_writer *json)
{
	const struct turn *worst[TURN_LINES];
	struct turns_left_out left_out = turns_left_out(turns);
	size_t n = turns_worst(turns, TURN_LINES, worst);
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = write_turn(json, worst[i]);
	if (!err && left_out.delay_ns)
		err = write_left_out(json, &left_out);
	return err;
}
