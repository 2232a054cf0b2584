/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The traced process as /proc shows it, and its memory.
 *
 * Reads only; never stops, signals or writes the target. Everything read is data from a hostile
 * place and may change or vanish between two reads.
 */
#ifndef NT_SYMBOLIZER_PROCESS_H
#define NT_SYMBOLIZER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Memory behind an interface: process_vm_readv live, a page map in tests. */
struct memory {
	/* Reads exactly len bytes. Returns 0, or -EFAULT/-ESRCH/-EPERM. */
	int (*read)(void *user, uint64_t address, void *buf, size_t len);
	void *user;
};

static inline int memory_read(const struct memory *memory, uint64_t address, void *buf, size_t len)
{
	return memory->read(memory->user, address, buf, len);
}

static inline int memory_read_u64(const struct memory *memory, uint64_t address,
				  uint64_t *ret_value)
{
	return memory_read(memory, address, ret_value, sizeof(*ret_value));
}

struct mapping {
	uint64_t start;
	uint64_t end;
	uint64_t offset; /* in the file */
	uint64_t inode;
	uint32_t dev_major;
	uint32_t dev_minor;
	bool readable;
	bool writable;
	bool executable;
	char *path; /* NULL anonymous */
};

struct process;

/* Opens /proc/PID. Returns 0 and *ret_process, -ESRCH when there is no such process, -EPERM, … */
int process_open(pid_t pid, struct process **ret_process);
void process_close(struct process *process);

/* Pid as we see it. */
pid_t process_pid(const struct process *process);
/* Pid in the innermost pid namespace of the target (last number of NSpid), for perf maps. */
pid_t process_namespace_pid(const struct process *process);
/* Real uid of the target, as this user namespace sees it. */
uid_t process_uid(const struct process *process);
/* When it started, as the wall clock has it now, to a second. Returns 0 or a negative errno. */
int process_started_unix_ns(const struct process *process, uint64_t *ret_ns);
/* When it started, since the machine's boot, to a hundredth of a second. A program that replaces
 * itself by another (execve) does not start again. */
uint64_t process_started_boot_ns(const struct process *process);
/* The target's root directory, as an O_PATH descriptor that the caller closes, or a negative errno. */
int process_open_root(const struct process *process);
/* A pidfd, to learn of the target's exit; owned by the process; -1 when the kernel has none. */
int process_pidfd(const struct process *process);
/* True while it is alive and still the same process (start time). */
bool process_alive(const struct process *process);
/* Path of the executable as it names itself, for people. */
const char *process_exe(const struct process *process);
/* Script from the command line (first argument that is no option), "" when there is none. */
const char *process_script(const struct process *process);

/* Reads /proc/PID/maps again; struct mapping pointers end here. Returns 0, or a negative errno and
 * then everything is as before. */
int process_refresh_maps(struct process *process);
size_t process_mapping_count(const struct process *process);
const struct mapping *process_mapping(const struct process *process, size_t index);
/* The mapping that covers an address, or NULL. */
const struct mapping *process_mapping_at(const struct process *process, uint64_t address);

/*
 * Writes a path through which the target's file can be opened and probed, also deleted ones and in
 * other mount namespaces (/proc/PID/map_files/…, /proc/PID/exe). Returns 0, -ENOENT when no file is
 * mapped there, or -ENAMETOOLONG.
 */
int process_open_path(const struct process *process, const struct mapping *mapping, char *buf,
		      size_t len);

/* Its memory, to be read; lives as long as the process. */
const struct memory *process_memory(const struct process *process);

#endif
