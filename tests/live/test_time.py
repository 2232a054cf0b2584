# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Where the time went, against what the application measured itself."""
import concurrent.futures
import http.client
import json
import os
import statistics

from harness import ANSWERED, ROOT, MAJORS, expect, free_port, free_ports, live, read_ndjson, requests_of, wait_until

APP = ROOT / "tests/apps/time/server.js"
REPLY = ROOT / "tests/apps/time/replies.js"
JOBS = ROOT / "tests/apps/time/jobs.js"
ROUNDS = 3  # the machine may be busy: what is measured must be right in one of them
BLOCKS = 6  # … and these are short
POOL_ROUNDS = 12  # … and of these no more than it takes
VICTIMS = 6
MAX_MEDIAN_US = 300
REPLIES = 4  # as in replies.js
NAMELESS = "js"  # a frame of JavaScript of which no more is known


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWERED)
    connection.request("GET", path)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def traced(t, node, work, app=APP, words=(), **options):
    """What `work(port)` returned, and the trace of it."""
    port, trace = free_port(), t.folder / "trace.ndjson"
    server = t.node(node, app, port, *words, port=port, **options)
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", trace)
    told = work(port)
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    return told, read_ndjson(trace)


def apart(measured, truth):
    return abs(measured - truth) / truth if truth > 0 else 1


@live(node=MAJORS)
def idle_and_collections_agree_with_node(t, node):
    """Idle time of the loop within 1 % of eventLoopUtilization(), collections within 5 % of perf_hooks."""
    told, lines = traced(t, node, lambda port: [ask(port, "/window") for _ in range(ROUNDS)])
    windows = [request for request in requests_of(lines) if request["url"] == "/window"]
    expect(len(windows) == ROUNDS, f"{len(windows)} windows")
    idle = [apart(window["loop_idle_ns"] / 1e6, truth["idle"]) for window, truth in zip(windows, told)]
    gc = [apart(window["gc_ns"] / 1e6, truth["gc"]) for window, truth in zip(windows, told)]
    t.note = f"idle {min(idle):.2%} off, collections {min(gc):.2%} off"
    expect(min(idle) < 0.01, f"idle time is off by {[f'{x:.2%}' for x in idle]}: {told}")
    expect(min(gc) < 0.05, f"collections are off by {[f'{x:.2%}' for x in gc]}: {told}")


@live(node=[22])
def an_idle_loop_has_waited(t, node):
    """Nothing ends its wait, which began before the trace: the totals have it all the same."""
    summary = t.capture_until(t.idle_node(node), "-d", "1s")[-1]
    idle, busy, whole = (summary[name] / 1e6 for name in ("loop_idle_ns", "loop_busy_ns", "duration_ns"))
    t.note = f"{idle:.0f} ms idle and {busy:.0f} busy of {whole:.0f}"
    expect(idle > whole / 2, t.note)
    expect(idle + busy < whole * 1.05, t.note)


def block_round(port):
    """Requests that wait for timers, and one that keeps the loop until all of them are late."""
    with concurrent.futures.ThreadPoolExecutor(VICTIMS) as pool:
        victims = [pool.submit(ask, port, f"/late/{i}") for i in range(VICTIMS)]
        wait_until(lambda: ask(port, "/waiting")["waiting"] == VICTIMS, 20, "the victims wait")
        ready = ask(port, "/block")["ready"]
        return ready, sum(victim.result()["late"] for victim in victims)


def delay_of(requests, culprit):
    """How long others were kept waiting by it."""
    return sum(end - start for request in requests for start, end, label, _, who in request["path"]
               if label in ("loop", "gc") and who == culprit["id"]) / 1e6


@live(node=MAJORS)
def who_keeps_the_loop_busy_is_named(t, node):
    """The route and the function that blocked the event loop, and the delay of those who waited."""
    told, lines = traced(t, node, lambda port: [block_round(port) for _ in range(BLOCKS)])
    requests = requests_of(lines)
    culprits = [request for request in requests if request["url"] == "/block"]
    expect(len(culprits) == BLOCKS and all(ready == VICTIMS for ready, _ in told), f"{told}")
    off = [apart(delay_of(requests, culprit), late) for culprit, (_, late) in zip(culprits, told)]
    t.note = f"delays of {VICTIMS} victims {min(off):.2%} off"
    expect(min(off) < 0.05, f"delays are off by {[f'{x:.2%}' for x in off]}: {told}")
    rows = [line for line in lines if line["k"] == "blame" and line["culprit"] == "GET /block"
            and line["victim"] == "GET /late/:id"]
    worst = max(rows, key=lambda row: row["delay_ns"], default=None)
    expect(worst, "no row blames GET /block")
    expect(worst["file"] == str(APP) and worst["line"], f"where it blocked is not known: {worst}")
    expect(apart(sum(row["delay_ns"] for row in rows) / 1e6, sum(delay_of(requests, c) for c in culprits)) < 0.001,
           f"blame says {rows}")
    check_turns(lines, culprits, told)


