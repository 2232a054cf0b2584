/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_maps.h"

#include <limits.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/source_file.h"
#include "symbolizer/source_map.h"
#include "symbolizer/source_path.h"
#include "symbolizer/source_url.h"
#include "symbolizer/v8_script.h"
#include "symbolizer/v8_string.h"

enum {
	SLOT_BITS = 11,
	WAYS = 8,
	MAX_FILE = 32 << 20,   /* bytes of a map's JSON */
	MAX_SOURCE = 64 << 20, /* characters of a script that are looked through */
	MAX_MAPS = 2048,
	MAX_BYTES = 64 << 20,     /* of maps kept */
	MAX_PARSED = 1024u << 20, /* of all maps ever, 5 s of work at the utmost */
	MAX_TRIES = 8,            /* to read a source that is moving */
};

/* A map, shared by the scripts of one file. */
struct loaded {
	struct source_map *map; /* NULL free */
	struct source_file_id id;
	bool has_file; /* else it is a script's own, and the id its text's length and hash */
	uint64_t used;
	char path[]; /* what its sources are relative to */
};

/* A script that was seen. */
struct seen {
	uint64_t serial; /* 0 free */
	uint64_t used;
	uint64_t stack; /* in which it was seen */
	unsigned int tries;
	const char *file;
};

/* What is known of a file: interned, so its address is its name. */
struct known {
	const char *file; /* NULL free */
	uint64_t used;
	uint64_t stack;        /* in which that was learnt */
	struct loaded *loaded; /* NULL none */
	bool is_ambiguous;     /* scripts of this name have different maps */
};

struct source_maps {
	const struct process *process;
	struct stacks *stacks;
	uint64_t clock;
	uint64_t stack;
	uint64_t parsed; /* bytes */
	struct source_map_counts counts;
	struct seen seen[(1 << SLOT_BITS) + WAYS];
	struct known known[(1 << SLOT_BITS) + WAYS];
	struct loaded *loaded[MAX_MAPS];
};

int source_maps_new(const struct process *process, struct stacks *stacks,
		    struct source_maps **ret_maps)
{
	struct source_maps *maps = calloc(1, sizeof(*maps));

	if (!maps)
		return -ENOMEM;
	maps->process = process;
	maps->stacks = stacks;
	*ret_maps = maps;
	return 0;
}

static void loaded_free(struct loaded *loaded)
{
	if (!loaded)
		return;
	source_map_free(loaded->map);
	free(loaded);
}

void source_maps_free(struct source_maps *maps)
{
	if (!maps)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(maps->loaded); i++)
		loaded_free(maps->loaded[i]);
	free(maps);
}

/* The scripts of a file are to be seen again. */
static void forget_file(struct source_maps *maps, const char *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps->seen); i++)
		if (maps->seen[i].file == file)
			maps->seen[i] = (struct seen){0};
}

static void shed(struct source_maps *maps, struct loaded **slot)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps->known); i++)
		if (maps->known[i].loaded == *slot) {
			forget_file(maps, maps->known[i].file);
			maps->known[i] = (struct known){0};
		}
	maps->counts.bytes -= source_map_bytes((*slot)->map);
	maps->counts.shed++;
	loaded_free(*slot);
	*slot = NULL;
}

/* A free slot with room for so many bytes: the longest unused maps go. */
static struct loaded **make_room(struct source_maps *maps, size_t bytes)
{
	for (;;) {
		struct loaded **oldest = NULL;
		struct loaded **vacant = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(maps->loaded); i++) {
			struct loaded **slot = &maps->loaded[i];

			if (!*slot)
				vacant = slot;
			else if (!oldest || (*slot)->used < (*oldest)->used)
				oldest = slot;
		}
		if (vacant && maps->counts.bytes + bytes <= MAX_BYTES)
			return vacant;
		if (!oldest)
			return NULL;
		shed(maps, oldest);
	}
}

/* Keeps a map whose sources are relative to the file `path`. */
static int keep(struct source_maps *maps, struct source_map *map, const char *path,
		const struct source_file_id *id, bool has_file, struct loaded **ret_loaded)
{
	struct loaded **slot = make_room(maps, source_map_bytes(map));
	size_t len = strlen(path) + 1;
	struct loaded *loaded = slot ? calloc(1, sizeof(*loaded) + len) : NULL;

	if (!loaded)
		return slot ? -ENOMEM : -EFBIG;
	memcpy(loaded->path, path, len);
	loaded->map = map;
	loaded->has_file = has_file;
	loaded->id = *id;
	*slot = loaded;
	maps->counts.bytes += source_map_bytes(map);
	maps->counts.loaded++;
	*ret_loaded = loaded;
	return 0;
}

