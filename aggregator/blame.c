/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/blame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "aggregator/labels_crowd.h"
#include "symbolizer/base.h"

/* Culprits whose name is still known, and delays that wait for one. */
#define MAX_KNOWN   16384
#define MAX_PENDING 16384
#define N_OTHERS    3 /* rows for what is beyond the limit, one for each label */

struct name {
	char text[ROUTE_MAX];
	UT_hash_handle hh;
};

/* Strings are interned: what follows is compared as bytes. */
struct place {
	const char *function; /* NULL unknown */
	const char *file;
	uint64_t line;
	uint64_t of_function; /* as wide as the others: no padding */
};

struct key {
	const char *culprit;
	const char *victim;
	struct place place;
	const char *job;
	uint64_t label; /* as wide as the others: no padding */
};

struct row {
	struct key key;
	struct blame_row row;
	UT_hash_handle hh;
};

struct known {
	uint64_t id;
	const char *route;
	UT_hash_handle hh;
};

/* What one culprit did to one victim. */
struct delay {
	uint64_t culprit;
	const char *victim;
	struct place place;
	const char *job;
	enum label label;
	uint64_t ns;
	uint64_t sampled_ns; /* of them */
};

/* A culprit that delays wait for. */
struct awaited {
	uint64_t id;
	struct delay *delays;
	size_t n, capacity;
	UT_hash_handle hh;
};

struct blame {
	const struct route_rules *rules;
	size_t max_rows;
	struct name *names;
	struct row *by_key;
	struct row **rows;
	size_t n_rows, cap_rows;
	struct known *known; /* oldest first */
	struct awaited *awaited;
	size_t n_pending; /* delays of the awaited */
};

int blame_new(size_t max_rows, const struct route_rules *rules, struct blame **ret_blame)
{
	struct blame *blame = calloc(1, sizeof(*blame));

	if (!blame)
		return -ENOMEM;
	blame->max_rows = max_rows;
	blame->rules = rules;
	*ret_blame = blame;
	return 0;
}

static void awaited_free(struct blame *blame, struct awaited *awaited)
{
	HASH_DEL(blame->awaited, awaited);
	blame->n_pending -= awaited->n;
	free(awaited->delays);
	free(awaited);
}

static struct awaited *awaited_get(struct blame *blame, uint64_t id)
{
	struct awaited *awaited;

	HASH_FIND(hh, blame->awaited, &id, sizeof(id), awaited);
	if (awaited)
		return awaited;
	awaited = calloc(1, sizeof(*awaited));
	if (!awaited)
		return NULL;
	awaited->id = id;
	HASH_ADD(hh, blame->awaited, id, sizeof(awaited->id), awaited);
	return awaited;
}

static int await_culprit(struct blame *blame, const struct delay *delay)
{
	struct awaited *awaited = awaited_get(blame, delay->culprit);
	int err = -ENOMEM;

	if (awaited)
		err = array_reserve(&awaited->delays, &awaited->capacity, awaited->n,
				    sizeof(*delay));
	if (err)
		return err;
	awaited->delays[awaited->n++] = *delay;
	blame->n_pending++;
	return 0;
}

void blame_free(struct blame *blame)
{
	struct name *name, *name_tmp;
	struct known *known, *known_tmp;
	struct awaited *awaited, *tmp;

	if (!blame)
		return;
	HASH_CLEAR(hh, blame->by_key);
	for (size_t i = 0; i < blame->n_rows; i++)
		free(blame->rows[i]);
	HASH_ITER (hh, blame->names, name, name_tmp) {
		HASH_DEL(blame->names, name);
		free(name);
	}
	HASH_ITER (hh, blame->known, known, known_tmp) {
		HASH_DEL(blame->known, known);
		free(known);
	}
	HASH_ITER (hh, blame->awaited, awaited, tmp)
		awaited_free(blame, awaited);
	free(blame->rows);
	free(blame);
}

/* The shared copy; NULL when memory is short. */
static const char *intern(struct blame *blame, const char *text)
{
	struct name *name = NULL;

	HASH_FIND_STR(blame->names, text, name);
	if (!name && HASH_COUNT(blame->names) > 2 * blame->max_rows && *text != *BLAME_OTHER) {
		text = BLAME_OTHER; /* as its like, never too many */
		HASH_FIND_STR(blame->names, text, name);
	}
	if (name)
		return name->text;
	name = calloc(1, sizeof(*name));
	if (!name)
		return NULL;
	(void)snprintf(name->text, sizeof(name->text), "%s", text);
	HASH_ADD_STR(blame->names, text, name);
	return name->text;
}

