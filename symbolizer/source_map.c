/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_map.h"

#include <string.h>

#include <jansson.h>

#include "symbolizer/base.h"
#include "symbolizer/source_mappings.h"

enum {
	MAX_VALUES = 1 << 19, /* of a JSON text: 10 MB of bundle have some 60,000 */
	MAX_SECTIONS = 1 << 16,
	VALUE_BYTES = 96, /* what the parser needs for a short string */
};

/* A map of its own for the code from a place on. */
struct section {
	uint32_t line; /* from 0 */
	uint32_t column;
	json_t *text; /* held: the mappings are its */
	json_t *sources;
	json_t *names; /* may be NULL */
	json_t *root;  /* may be NULL */
	struct source_mappings *mappings;
};

struct source_map {
	json_t *file; /* may be NULL */
	size_t bytes;
	size_t n_sections;
	struct section sections[];
};

/* A JSON text without what is not wanted of it. */
struct pruned {
	char *text;
	size_t len;
	size_t values; /* that it can hold, at most: what separates values */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind the string whose quote is at `at`. */
static size_t string_end(const char *text, size_t len, size_t at)
{
	size_t begin = at + 1;

	while (begin < len) {
		const char *quote = memchr(text + begin, '"', len - begin);
		size_t end = quote ? (size_t)(quote - text) : len;
		size_t escapes = 0;

		while (end - escapes > begin && text[end - escapes - 1] == '\\')
			escapes++;
		if (!quote || escapes % 2 == 0)
			return quote ? end + 1 : len;
		begin = end + 1;
	}
	return len;
}

/* Behind the array whose bracket is at `at`. */
static size_t array_end(const char *text, size_t len, size_t at)
{
	size_t depth = 0;

	while (at < len) {
		char c = text[at];

		at = c == '"' ? string_end(text, len, at) : at + 1;
		depth += c == '[';
		depth -= c == ']';
		if (!depth)
			break;
	}
	return at;
}

/* Where the array of sources begins whose name ends at `at`; 0 when this is another name. */
static size_t content_start(const char *text, size_t len, size_t begin, size_t at)
{
	static const char name[] = "\"sourcesContent\"";

	if (at - begin != strlen(name) || memcmp(text + begin, name, strlen(name)) != 0)
		return 0;
	for (; at < len && (is_blank(text[at]) || text[at] == ':'); at++)
		;
	return at < len && text[at] == '[' ? at : 0;
}

static void keep_text(struct pruned *pruned, const char *text, size_t len)
{
	memcpy(pruned->text + pruned->len, text, len);
	pruned->len += len;
}

/* Leaves out the sources, which are most of a map, and counts. The parser judges what is left. */
static int prune(const char *text, size_t len, struct pruned *ret_pruned)
{
	struct pruned pruned = {.text = malloc(len + 1)};
	size_t at = 0;

	if (!pruned.text)
		return -ENOMEM;
	while (at < len) {
		size_t begin = at;
		size_t content = 0;

		at = text[at] == '"' ? string_end(text, len, at) : at + 1;
		if (text[begin] == '"')
			content = content_start(text, len, begin, at);
		if (content)
			at = content + 1;
		keep_text(&pruned, text + begin, at - begin);
		if (content) {
			at = array_end(text, len, content);
			keep_text(&pruned, "]", 1); /* is no longer than what it stands for */
		}
		pruned.values += text[begin] == ',' || text[begin] == '[' || text[begin] == '{';
	}
	*ret_pruned = pruned;
	return 0;
}

/* A line that keeps browsers from running the text may come first. */
static void skip_guard(const char **text, size_t *len)
{
	const char *line =
		*len >= 3 && memcmp(*text, ")]}", 3) == 0 ? memchr(*text, '\n', *len) : NULL;

	if (!line)
		return;
	*len -= (size_t)(line + 1 - *text);
	*text = line + 1;
}

static json_t *hold(const json_t *object, const char *key, json_type type)
{
	json_t *value = json_object_get(object, key);

	return value && json_typeof(value) == type ? json_incref(value) : NULL;
}

static size_t array_bytes(const json_t *array)
{
	size_t bytes = 0;
	const json_t *value;
	size_t i;

	json_array_foreach(array, i, value) bytes += VALUE_BYTES + json_string_length(value);
	return bytes;
}

static void section_done(struct section *section)
{
	source_mappings_free(section->mappings);
	json_decref(section->text);
	json_decref(section->sources);
	json_decref(section->names);
	json_decref(section->root);
}

static int section_init(struct section *section, const json_t *json)
{
	int err;

	section->text = hold(json, "mappings", JSON_STRING);
	section->sources = hold(json, "sources", JSON_ARRAY);
	section->names = hold(json, "names", JSON_ARRAY);
	section->root = hold(json, "sourceRoot", JSON_STRING);
	if (json_integer_value(json_object_get(json, "version")) != 3 || !section->text ||
	    !section->sources)
		return -EBADMSG;
	err = source_mappings_new(json_string_value(section->text),
				  json_string_length(section->text),
				  (uint32_t)json_array_size(section->sources),
				  (uint32_t)json_array_size(section->names), &section->mappings);
	return err;
}

static size_t section_bytes(const struct section *section)
{
	return sizeof(*section) + source_mappings_bytes(section->mappings) +
	       json_string_length(section->text) + array_bytes(section->sources) +
	       array_bytes(section->names);
}

static int take_offset(const json_t *json, const char *key, uint32_t *ret_value)
{
	const json_t *value = json_object_get(json_object_get(json, "offset"), key);
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 0 || number > INT32_MAX)
		return -EBADMSG;
	*ret_value = (uint32_t)number;
	return 0;
}