/* Takes the text, which it frees. */
static int parse(struct source_maps *maps, char *text, size_t len, struct source_map **ret_map)
{
	int err = -ENOSPC;

	if (len <= MAX_FILE && maps->parsed + len <= MAX_PARSED) {
		maps->parsed += len;
		err = source_map_parse(text, len, ret_map);
	} else {
		maps->counts.shed++;
	}
	free(text);
	return err;
}

static struct loaded *find_loaded(const struct source_maps *maps, const struct source_file_id *id,
				  bool has_file, const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps->loaded); i++) {
		struct loaded *loaded = maps->loaded[i];

		if (loaded && loaded->has_file == has_file && loaded->id.inode == id->inode &&
		    loaded->id.device == id->device && loaded->id.size == id->size &&
		    loaded->id.changed_ns == id->changed_ns && strcmp(loaded->path, path) == 0)
			return loaded;
	}
	return NULL;
}

static int load_file(struct source_maps *maps, const char *path, struct loaded **ret_loaded)
{
	struct source_file_id id;
	struct source_map *map;
	size_t len;
	char *text;
	int err;
	_cleanup_(closep) int fd = source_file_open(maps->process, path, MAX_FILE, &id);

	if (fd < 0)
		return fd;
	*ret_loaded = find_loaded(maps, &id, true, path);
	if (*ret_loaded)
		return 0;
	err = source_file_read(fd, &id, &text, &len);
	if (!err)
		err = parse(maps, text, len, &map);
	if (err)
		return err;
	err = keep(maps, map, path, &id, true, ret_loaded);
	if (err)
		source_map_free(map);
	return err;
}

/* The same map in the same file, of another thread perhaps, is one map. */
static void identify_text(const char *text, struct source_file_id *ret_id)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	size_t len = 0;

	for (; text[len]; len++)
		hash = (hash ^ (uint8_t)text[len]) * 0x100000001b3ULL;
	*ret_id = (struct source_file_id){.inode = hash, .size = len};
}

static int load_inline(struct source_maps *maps, const char *url, const char *file,
		       struct loaded **ret_loaded)
{
	struct source_file_id id;
	struct source_map *map;
	size_t len;
	char *text;
	int err;

	identify_text(url, &id);
	*ret_loaded = find_loaded(maps, &id, false, file);
	if (*ret_loaded)
		return 0;
	err = source_url_data(url, &text, &len);
	if (!err)
		err = parse(maps, text, len, &map);
	if (err)
		return err;
	err = keep(maps, map, file, &id, false, ret_loaded);
	if (err)
		source_map_free(map);
	return err;
}

static bool is_of(const struct source_map *map, const char *file)
{
	const char *name = source_map_file(map);
	const char *slash = name ? strrchr(name, '/') : NULL;

	if (slash)
		name = slash + 1;
	return !name || !*name || strcmp(name, strrchr(file, '/') + 1) == 0;
}

/* A map that nothing but its name binds to the script must at least not say that it is another's. */
static int load_beside(struct source_maps *maps, const char *file, struct loaded **ret_loaded)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s.map", file);
	int err;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	err = load_file(maps, path, ret_loaded);
	return err || is_of((*ret_loaded)->map, file) ? err : -ENOENT;
}

static int load(struct source_maps *maps, const char *url, const char *file,
		struct loaded **ret_loaded)
{
	char path[PATH_MAX];
	int err;

	if (url && strncmp(url, "data:", strlen("data:")) == 0)
		return load_inline(maps, url, file, ret_loaded);
	if (file[0] != '/')
		return -ENOENT;
	if (!url)
		return load_beside(maps, file, ret_loaded);
	/* Relative names only: neither the network nor a path that the compiler's machine had. */
	if (source_path_scheme(url) || url[0] == '/')
		return -ENOENT;
	err = source_path_join(file, "", url, path, sizeof(path));
	return err ? err : load_file(maps, path, ret_loaded);
}

/* Returns -EAGAIN when the source could not be read just now. */
static int find_map(struct source_maps *maps, struct v8_heap *heap, const struct v8_script *script,
		    struct loaded **ret_loaded)
{
	struct source_url url = {0};
	int err = -EFBIG;

	if (script->length <= MAX_SOURCE)
		err = v8_string_visit(heap, script->source, script->length, source_url_feed, &url);
	if (err == -EFAULT || err == -EBADMSG)
		err = -EAGAIN;
	if (!err)
		err = load(maps, source_url_text(&url), script->file, ret_loaded);
	source_url_done(&url);
	return err;
}

