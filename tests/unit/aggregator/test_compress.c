/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/compress.h"

#include <errno.h>

#include "aggregator/folded.h"
#include "aggregator/sample.h"

static const struct stack here = {.id = 1};
static const struct stack there = {.id = 2};

static struct request *compressed(const struct request *request, uint32_t rules)
{
	struct request *out = NULL;

	assert_int_equal(compress_request(request, rules, &out), 0);
	assert_non_null(out);
	return out;
}

static struct op *add(struct request *request, uint32_t parent, const char *type,
		      const struct stack *stack, uint64_t start_us, uint64_t end_us)
{
	struct op *op = sample_op(request, parent, type, "", start_us, end_us);

	op->stack = stack;
	return op;
}

static void test_short_chains_are_counted_in_their_parent(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000), *out;
	struct op *op;

	(void)state;
	add(request, OP_PARENT_REQUEST, "timer", NULL, 10, 100);
	op = add(request, 0, "promise", NULL, 100, 110);
	sample_run(request, op, 100, 110);
	op = add(request, 1, "tick", NULL, 110, 130);
	sample_run(request, op, 120, 130);
	add(request, OP_PARENT_REQUEST, "immediate", NULL, 200, 205);
	out = compressed(request, COMPRESS_SHORT);
	assert_int_equal(out->n_ops, 1);
	assert_int_equal(out->ops[0].inlined.count, 2);
	assert_int_equal(out->ops[0].inlined.elapsed_ns, 30000);
	assert_int_equal(out->ops[0].n_runs, 2);
	assert_int_equal(op_cpu_ns(&out->ops[0]), 20000);
	assert_int_equal(out->inlined.count, 1);
	assert_int_equal(out->n_ops_total, 4);
	request_free(out);
	request_free(request);
}

static void test_what_started_something_stays(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000), *out;

	(void)state;
	add(request, OP_PARENT_REQUEST, "promise", NULL, 100, 110);
	add(request, 0, "tick", NULL, 110, 120);
	add(request, 1, "fs.stat", NULL, 120, 900);
	out = compressed(request, COMPRESS_ALL);
	assert_int_equal(out->n_ops, 3);
	assert_int_equal(out->ops[2].parent, 1);
	request_free(out);
	request_free(request);
}

static void test_what_ran_long_stays(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000), *out;
	struct op *op;

	(void)state;
	/* neither took 50 us, both together did: the one below is enough to see where */
	op = add(request, OP_PARENT_REQUEST, "promise", NULL, 100, 130);
	sample_run(request, op, 100, 130);
	op = add(request, 0, "promise", NULL, 130, 160);
	sample_run(request, op, 130, 160);
	out = compressed(request, COMPRESS_SHORT);
	assert_int_equal(out->n_ops, 1);
	assert_int_equal(out->ops[0].inlined.count, 1);
	request_free(out);
	request->ops[1].flags = OP_FAILED; /* worth a look however short */
	out = compressed(request, COMPRESS_SHORT);
	assert_int_equal(out->n_ops, 2);
	request_free(out);
	request_free(request);
}

static void test_siblings_that_are_alike_become_one(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000), *out;
	char label[64];
	struct op *op;

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		op = add(request, OP_PARENT_REQUEST, "fs.stat", &here, 100 + i, 200 + 10 * i);
		op->detail = i == 0 ? "/tmp/a" : i == 1 ? "/tmp/b" : "/tmp/c/d";
		op->queued_ns = op->start_ns;
		op->started_ns = op->start_ns + 5000;
		op->finished_ns = op->start_ns + 7000;
		op->evidence = i == 1 ? EVIDENCE_TICKS : EVIDENCE_TOKEN;
	}
	add(request, 0, "timer", &there, 300, 310); /* below different siblings, alike */
	add(request, 1, "timer", &there, 320, 340);
	add(request, 2, "timer", &there, 310, 330);
	out = compressed(request, COMPRESS_SIBLINGS);
	assert_int_equal(out->n_ops, 2);
	op = &out->ops[0];
	assert_int_equal(op->count, 3);
	assert_int_equal(op->start_ns, 100000);
	assert_int_equal(op->end_ns, 220000);
	assert_int_equal(op->sums->elapsed_ns, 327000);
	assert_int_equal(op->sums->min_ns, 100000);
	assert_int_equal(op->sums->max_ns, 118000);
	assert_int_equal(op->sums->queued_ns, 15000);
	assert_int_equal(op->sums->pool_ns, 6000);
	assert_int_equal(op->evidence, EVIDENCE_TICKS);
	(void)op_label(op, label, sizeof(label));
	assert_string_equal(label, "fs.stat /tmp/\u2026 (x3)");
	assert_int_equal(out->ops[1].count, 3);
	assert_int_equal(out->ops[1].parent, 0);
	request_free(out);
	request_free(request);
}