static const char *route_of(struct blame *blame, const struct request *request)
{
	char name[ROUTE_MAX];

	(void)route_name(blame->rules, request, name);
	return intern(blame, name);
}

static struct row *row_get(struct blame *blame, const struct key *key)
{
	struct row *row;

	HASH_FIND(hh, blame->by_key, key, sizeof(*key), row);
	if (row ||
	    array_reserve(&blame->rows, &blame->cap_rows, blame->n_rows, sizeof(struct row *)))
		return row;
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	row->key = *key;
	row->row.culprit = key->culprit;
	row->row.victim = key->victim;
	row->row.function = key->place.function;
	row->row.file = key->place.file;
	row->row.line = (uint32_t)key->place.line;
	row->row.of_function = key->place.of_function;
	row->row.label = (enum label)key->label;
	row->row.job = key->job;
	blame->rows[blame->n_rows++] = row;
	HASH_ADD(hh, blame->by_key, key, sizeof(row->key), row);
	return row;
}

static int row_add(struct blame *blame, const char *culprit, const struct delay *delay)
{
	struct key key = {culprit, delay->victim, delay->place, delay->job, delay->label};
	struct row *row;

	HASH_FIND(hh, blame->by_key, &key, sizeof(key), row);
	if (!row && blame->n_rows + N_OTHERS >= blame->max_rows) {
		culprit = intern(blame, BLAME_OTHER);
		key = (struct key){.culprit = culprit, .victim = culprit, .label = delay->label};
	}
	row = culprit ? row_get(blame, &key) : NULL;
	if (!row)
		return -ENOMEM;
	row->row.delay_ns += delay->ns;
	row->row.sampled_ns += delay->sampled_ns;
	row->row.delays++;
	if (delay->ns > row->row.max_ns)
		row->row.max_ns = delay->ns;
	return 0;
}

/* Its name may be asked for: by victims that are handed out later. */
static int know(struct blame *blame, uint64_t id, const char *route)
{
	struct known *known;

	HASH_FIND(hh, blame->known, &id, sizeof(id), known);
	if (known)
		return 0;
	known = blame->known;
	if (HASH_COUNT(blame->known) >= MAX_KNOWN) { /* the oldest */
		HASH_DEL(blame->known, known);
		free(known);
	}
	known = calloc(1, sizeof(*known));
	if (!known)
		return -ENOMEM;
	known->id = id;
	known->route = route;
	HASH_ADD(hh, blame->known, id, sizeof(known->id), known);
	return 0;
}

/* The delays that waited for this culprit. */
static int settle(struct blame *blame, struct awaited *awaited, const char *route)
{
	int err = 0;

	for (size_t i = 0; i < awaited->n && !err; i++)
		err = row_add(blame, route, &awaited->delays[i]);
	awaited_free(blame, awaited);
	return err;
}

static int settle_culprit(struct blame *blame, uint64_t id, const char *route)
{
	struct awaited *awaited;

	HASH_FIND(hh, blame->awaited, &id, sizeof(id), awaited);
	return awaited ? settle(blame, awaited, route) : 0;
}

void blame_settle(struct blame *blame)
{
	const char *route = intern(blame, BLAME_OPEN);
	struct awaited *awaited, *tmp;

	HASH_ITER (hh, blame->awaited, awaited, tmp)
		if (route)
			(void)settle(blame, awaited, route);
}

static const char *nobody(uint32_t busy, enum label label)
{
	if (busy == LABEL_BUSY_SEVERAL)
		return BLAME_OTHER;
	if (busy)
		return BLAME_BACKGROUND;
	return label == LABEL_POOL_QUEUE ? BLAME_WAKING : BLAME_NODE;
}

static int add_delay(struct blame *blame, const struct delay *delay, uint32_t busy)
{
	const char *route = NULL;
	struct known *known;

	if (!delay->culprit) {
		route = intern(blame, nobody(busy, delay->label));
		return route ? row_add(blame, route, delay) : -ENOMEM;
	}
	HASH_FIND(hh, blame->known, &delay->culprit, sizeof(delay->culprit), known);
	if (known)
		return row_add(blame, known->route, delay);
	if (blame->n_pending == MAX_PENDING)
		blame_settle(blame);
	return await_culprit(blame, delay);
}

