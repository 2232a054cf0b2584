/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * $XDG_CONFIG_HOME/ntrace-bpf/config, else ~/.config/ntrace-bpf/config: how the user likes the view.
 *
 * Under sudo it is the file of who called sudo: the home comes from the password database, not from the
 * environment, and the file is opened with that user's rights on files, so that nothing is read or written
 * through us that they could not read or write themselves. A file that others may write to is not used.
 */
#ifndef NT_USER_CONFIG_FILE_H
#define NT_USER_CONFIG_FILE_H

struct setup;

/* Takes over what the file says; without one nothing changes. Returns 0, or a negative errno: -EPERM it belongs
 * to somebody else or others may write to it, -EFBIG. */
int config_file_load(struct setup *setup);
/* Replaces the file, mode 0600, and makes its folder, mode 0700. Returns 0 or a negative errno. */
int config_file_save(const struct setup *setup);

#endif