def reply_round(port, kind):
    """Requests that wait for replies, which come while another one keeps the loop."""
    with concurrent.futures.ThreadPoolExecutor(REPLIES) as pool:
        victims = [pool.submit(ask, port, f"/{kind}") for _ in range(REPLIES)]
        wait_until(lambda: ask(port, "/waiting")["waiting"] == REPLIES, 20, "the victims wait")
        late = ask(port, "/block")["late"]
        for victim in victims:
            victim.result()
        return late


def replies_are_told(t, node):
    rounds = [kind for kind in ("tcp", "unix", "web") for _ in range(ROUNDS)]
    told, lines = traced(t, node, lambda port: [reply_round(port, kind) for kind in rounds], app=REPLY,
                         words=free_ports(2))
    requests = requests_of(lines)
    culprits = [request for request in requests if request["url"] == "/block"]
    expect(len(culprits) == len(rounds), f"{len(culprits)} blocked")
    off = {}
    for kind, late, culprit in zip(rounds, told, culprits):
        victims = [request for request in requests if request["url"] == f"/{kind}"]
        off.setdefault(kind, []).append(apart(delay_of(victims, culprit), late))
    t.note = ", ".join(f"{kind} {min(off[kind]):.2%}" for kind in off) + " off"
    # all of it would be missing; what a busy machine adds is no error of ours
    expect(all(min(off[kind]) < 0.2 for kind in off), f"delays are off by {off}: {told}")
    rows = [line for line in lines if line["k"] == "blame" and line["culprit"] == "GET /block"]
    expect({"GET /tcp", "GET /unix", "GET /web"} <= {row["victim"] for row in rows}, f"blamed is {rows}")


@live(node=[18, 24])
def replies_that_lay_while_the_loop_was_kept_are_told(t, node):
    """Data of TCP, unix and HTTP connections that came while the loop was busy waited for the loop, not for the net."""
    replies_are_told(t, node)


@live(full=True, node=[16, 20, 22, 25, 26])
def replies_that_lay_are_told_on_all_versions(t, node):
    replies_are_told(t, node)


def check_turns(lines, culprits, told):
    """The worst turns are those in which it blocked; what its victims lost in one is what they measured."""
    turns = [line for line in lines if line["k"] == "turn"]
    sums = [turn["delay_ns"] for turn in turns]
    expect(turns and sums == sorted(sums, reverse=True), f"turns in disorder: {sums}")
    named = [turn["culprit"] for turn in turns[:BLOCKS]].count("GET /block")
    expect(named >= BLOCKS / 2, f"of the worst turns {named} name the culprit: {turns[:BLOCKS]}")
    late = {culprit["serial"]: truth for culprit, (_, truth) in zip(culprits, told)}
    worst = [turn for turn in turns if turn["serial"] in late and turn["waited"] >= VICTIMS]
    expect(worst, f"no turn names the culprit: {turns[:2]}")
    off = [apart(turn["delay_ns"] / 1e6, late[turn["serial"]]) for turn in worst]
    expect(min(off) < 0.05, f"delays by turn are off by {[f'{x:.2%}' for x in off]}: {turns}, {told}")
    turn = worst[off.index(min(off))]
    expect((turn["culprit"], turn["file"]) == ("GET /block", str(APP)) and turn["line"], f"who, where? {turn}")
    expect(turn["start_ns"] < turn["end_ns"] and turn["culprit_ns"] <= turn["end_ns"] - turn["start_ns"],
           f"longer than the turn: {turn}")
    victims = turn["victims"]
    expect([victim["route"] for victim in victims].count("GET /late/:id") == VICTIMS and
           sum(victim["delay_ns"] for victim in victims) <= turn["delay_ns"], f"victims are {victims}")


def pool_round(port, hashes):
    """Hashes have all threads of the pool, and jobs wait behind them: what each knows of its wait. None when the kernel
    let another hash be done before the short one."""
    *others, short = hashes
    with concurrent.futures.ThreadPoolExecutor(VICTIMS + len(others)) as pool:
        fronts = [pool.submit(ask, port, path) for path in others]
        victims = [pool.submit(ask, port, f"/stat/{i}") for i in range(VICTIMS)]
        wait_until(lambda: ask(port, "/waiting")["waiting"] == len(fronts) + VICTIMS, 20, "all wait for the short hash")
        done = ask(port, short)["done"]
        waits = [victim.result()["queued"] for victim in victims]
        return waits if all(done < front.result()["done"] for front in fronts) else None


def job_of(requests, url):
    request = next(request for request in requests if request["url"] == url)
    return request["serial"], next(op for op in request["ops"] if "queued_ns" in op)


