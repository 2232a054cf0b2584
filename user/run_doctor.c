/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/run_doctor.h"

#include <stdarg.h>

#include "aggregator/export/json_writer.h"
#include "symbolizer/base.h"
#include "user/doctor.h"
#include "user/log.h"

const char *const doctor_state_names[] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_NOTE] = "note",
	[DOCTOR_PART] = "part",
	[DOCTOR_BAD] = "BAD",
};

struct doctor_check *doctor_add(struct doctor_checks *checks, enum doctor_state state,
				const char *name, const char *format, ...)
{
	struct doctor_check *check = &checks->items[checks->n];
	va_list args;

	if (checks->n == DOCTOR_CHECKS)
		return NULL;
	checks->n++;
	*check = (struct doctor_check){.name = name, .state = state};
	va_start(args, format);
	(void)vsnprintf(check->text, sizeof(check->text), format, args);
	va_end(args);
	return check;
}

void doctor_mend(struct doctor_check *check, const char *format, ...)
{
	va_list args;

	if (!check)
		return;
	va_start(args, format);
	(void)vsnprintf(check->mend, sizeof(check->mend), format, args);
	va_end(args);
}

void doctor_lack(const struct site_gap *gap, char *buf, size_t len)
{
	switch (gap->lack) {
	case SITE_NO_SYMBOL:
		(void)snprintf(buf, len, "no symbol '%s'", gap->symbol);
		break;
	case SITE_NO_PLACE:
		(void)snprintf(buf, len, "the code of '%s' is not as expected", gap->symbol);
		break;
	case SITE_NO_OFFSET:
		(void)snprintf(buf, len, "the offset '%s' is not known",
			       layout_field_name(gap->field));
		break;
	}
}

/* Whoever reads the output may stop when he has seen enough. */
static enum exit_code verdict(enum exit_code code, int err)
{
	if (!err || err == -EPIPE)
		return code;
	log_err(err, "cannot write to standard output");
	return EXIT_CODE_FAILURE;
}

static enum exit_code print_report(const struct options *options, struct doctor_process *process)
{
	struct doctor_checks machine = {0};
	enum exit_code code = doctor_machine(options, &machine);
	int err = doctor_print_machine(&machine);
	size_t i;

	for (i = 0; i < options->n_pids && !err; i++) {
		doctor_process(options, options->pids[i], process);
		err = doctor_print_process(process, options->verbosity > 0);
		code = code ? code : process->code;
		target_done(&process->target);
	}
	return verdict(code, err);
}

static enum exit_code json_report(const struct options *options, struct doctor_process *process)
{
	struct doctor_checks machine = {0};
	enum exit_code code = doctor_machine(options, &machine);
	struct json_writer json;
	size_t i;
	int err;

	json_init(&json, stdout);
	json_object_begin(&json);
	json_key(&json, "format");
	json_string(&json, "ntrace-bpf doctor");
	json_key(&json, "version");
	json_uint(&json, 1);
	doctor_json_checks(&json, "machine", &machine);
	json_key(&json, "processes");
	json_array_begin(&json);
	for (i = 0; i < options->n_pids; i++) {
		doctor_process(options, options->pids[i], process);
		doctor_json_process(&json, process);
		code = code ? code : process->code;
		target_done(&process->target);
	}
	json_array_end(&json);
	json_key(&json, "exit");
	json_uint(&json, code);
	json_object_end(&json);
	err = json_line_end(&json);
	if (!err && fflush(stdout))
		err = -errno;
	return verdict(code, err);
}

enum exit_code run_doctor(const struct options *options)
{
	struct doctor_process *process = calloc(1, sizeof(*process));
	enum exit_code code;

	if (!process) {
		log_err(-ENOMEM, "cannot start");
		return EXIT_CODE_FAILURE;
	}
	code = options->json ? json_report(options, process) : print_report(options, process);
	free(process);
	return code;
}
