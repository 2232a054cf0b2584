# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Requests to other servers: each is one operation of the request that made it, as the client itself saw it."""
import concurrent.futures
import json
import re
import statistics

from harness import (MAJORS, ROOT, answers, expect, free_port, free_ports, get, live, read_ndjson, requests_of,
                     summary_of, wait_until)

APP = ROOT / "tests/apps/clients"
LATE_NS = 50e6  # upstream.js waits a little longer before it answers to /late
QUICK = [20, 22, 24]
REST = [major for major in MAJORS if major not in QUICK]
HTTP = ["close", "upload", "download", "default", "agent", "single", "post", "head", "none", "early", "big", "slow",
        "until-close", "fail", "moved", "cut", "timeout", "quit", "refused", "localhost", "unix", "two"]
HTTPS = ["https", "https-agent", "https-big"]
FETCH = ["fetch", "fetch-post", "fetch-big", "fetch-fail", "fetch-moved", "fetch-quit", "fetch-https"]
PACKAGES = ["pool", "pipeline", "axios", "axios-fail"]


def start(t, node):
    """The server that asks and the one that is asked: the first, and its port."""
    port, tls = free_port(), free_port()
    upstream = free_ports()
    path = t.socket("upstream")
    other = t.start("upstream", [t.nodes[node], APP / "upstream.js", upstream[0], tls, path])
    for there in (*upstream, tls):
        wait_until(lambda: answers(there) or not other.alive(), 15, "the other server answers")
    modules = t.oracle / "apps/d03-fastify/node_modules/undici", t.oracle / "apps/d04-koa/node_modules/axios/dist/node/axios.cjs"
    words = [APP / "server.js", port, upstream[0], tls, path, *(modules if node >= 18 else ())]
    return t.node(node, *words, port=port), port


def drive(port, names, together=()):
    """Each by itself and twice, then `together` all at once: what was asked, by number."""
    asked = dict(enumerate([*names, *names, *together], 1))
    numbers = list(asked)
    alone = numbers[:2 * len(names)]
    for rid in alone:
        expect(get(port, f"/{asked[rid]}/{rid}") == 200, f"/{asked[rid]} was not answered")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(get, port, f"/{asked[rid]}/{rid}") for rid in numbers[len(alone):]]
        expect(all(job.result() == 200 for job in jobs), "some were not answered")
    return asked


def was_written(call):
    """Neither refused, nor given up before there was a connection."""
    return "status" in call or "connected" in call or call.get("reused")


def find(call, operations):
    """The operation that is this call; None when there is not exactly one."""
    hosts = "127.0.0.1|localhost"
    host = call["host"].replace("127.0.0.1", f"({hosts})")
    target = re.compile(rf"{call['method']} https?://{host}{re.escape(call['path'])}$")
    found = [operation for operation in operations if target.match(operation["detail"])]
    return found[0] if len(found) == 1 else None


def check_times(call, operation):
    """What the tracer saw comes before what JavaScript was told of it, and in order."""
    names = ["start_ns", "connect_ns", "connected_ns", "written_ns", "first_byte_ns", "end_ns"]
    times = [operation[name] for name in names if operation.get(name)]
    expect(times == sorted(times), f"the steps of {operation} are out of order")
    expect(operation["start_ns"] >= call["start"], f"{operation} begins before it was made: {call}")
    for ours, theirs in (("connected_ns", "connected"), ("first_byte_ns", "first")):
        if operation.get(ours) and theirs in call:
            expect(operation[ours] <= call[theirs], f"{ours} of {operation} is later than {call}")
    if "error" not in call:
        expect(operation["end_ns"] <= call["end"], f"{operation} ends later than {call}")
    waited = (operation.get("first_byte_ns") or 0) - operation["written_ns"]
    if call["path"] == "/late":
        expect(waited >= LATE_NS, f"{operation} was answered too early")


def check_call(call, operations):
    """Returns its operation."""
    operation = find(call, operations)
    expect(operation, f"{call} is not one operation of its request: {[(o['type'], o['detail']) for o in operations]}")
    moved = call["path"] == "/moved" and call.get("status") == 200  # fetch() followed it
    status = 302 if moved else call.get("status")
    expect(operation.get("status") == status, f"{operation['detail']}: status {operation.get('status')}, was {status}")
    expect(("failed" in operation["flags"]) == ("error" in call or (status or 0) >= 400), f"{operation}: {call}")
    if call.get("own"):  # agents also open connections ahead, and for whoever comes first
        expect(operation.get("connected_ns"), f"{operation} had a connection of its own: {call}")
    for name in ("bytes_in", "bytes_out"):
        expect(name not in call or operation[name] == call[name], f"{name} of {operation} is not that of {call}")
    check_times(call, operation)
    return operation