def check_front(requests, jobs):
    """All waited for the short hash, which gave its thread back first."""
    serial, front = job_of(requests, "/short")
    for job in jobs:
        expect(job["type"] == "fs.stat" and job["queued_ns"] <= job["started_ns"] <= job["finished_ns"]
               <= job["end_ns"], f"times in disorder: {job}")
        longest = max(job["behind"], key=lambda front: front["end_ns"] - front["start_ns"])
        expect((longest["job"], longest["serial"], longest["op"]) == ("crypto pbkdf2", serial, front["id"]),
               f"in front is {longest}, not {front}")
        expect(longest["fn"] == "submit" and longest["file"] == str(APP) and longest["line"], f"where? {longest}")


def check_blame(lines, requests):
    """Waits for the pool, by the route and job in front: their sum is that of the labels."""
    rows = [line for line in lines if line["k"] == "blame" and line["label"] == "pool-queue"]
    labels = sum(request["labels"].get("pool-queue", 0) for request in requests)
    expect(sum(row["delay_ns"] for row in rows) == labels, f"{labels} ns in the queue, but {rows}")
    named = [row for row in rows if row["victim"] == "GET /stat/:id" and row["job"]]
    worst = max(named, key=lambda row: row["delay_ns"])
    expect((worst["culprit"], worst["job"], worst["fn"], worst["file"]) ==
           ("GET /short", "crypto pbkdf2", "submit", str(APP)), f"blamed is {worst}")


def measure_pool(t, node, hashes):
    """How far the worst of the measured waits is off; None when they waited for something else than they should, or
    objects had moved before a tracer without a CPU could look who called: then it names nobody, which is no mistake."""
    told, lines = traced(t, node, lambda port: pool_round(port, hashes),
                         env={**os.environ, "UV_THREADPOOL_SIZE": str(len(hashes))})
    if not told:
        return None
    requests = requests_of(lines)
    if any(frame["fn"] == NAMELESS for frame in job_of(requests, "/short")[1]["stack"]):
        return None
    jobs = [job_of(requests, f"/stat/{i}")[1] for i in range(VICTIMS)]
    check_front(requests, jobs)
    check_blame(lines, requests)
    return max(apart((job["started_ns"] - job["queued_ns"]) / 1e6, truth) for job, truth in zip(jobs, told))


@live(node=MAJORS)
def jobs_that_wait_for_the_pool_are_measured(t, node):
    """Each one's wait in the queue within 5 %, and the job in front named; one thread or two."""
    for hashes in (["/short"], ["/long", "/short"]):
        off, n = [], 0
        while n < POOL_ROUNDS and min(off, default=1) > 0.05:
            n += 1
            off += [x for x in [measure_pool(t, node, hashes)] if x is not None]
        expect(off, f"in none of {n} rounds the short hash was done first, and the tracer could look in time")
        t.note += f"{len(hashes)} threads: each of {VICTIMS} waits {min(off):.2%} off, {n} rounds; "
        expect(min(off) < 0.05, f"waits are off by {[f'{x:.2%}' for x in off]}")


def check_job(op, told):
    """In order, and where the application says. Its clock is ours."""
    steps = [told["asked"], op["queued_ns"], op["started_ns"], op["finished_ns"], op["end_ns"], told["called"]]
    expect(steps == sorted(steps), f"times in disorder: {steps}: {op}, {told}")
    expect(told["init"] <= told["returned"] and op["queued_ns"] <= told["returned"], f"queued late: {op}, {told}")
    # a job is queued between the birth of its id and the return of the call
    asked = min(op["queued_ns"] - told["init"], told["returned"] - op["queued_ns"])
    return {"asked": asked, "called": told["before"] - op["end_ns"]}


@live(node=[22])
def times_of_jobs_agree_with_async_hooks(t, node):
    jobs_agree(t, node)


@live(full=True, node=MAJORS)
def times_of_jobs_agree_with_async_hooks_everywhere(t, node):
    jobs_agree(t, node)


def jobs_agree(t, node):
    """All jobs of the pool linked by id, each step in its order; medians are a few dozen us, on a busy machine more."""
    told, lines = traced(t, node, lambda port: ask(port, "/jobs"), app=JOBS)
    ops = {}
    for request in requests_of(lines):
        for op in request["ops"]:
            if "queued_ns" in op:
                ops.setdefault(op["aid"], op)
    missing = [job for job in told if job["id"] not in ops]
    expect(not missing, f"{len(missing)} of {len(told)} jobs are not linked: {missing[:3]}")
    apart_us = {}
    for job in told:
        for step, ns in check_job(ops[job["id"]], job).items():
            apart_us.setdefault((job["type"], step), []).append(ns / 1e3)
    medians = {key: statistics.median(values) for key, values in apart_us.items()}
    worst = max(medians, key=lambda key: abs(medians[key]))
    t.note = f"{len(told)} jobs linked, worst median {medians[worst]:.0f} us ({' '.join(worst)})"
    expect(abs(medians[worst]) < MAX_MEDIAN_US, f"medians are apart: {medians}")