static void test_siblings_that_differ_stay(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000), *out;
	struct op *op;

	(void)state;
	add(request, OP_PARENT_REQUEST, "fs.stat", &here, 1, 2);
	add(request, OP_PARENT_REQUEST, "fs.stat", &here, 1, 2);
	add(request, OP_PARENT_REQUEST, "fs.stat", &there, 1, 2);
	add(request, OP_PARENT_REQUEST, "fs.open", &here, 1, 2);
	add(request, OP_PARENT_REQUEST, "fs.stat", &here, 1, 2)->flags = OP_FAILED;
	for (int i = 0; i < 3; i++) { /* no stack: then the detail must tell */
		op = add(request, OP_PARENT_REQUEST, "timer", NULL, 1, 2);
		op->detail = i == 0 ? "1" : i == 1 ? "2" : "3";
	}
	out = compressed(request, COMPRESS_ALL);
	assert_int_equal(out->n_ops, request->n_ops);
	request_free(out);
	out = compressed(request, COMPRESS_NONE);
	assert_int_equal(out->n_ops, request->n_ops);
	request_free(out);
	request_free(request);
}

struct sums {
	uint64_t count;
	uint64_t elapsed_ns;
	uint64_t run_ns;
	uint64_t queued_ns;
	uint64_t pool_ns;
	uint64_t bytes;
	uint64_t label_ns;
};

static uint64_t between(uint64_t start_ns, uint64_t end_ns)
{
	return start_ns && end_ns > start_ns ? end_ns - start_ns : 0;
}

static void add_inlined(struct sums *sums, const struct inlined *inlined)
{
	sums->count += inlined->count;
	sums->elapsed_ns += inlined->elapsed_ns;
}

static struct sums sums_of(const struct request *request)
{
	struct op own = {.runs = request->runs, .n_runs = request->n_runs};
	struct sums sums = {.run_ns = op_cpu_ns(&own)};

	add_inlined(&sums, &request->inlined);
	for (uint32_t i = 0; i < request->n_ops; i++) {
		const struct op *op = &request->ops[i];

		assert_true(op->parent < i || op->parent == OP_PARENT_REQUEST);
		assert_true(op->n_runs == 0 || op->runs);
		sums.count += op->count;
		sums.elapsed_ns += op_elapsed_ns(request, op);
		sums.run_ns += op_cpu_ns(op);
		sums.queued_ns +=
			op->sums ? op->sums->queued_ns : between(op->queued_ns, op->started_ns);
		sums.pool_ns +=
			op->sums ? op->sums->pool_ns : between(op->started_ns, op->finished_ns);
		add_inlined(&sums, &op->inlined);
		if (op->wire)
			sums.bytes += op->wire->bytes_in + op->wire->bytes_out;
	}
	for (uint32_t i = 0; i < request->n_labels; i++)
		sums.label_ns += request->labels[i].end_ns - request->labels[i].start_ns;
	return sums;
}

static uint32_t draw(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33) % n;
}

static void random_state(uint64_t *seed, struct op *op)
{
	op->stack = draw(seed, 3) ? draw(seed, 2) ? &here : &there : NULL;
	op->flags = draw(seed, 8) ? 0 : draw(seed, 2) ? OP_FAILED : OP_OPEN;
	if (op->flags == OP_OPEN)
		op->end_ns = 0;
	if (draw(seed, 4))
		return;
	op->queued_ns = op->start_ns;
	op->started_ns = op->start_ns + draw(seed, 5000);
	op->finished_ns = draw(seed, 3) ? op->started_ns + draw(seed, 5000) : 0;
}

/* What was moved, and a label on the critical path: the first of its runs. */
static void random_rest(uint64_t *seed, struct request *request, struct op *op)
{
	struct op_wire *wire;

	if (op->n_runs)
		request->labels[request->n_labels++] =
			(struct label_span){.start_ns = op->runs[0].start_ns,
					    .end_ns = op->runs[0].end_ns,
					    .label = LABEL_JS,
					    .op = request->n_ops - 1};
	if (strcmp(op->type, "fs.stat") != 0 || draw(seed, 2))
		return;
	wire = arena_alloc(request->arena, sizeof(*wire));
	assert_non_null(wire);
	*wire = (struct op_wire){.bytes_in = draw(seed, 1000), .bytes_out = draw(seed, 1000)};
	op->wire = wire;
}

static const struct turn_delay some_turn = {.start_ns = 1, .end_ns = 9, .delay_ns = 7};

/* Any tree: few types and stacks, so that much is alike; open ones, failed ones, pool jobs. */
static struct request *random_request(uint64_t *seed)
{
	static const char *const types[] = {"promise", "tick", "fs.stat", "timer", "immediate"};
	static const char *const details[] = {"", "/tmp/a", "/tmp/b", "/tmp/\u00e4", "20"};
	struct request *request = sample_request(1, "GET", "/x", 1000, 9000);
	uint32_t n = draw(seed, 120), runs = draw(seed, 4);