def check(t, server, trace, asked):
    lines = read_ndjson(trace)
    expect(summary_of(lines)["lost"] == 0, "events were lost")
    requests = {int(request["url"].split("/")[2]): request for request in requests_of(lines)
                if re.match(r"/[a-z-]+/\d", request["url"])}
    calls = [json.loads(line) for line in server.out().splitlines()]
    expect({call["rid"] for call in calls} == set(asked), "some requests said nothing of their calls")
    expect(set(requests) == set(asked), f"requests of the trace: {sorted(requests)}")
    expect("rid=" not in trace.read_text(), "a query stands in the trace")
    late = []
    for call in filter(was_written, calls):
        ops = [operation for operation in requests[call["rid"]]["ops"] if operation["type"] == "http.client"]
        operation = check_call(call, ops)
        if "first" in call:
            late.append((call["first"] - operation["first_byte_ns"]) / 1e6)
    refused = [operation for request in requests.values() for operation in request["ops"]
               if operation["type"] == "net.connect" and "failed" in operation["flags"]]
    expect(len(refused) >= list(asked.values()).count("refused"), f"failed connections: {refused}")
    t.note = f"{len(calls)} calls, all right; JavaScript had the first byte {statistics.median(late):.2f} ms later"


@live(node=QUICK)
@live(node=REST, full=True)
def requests_to_others(t, node):
    """http, https, fetch, undici and axios: method, host, path, status, bytes and the order of all times."""
    server, port = start(t, node)
    trace = t.folder / "trace.ndjson"
    tracer = t.tracer(server.pid, "--no-stacks", "--format", "ndjson", "-o", trace)
    # not these at once: what undici queues it writes for whoever comes by, and nothing says for whom
    asked = drive(port, HTTP + HTTPS + (FETCH + PACKAGES if node >= 18 else []), HTTP + HTTPS)
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    expect(answers(port), "the server does not answer any more")
    check(t, server, trace, asked)


def check_name(call, request):
    """A question for a name is an operation: on a thread of the pool, or of c-ares."""
    kind = "dns.query" if call.get("type") else "dns.lookup"
    detail = call["name"] + (f" {call['type']}" if call.get("type") in ("MX", "TXT") else "")
    found = [operation for operation in request["ops"] if operation["type"] == kind and operation["detail"] == detail]
    expect(len(found) == 1, f"{call} is not one operation: {[(o['type'], o['detail']) for o in request['ops']]}")
    operation = found[0]
    names = ["start_ns", "queued_ns", "started_ns", "finished_ns", "end_ns"] if kind == "dns.lookup" else ["start_ns", "end_ns"]
    times = [call["start"], *(operation[name] or 0 for name in names), call["end"]]
    expect(times == sorted(times), f"the steps of {operation} are out of order: {call}")
    if kind == "dns.lookup":
        expect(("failed" in operation["flags"]) == ("error" in call), f"{operation}: {call}")


@live(node=QUICK)
@live(node=REST, full=True)
def names_of_others(t, node):
    """dns.lookup() with its time in the queue and on a thread of the pool, and what c-ares is asked."""
    server, port = start(t, node)
    trace = t.folder / "trace.ndjson"
    tracer = t.tracer(server.pid, "--no-stacks", "--format", "ndjson", "-o", trace)
    drive(port, ["lookup", "lookup-fail", "resolve", "resolve-fail"])
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    requests = {int(request["url"].split("/")[2]): request for request in requests_of(read_ndjson(trace))
                if request["url"].count("/") == 2}
    calls = [json.loads(line) for line in server.out().splitlines()]
    expect(len(calls) == 14, f"{len(calls)} calls")
    for call in calls:
        check_name(call, requests[call["rid"]])
    t.note = f"{len(calls)} names"


def check_talk(call, request, peer):
    """Bytes on a socket: as many as the socket itself counted, on one operation of the request."""
    found = [operation for operation in request["ops"] if operation["type"] == "net.exchange"]
    expect(len(found) == 1, f"{call} is not one operation: {[(o['type'], o['detail']) for o in request['ops']]}")
    operation = found[0]
    expect(operation["detail"] == peer, f"{operation} goes to {peer}")
    for name in ("bytes_in", "bytes_out"):
        expect(operation[name] == call[name], f"{name} of {operation} is not that of {call}")
    expect(operation["round_trips"] == call.get("talk", 1), f"round trips of {operation}: {call}")
    names = ["start_ns", "connect_ns", "connected_ns", "written_ns", "first_byte_ns", "end_ns"]
    times = [call["start"], *(operation[name] for name in names if operation.get(name)), call.get("last", call["end"])]
    expect(times == sorted(times), f"the steps of {operation} are out of order: {call}")
    if "talk" in call:
        expect(operation["connected_ns"] <= call["connected"], f"{operation} was connected later than {call}")
    else:
        expect(not operation.get("connect_ns"), f"{operation} had its connection before")


@live(node=QUICK)
@live(node=REST, full=True)
def talks_to_others(t, node):
    """Sockets: peer, bytes, round trips and connect time; one connection is older than the trace."""
    server, port = start(t, node)
    trace = t.folder / "trace.ndjson"
    peer = f"127.0.0.1:{int(server.command[3]) + 1}"
    tracer = t.tracer(server.pid, "--no-stacks", "--format", "ndjson", "-o", trace)
    drive(port, ["talk", "shared"] * 3)
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    requests = {int(request["url"].split("/")[2]): request for request in requests_of(read_ndjson(trace))
                if request["url"].count("/") == 2}
    calls = [json.loads(line) for line in server.out().splitlines()]
    expect(len(calls) == 12, f"{len(calls)} calls")
    for call in calls:
        check_talk(call, requests[call["rid"]], peer)
    t.note = f"{len(calls)} talks, {sum(call['bytes_in'] + call['bytes_out'] for call in calls)} bytes"
