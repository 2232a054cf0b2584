/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_path.h"

#include <ctype.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/digits.h"

struct path {
	char *buf;
	size_t size;
	size_t len;
};

size_t source_path_scheme(const char *url)
{
	size_t len = 0;

	if (!isalpha((unsigned char)url[0]))
		return 0;
	while (isalnum((unsigned char)url[len]) || (url[len] && strchr("+-.", url[len])))
		len++;
	return url[len] == ':' ? len + 1 : 0;
}

static int put(struct path *path, char c)
{
	if (path->len + 1 >= path->size)
		return -ENAMETOOLONG;
	path->buf[path->len++] = c;
	path->buf[path->len] = '\0';
	return 0;
}

/* Takes one character of a URL's path, decoded. Returns it, or -EBADMSG for NUL. */
static int take_char(const char **text)
{
	int value = digits_percent(*text);

	if (value < 0)
		return (unsigned char)*(*text)++;
	*text += 3;
	return value ? value : -EBADMSG;
}

/* Takes the last component off: "", ".." or a name that came before. */
static int drop_last(struct path *path, size_t start)
{
	size_t len = path->len;

	while (len > start && path->buf[len - 1] != '/')
		len--;
	if (len == start && path->len == start)
		return -EBADMSG;
	path->len = len > start ? len - 1 : start;
	path->buf[path->len] = '\0';
	return 0;
}

/* Ends the component that starts at `start`, behind its slash: dots go. */
static int end_component(struct path *path, size_t start)
{
	const char *name = path->buf + start;
	size_t len = path->len - start;

	if (len > 2 || (len && name[0] != '.') || (len == 2 && name[1] != '.'))
		return 0;
	path->len = start - 1; /* with the slash before it */
	path->buf[path->len] = '\0';
	return len == 2 ? drop_last(path, 0) : 0;
}

/* Appends components, each with a slash before it. */
static int put_path(struct path *path, const char *text)
{
	int err = 0;

	while (!err && *text) {
		size_t start;

		while (*text == '/')
			text++;
		err = put(path, '/');
		start = path->len;
		while (!err && *text && *text != '/') {
			int c = take_char(&text);

			err = c < 0 ? c : put(path, (char)c);
		}
		if (!err)
			err = end_component(path, start);
	}
	return err;
}

/* The folder of the base, as it is: its name is a path and no URL. */
static int put_folder(struct path *path, const char *base)
{
	const char *slash = strrchr(base, '/');
	size_t len = slash ? (size_t)(slash - base) : 0;

	if (base[0] != '/')
		return -EBADMSG;
	if (len >= path->size)
		return -ENAMETOOLONG;
	memcpy(path->buf, base, len);
	path->buf[len] = '\0';
	path->len = len;
	return 0;
}

static int put_text(struct path *path, const char *text)
{
	int err = 0;

	for (; !err && *text; text++)
		err = put(path, *text);
	return err;
}

/* A slash between root and name, unless there is one. */
static int join(struct path *path, const char *root, const char *name)
{
	size_t len = strlen(root);
	int err;

	if (source_path_scheme(name) || name[0] == '/')
		root = "";
	err = put_text(path, root);
	if (!err && *root && root[len - 1] != '/')
		err = put(path, '/');
	return err ? err : put_text(path, name);
}

int source_path_join(const char *base, const char *root, const char *name, char *buf, size_t size)
{
	static const char file[] = "file://";
	char joined[4096] = "";
	struct path whole = {.buf = joined, .size = sizeof(joined)};
	struct path path = {.buf = buf, .size = size};
	const char *text = joined;
	int err;

	buf[0] = '\0';
	if (!*name)
		return -EBADMSG;
	err = join(&whole, root, name);
	if (err)
		return err;
	if (strncmp(text, file, strlen(file)) == 0 && text[strlen(file)] == '/')
		text += strlen(file);
	else if (source_path_scheme(text))
		return put_text(&path, text);
	if (text[0] != '/')
		err = put_folder(&path, base);
	return err ? err : put_path(&path, text);
}
