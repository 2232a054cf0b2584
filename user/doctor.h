/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What `ntrace-bpf doctor` finds out: about this machine, and about processes. Nothing is attached
 * and no program of ours is loaded, but for an empty one that is tried.
 */
#ifndef NT_USER_DOCTOR_H
#define NT_USER_DOCTOR_H

#include "symbolizer/v8_layout.h"
#include "user/exit_code.h"
#include "user/target.h"

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_NOTE, /* worth knowing, nothing is lost */
	DOCTOR_PART, /* some of it does not work */
	DOCTOR_BAD,  /* does not work */
	DOCTOR_STATES,
};

#define DOCTOR_TEXT   600
#define DOCTOR_CHECKS 16

struct doctor_check {
	const char *name;
	enum doctor_state state;
	char text[DOCTOR_TEXT];
	char mend[DOCTOR_TEXT]; /* what to do about it, "" nothing */
};

struct doctor_checks {
	struct doctor_check items[DOCTOR_CHECKS];
	size_t n;
};

/* One process. The target is open as far as it could be. */
struct doctor_process {
	enum exit_code code; /* that a capture would end with at once, or EXIT_CODE_OK */
	struct target target;
	bool has_v8;
	struct v8_layout v8;
	struct doctor_checks checks;    /* what it is */
	struct doctor_checks abilities; /* what works */
};

/* Adds a check; `format` is its text. Returns it, for its remedy, or NULL when there are too many. */
struct doctor_check *doctor_add(struct doctor_checks *checks, enum doctor_state state,
				const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void doctor_mend(struct doctor_check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* doctor_machine.c. Returns EXIT_CODE_OK or EXIT_CODE_PRIVILEGE. */
enum exit_code doctor_machine(const struct options *options, struct doctor_checks *checks);
/* doctor_process.c. To be freed with target_done(&process->target). */
void doctor_process(const struct options *options, pid_t pid, struct doctor_process *ret_process);

/* doctor_print.c, doctor_json.c: the report on standard output, one process after the other; `all` with every probe and
 * offset. Return 0 or a negative errno. */
int doctor_print_machine(const struct doctor_checks *checks);
int doctor_print_process(const struct doctor_process *process, bool all);
struct json_writer;
void doctor_json_checks(struct json_writer *json, const char *name,
			const struct doctor_checks *checks);
void doctor_json_process(struct json_writer *json, const struct doctor_process *process);

extern const char *const doctor_state_names[DOCTOR_STATES];
/* Why a row of the probe table has no site, for people. */
void doctor_lack(const struct site_gap *gap, char *buf, size_t len);

#endif