	request->labels = arena_alloc(request->arena, n * sizeof(*request->labels) + 1);
	assert_non_null(request->labels);
	request->turns = &some_turn;
	request->n_turns = draw(seed, 2);
	for (uint32_t i = 0; i < runs; i++)
		sample_own_run(request, 1000 + 10 * i, 1005 + 10 * i);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t parent = draw(seed, 3) && i ? draw(seed, i) : OP_PARENT_REQUEST;
		uint64_t start = 1000 + draw(seed, 9000), length = draw(seed, 500);
		struct op *op = sample_op(request, parent, types[draw(seed, 5)],
					  details[draw(seed, 5)], start, start + length);

		random_state(seed, op);
		for (uint32_t k = draw(seed, 4); k--;)
			sample_run(request, op, start + k, start + k + draw(seed, 40));
		random_rest(seed, request, op);
	}
	return request;
}

static bool has_run(const struct span *runs, uint32_t n, const struct label_span *label)
{
	for (uint32_t i = 0; i < n; i++)
		if (runs[i].start_ns == label->start_ns && runs[i].end_ns == label->end_ns)
			return true;
	return false;
}

/* A label stands where the time that it names went. */
static void check_labels(const struct request *request)
{
	for (uint32_t i = 0; i < request->n_labels; i++) {
		const struct label_span *label = &request->labels[i];
		const struct op *op = &request->ops[label->op];

		if (label->op == LABEL_OP_REQUEST) {
			assert_true(has_run(request->runs, request->n_runs, label));
			continue;
		}
		assert_true(label->op < request->n_ops);
		assert_true(has_run(op->runs, op->n_runs, label));
	}
}

static void check_totals(const struct request *request, uint32_t rules)
{
	struct request *out = compressed(request, rules), *again;
	struct sums before = sums_of(request), after = sums_of(out), twice;

	assert_memory_equal(&before, &after, sizeof(before));
	assert_true(out->n_ops <= request->n_ops);
	assert_int_equal(out->n_ops_total, request->n_ops_total);
	assert_int_equal(out->cpu_ns, request->cpu_ns);
	assert_int_equal(out->n_labels, request->n_labels);
	check_labels(out);
	assert_int_equal(out->n_turns, request->n_turns);
	if (out->n_turns)
		assert_memory_equal(out->turns, request->turns, sizeof(*out->turns));
	assert_ptr_not_equal(out->turns, &some_turn);
	again = compressed(out, rules);
	twice = sums_of(again);
	assert_memory_equal(&before, &twice, sizeof(before));
	request_free(again);
	request_free(out);
}

static void test_totals_are_the_same_before_and_after(void **state)
{
	uint64_t seed = 20;
	uint32_t fewer = 0;

	(void)state;
	for (int i = 0; i < 400; i++) {
		struct request *request = random_request(&seed), *out;

		for (uint32_t rules = COMPRESS_NONE; rules <= COMPRESS_ALL; rules++)
			check_totals(request, rules);
		out = compressed(request, COMPRESS_ALL);
		fewer += out->n_ops < request->n_ops;
		request_free(out);
		request_free(request);
	}
	assert_true(fewer > 300); /* else nothing was tested */
}

static void test_the_old_request_may_go(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000), *out;
	char detail[] = "/tmp/a";

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "fs.stat", arena_copy(request->arena, detail, 6), 1,
		  2);
	sample_own_run(request, 1, 3);
	out = compressed(request, COMPRESS_ALL);
	request_free(request);
	assert_string_equal(out->ops[0].detail, "/tmp/a");
	assert_int_equal(out->runs[0].end_ns, 3000);
	assert_true(out->bytes > 0);
	request_free(out);
}

static void test_rules_by_name(void **state)
{
	uint32_t rules = 77;

	(void)state;
	assert_int_equal(compress_rules_find("some", &rules), -ENOENT);
	assert_int_equal(compress_rules_find("", &rules), -ENOENT);
	assert_int_equal(compress_rules_find("short,", &rules), -ENOENT);
	assert_int_equal(rules, 77);
	assert_int_equal(compress_rules_find("all", &rules), 0);
	assert_int_equal(rules, COMPRESS_ALL);
	assert_int_equal(compress_rules_find("none", &rules), 0);
	assert_int_equal(rules, COMPRESS_NONE);
	assert_int_equal(compress_rules_find("siblings", &rules), 0);
	assert_int_equal(rules, COMPRESS_SIBLINGS);
	assert_int_equal(compress_rules_find("siblings,short", &rules), 0);
	assert_int_equal(rules, COMPRESS_ALL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_chains_are_counted_in_their_parent),
		cmocka_unit_test(test_what_started_something_stays),
		cmocka_unit_test(test_what_ran_long_stays),
		cmocka_unit_test(test_siblings_that_are_alike_become_one),
		cmocka_unit_test(test_siblings_that_differ_stay),
		cmocka_unit_test(test_totals_are_the_same_before_and_after),
		cmocka_unit_test(test_the_old_request_may_go),
		cmocka_unit_test(test_rules_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