static size_t first_slot(uint64_t key)
{
	return (key * 0x9e3779b97f4a7c15ULL) >> (64 - SLOT_BITS);
}

/* The script's slot, or one that it may take. */
static struct seen *find_seen(struct source_maps *maps, uint64_t serial)
{
	size_t first = first_slot(serial);
	struct seen *oldest = &maps->seen[first];

	for (size_t i = first; i < first + WAYS; i++) {
		if (maps->seen[i].serial == serial)
			return &maps->seen[i];
		if (maps->seen[i].used < oldest->used)
			oldest = &maps->seen[i];
	}
	return oldest;
}

/* Likewise. */
static struct known *find_known(struct source_maps *maps, const char *file)
{
	size_t first = first_slot((uintptr_t)file);
	struct known *oldest = &maps->known[first];

	for (size_t i = first; i < first + WAYS; i++) {
		if (maps->known[i].file == file)
			return &maps->known[i];
		if (maps->known[i].used < oldest->used)
			oldest = &maps->known[i];
	}
	return oldest;
}

/* Node's own scripts have none, and where frames have no file there is nothing to translate. */
static bool may_have_map(const struct v8_script *script)
{
	return script->length && script->file && strncmp(script->file, "node:", 5) != 0;
}

static void learn(struct source_maps *maps, const char *file, struct loaded *loaded)
{
	struct known *known = find_known(maps, file);

	if (known->file == file) {
		known->is_ambiguous |= known->loaded != loaded;
		known->used = ++maps->clock;
		return;
	}
	/* Who takes the place of another makes that one's scripts unseen. */
	if (known->file)
		forget_file(maps, known->file);
	*known = (struct known){
		.file = file,
		.used = ++maps->clock,
		.stack = maps->stack,
		.loaded = loaded,
	};
}

void source_maps_begin(struct source_maps *maps)
{
	maps->stack++;
}

void source_maps_see(struct source_maps *maps, struct v8_heap *heap, const struct v8_script *script)
{
	struct seen *seen = find_seen(maps, script->serial);
	unsigned int tries = seen->serial == script->serial ? seen->tries : MAX_TRIES;
	struct loaded *loaded = NULL;
	int err;

	seen->used = ++maps->clock;
	if (!tries || !may_have_map(script))
		return;
	err = find_map(maps, heap, script, &loaded);
	if (err && err != -ENOENT && err != -EAGAIN)
		maps->counts.refused++;
	tries = err == -EAGAIN ? tries - 1 : 0;
	if (!tries)
		learn(maps, script->file, err ? NULL : loaded);
	/* Found again, since others may have been shed for this one. */
	seen = find_seen(maps, script->serial);
	*seen = (struct seen){
		.serial = script->serial,
		.used = maps->clock,
		.stack = maps->stack,
		.tries = tries,
		.file = script->file,
	};
}

void source_maps_discard(struct source_maps *maps)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps->seen); i++)
		if (maps->seen[i].stack == maps->stack)
			maps->seen[i] = (struct seen){0};
	for (size_t i = 0; i < ARRAY_SIZE(maps->known); i++)
		if (maps->known[i].stack == maps->stack)
			maps->known[i] = (struct known){0};
}

/* True when the frame was translated; the name that its source has for what it calls, or NULL. */
static bool translate(struct source_maps *maps, struct frame *frame, const char **ret_callee)
{
	struct known *known = find_known(maps, frame->file);
	struct source_origin origin;
	char path[PATH_MAX];

	if (known->file != frame->file || !known->loaded || known->is_ambiguous ||
	    source_map_find(known->loaded->map, frame->line, frame->column, &origin) ||
	    source_path_join(known->loaded->path, origin.root, origin.source, path, sizeof(path)))
		return false;
	known->used = known->loaded->used = ++maps->clock;
	frame->file = stacks_name(maps->stacks, path, strlen(path));
	frame->line = origin.line;
	frame->column = origin.column;
	*ret_callee = origin.name;
	maps->counts.frames++;
	return true;
}

void source_maps_translate(struct source_maps *maps, struct frame *frames, size_t n)
{
	const char *last_file = NULL; /* of the frame before, as it ran, if it was translated */

	for (size_t i = 0; i < n; i++) {
		const char *file = frames[i].file;
		const char *callee = NULL;
		bool is_translated = file && frames[i].line && translate(maps, &frames[i], &callee);

		if (is_translated && callee && file == last_file)
			frames[i - 1].function = stacks_name(maps->stacks, callee, strlen(callee));
		last_file = is_translated ? file : NULL;
	}
}

void source_maps_counts(const struct source_maps *maps, struct source_map_counts *ret_counts)
{
	*ret_counts = maps->counts;
}