struct waited {
	struct delay delay;
	uint32_t busy; /* label_span.busy */
};

static int compare_waited(const void *left, const void *right)
{
	const struct waited *a = left, *b = right;

	if (a->delay.culprit != b->delay.culprit)
		return a->delay.culprit < b->delay.culprit ? -1 : 1;
	if (a->busy != b->busy)
		return a->busy < b->busy ? -1 : 1;
	if (a->delay.label != b->delay.label)
		return a->delay.label < b->delay.label ? -1 : 1;
	if (a->delay.job != b->delay.job)
		return (uintptr_t)a->delay.job < (uintptr_t)b->delay.job ? -1 : 1;
	return memcmp(&a->delay.place, &b->delay.place, sizeof(a->delay.place));
}

static struct place place_of(const struct stack *stack)
{
	const struct frame *frame = blame_frame(stack);

	if (!frame)
		return (struct place){NULL, NULL, 0, 0};
	return (struct place){frame->function, frame->file, frame->line, frame->of_function};
}

/* Each process counts its requests on its own. */
static uint64_t key_of(const struct request *request, uint64_t id)
{
	return id ? (uint64_t)request->pid << 40 ^ id : 0;
}

static size_t collect(const struct request *request, const char *route, struct waited *waited)
{
	size_t n = 0;

	for (uint32_t i = 0; i < request->n_labels; i++) {
		const struct label_span *span = &request->labels[i];

		if (!label_has_crowds(span->label) && !(span->label == LABEL_GC && span->busy))
			continue;
		waited[n].delay.label = span->label;
		waited[n].delay.job = span->job;
		waited[n].delay.culprit = key_of(request, span->culprit);
		waited[n].delay.victim = route;
		waited[n].delay.place = place_of(span->stack);
		waited[n].delay.ns = span->end_ns - span->start_ns;
		waited[n].delay.sampled_ns = span->samples ? waited[n].delay.ns : 0;
		waited[n++].busy = span->busy;
	}
	return n;
}

const char *blame_name(const struct blame *blame, const struct request *request, uint64_t serial,
		       uint32_t busy)
{
	uint64_t id = key_of(request, serial);
	struct known *known;

	if (!id)
		return nobody(busy, LABEL_LOOP);
	HASH_FIND(hh, blame->known, &id, sizeof(id), known);
	return known ? known->route : NULL;
}

/* One row for what a culprit did to it in several stretches. */
static int add_waits(struct blame *blame, struct waited *waited, size_t n)
{
	int err = 0;

	if (n)
		qsort(waited, n, sizeof(*waited), compare_waited);
	for (size_t i = 0; i < n && !err; i++) {
		if (i + 1 < n && !compare_waited(&waited[i], &waited[i + 1])) {
			waited[i + 1].delay.ns += waited[i].delay.ns;
			waited[i + 1].delay.sampled_ns += waited[i].delay.sampled_ns;
		} else {
			err = add_delay(blame, &waited[i].delay, waited[i].busy);
		}
	}
	return err;
}

int blame_add(struct blame *blame, const struct request *request)
{
	const char *route = route_of(blame, request);
	struct waited *waited = calloc((size_t)request->n_labels + 1, sizeof(*waited));
	int err;

	if (!route || !waited) {
		free(waited);
		return -ENOMEM;
	}
	err = know(blame, key_of(request, request->serial), route);
	if (!err)
		err = settle_culprit(blame, key_of(request, request->serial), route);
	if (!err)
		err = add_waits(blame, waited, collect(request, route, waited));
	free(waited);
	return err;
}

size_t blame_count(const struct blame *blame)
{
	return blame->n_rows;
}

const struct blame_row *blame_at(const struct blame *blame, size_t i)
{
	return &blame->rows[i]->row;
}

static int by_delay(const void *left, const void *right, void *user)
{
	const struct blame *blame = user;
	size_t a = *(const size_t *)left, b = *(const size_t *)right;
	uint64_t x = blame->rows[a]->row.delay_ns, y = blame->rows[b]->row.delay_ns;

	if (x != y)
		return x > y ? -1 : 1;
	return (a > b) - (a < b);
}

void blame_by_delay(const struct blame *blame, size_t *ret_order)
{
	for (size_t i = 0; i < blame->n_rows; i++)
		ret_order[i] = i;
	if (blame->n_rows)
		qsort_r(ret_order, blame->n_rows, sizeof(*ret_order), by_delay, (void *)blame);
}