/* Sections stand in order; a map with sections has none within. */
static int add_section(struct source_map *map, const json_t *json)
{
	struct section *section = &map->sections[map->n_sections++];
	const struct section *last = map->n_sections > 1 ? section - 1 : NULL;
	int err;

	err = take_offset(json, "line", &section->line);
	if (!err)
		err = take_offset(json, "column", &section->column);
	if (!err && last &&
	    (section->line < last->line ||
	     (section->line == last->line && section->column < last->column)))
		err = -EBADMSG;
	if (!err)
		err = section_init(section, json_object_get(json, "map"));
	return err;
}

static int add_sections(struct source_map *map, const json_t *root, const json_t *sections)
{
	const json_t *json;
	int err = 0;
	size_t i;

	if (!sections) {
		map->n_sections = 1;
		return section_init(&map->sections[0], root);
	}
	if (json_integer_value(json_object_get(root, "version")) != 3)
		return -EBADMSG;
	json_array_foreach(sections, i, json)
	{
		err = add_section(map, json);
		if (err)
			break;
	}
	return err;
}

static int read_map(const json_t *root, struct source_map **ret_map)
{
	const json_t *sections = json_object_get(root, "sections");
	size_t n = sections ? json_array_size(sections) : 1;
	struct source_map *map;
	int err;

	if (!json_is_object(root) || !n || n > MAX_SECTIONS)
		return -EBADMSG;
	map = calloc(1, sizeof(*map) + n * sizeof(map->sections[0]));
	if (!map)
		return -ENOMEM;
	err = add_sections(map, root, sections);
	if (err) {
		source_map_free(map);
		return err;
	}
	map->file = hold(root, "file", JSON_STRING);
	map->bytes = sizeof(*map);
	for (size_t i = 0; i < n; i++)
		map->bytes += section_bytes(&map->sections[i]);
	*ret_map = map;
	return 0;
}

int source_map_parse(const char *text, size_t len, struct source_map **ret_map)
{
	struct pruned pruned;
	json_t *root;
	int err;

	skip_guard(&text, &len);
	err = prune(text, len, &pruned);
	if (err)
		return err;
	if (pruned.values > MAX_VALUES) {
		free(pruned.text);
		return -EFBIG;
	}
	root = json_loadb(pruned.text, pruned.len, JSON_ALLOW_NUL, NULL);
	free(pruned.text);
	if (!root)
		return -EBADMSG;
	err = read_map(root, ret_map);
	json_decref(root);
	return err;
}

void source_map_free(struct source_map *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->n_sections; i++)
		section_done(&map->sections[i]);
	json_decref(map->file);
	free(map);
}

static bool begins_until(const struct section *section, uint32_t line, uint32_t column)
{
	return section->line < line || (section->line == line && section->column <= column);
}

/* The last section that starts at or before the place (from 0), or NULL. */
static const struct section *section_at(const struct source_map *map, uint32_t line,
					uint32_t column)
{
	size_t n =
		PARTITION_POINT(i, map->n_sections, begins_until(&map->sections[i], line, column));

	return n ? &map->sections[n - 1] : NULL;
}

int source_map_find(const struct source_map *map, uint32_t line, uint32_t column,
		    struct source_origin *ret_origin)
{
	const struct section *section;
	struct source_segment segment;
	const char *source;
	int err;

	if (!line || !column)
		return -ENOENT;
	line--;
	column--;
	section = section_at(map, line, column);
	if (!section)
		return -ENOENT;
	if (line == section->line)
		column -= section->column;
	err = source_mappings_find(section->mappings, line - section->line, column, &segment);
	if (err || segment.source == SOURCE_NONE)
		return -ENOENT;
	source = json_string_value(json_array_get(section->sources, segment.source));
	if (!source)
		return -ENOENT;
	*ret_origin = (struct source_origin){
		.root = section->root ? json_string_value(section->root) : "",
		.source = source,
		.line = segment.source_line + 1,
		.column = segment.source_column + 1,
	};
	if (segment.name != SOURCE_NONE)
		ret_origin->name = json_string_value(json_array_get(section->names, segment.name));
	return 0;
}

const char *source_map_file(const struct source_map *map)
{
	return map->file ? json_string_value(map->file) : NULL;
}

size_t source_map_bytes(const struct source_map *map)
{
	return map->bytes;
}
