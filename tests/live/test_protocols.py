# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""What the server and its client know of each request, by protocol, stands in the trace."""
import json
import re

from harness import MAJORS, ROOT, answers, expect, expect_truth, free_port, live, read_ndjson, requests_of, summary_of, wait_until

RID = re.compile(r"[?&]rid=(\d+)$")
NAMED = re.compile(r"/nowhere/rid-(\d+)\.")
MIN_RIGHT = 99.0  # per cent of the operations that name a request
CUT = {"abort", "torn"}


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def run_load(t, protocol, node, rounds, *tracer_options, query=("--show-query",)):
    """The trace, what the client got and what the server knows, all by request number."""
    folder = ROOT / "tests/apps/protocols"
    address = t.socket("http") if protocol.startswith("unix") else free_port()
    word = protocol.replace("unix-", "")
    truth = t.folder / "truth.ndjson"
    server = t.node(node, folder / "server.js", word, address, truth)
    wait_until(lambda: address.exists() if protocol.startswith("unix") else answers(address), 15, "the server answers")
    trace = t.folder / "trace.ndjson"
    tracer = t.tracer(server.pid, *query, "--format", "ndjson", "-o", trace, *tracer_options)
    client = t.node(node, folder / "client.js", word, address, rounds)
    expect(client.wait(90) == 0, f"the client failed: {client.err()[-500:]}")
    expect(server.alive(), f"the server failed: {server.err()[-500:]}")
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    server.stop(15)
    return read_ndjson(trace), {line["rid"]: line for line in lines_of(client.out_path)}, \
        {line["rid"]: line for line in lines_of(truth)}


def by_number(lines):
    """Requests of the trace by number, and those without one."""
    traced, nameless = {}, []
    for request in requests_of(lines):
        match = RID.search(request["url"])
        if not match:
            nameless.append(request)
            continue
        rid = int(match.group(1))
        expect(rid not in traced, f"request {rid} is in the trace twice")
        traced[rid] = request
    return traced, nameless


def check_words(sent, request):
    """Method, target, status and how it ended."""
    got = f"{request['method']} {request['url']} {request['status']} {request['flags']}"
    expect((request["method"], request["url"]) == (sent["method"], sent["url"]), f"{sent}: {got}")
    cut = sent["kind"] in CUT
    if sent["kind"] == "refused":  # unless the client was gone before the server could say so
        cut = not request["status"]
        expect(cut or request["status"] == 400, f"{sent}: {got}")
    elif sent["status"] or not cut:
        expect(request["status"] == sent["status"], f"{sent}: {got}")
    expect(("aborted" in request["flags"]) == cut, f"{sent}: {got}")
    expect(not {"partial", "lossy", "open", "end-approximate"} & set(request["flags"]), f"{sent}: {got}")


def check_protocol(truth, request, tls):
    name = ("h2" if tls else "h2c") if truth["version"] == "2.0" else f"{'https' if tls else 'http'}/{truth['version']}"
    expect((request["protocol"], request["tls"]) == (name, tls), f"protocol of {truth}: {request['protocol']}")


def check_times(sent, truth, request, streams):
    """The end is not before end() was called, and not later than what followed from it but by the loop's lag. A stream
    of HTTP/2 is finished before it is written: then the client knows when the last of it was there. How much later."""
    expect(request["start_ns"] <= truth["begin"], f"{sent}: begins after its handler")
    if sent["kind"] in CUT:
        return None
    if request["method"] != "HEAD":  # which HTTP/2 ends with the headers
        expect(request["end_ns"] >= truth.get("end", 0), f"{sent}: ends before end() was called")
    latest = max(truth["finish"], truth["close"], sent["done"] if streams else 0)
    late = request["end_ns"] - latest
    expect(late <= truth["lag"], f"{sent}: ends {late / 1e6:.3f} ms after 'finish'; the loop's lag is {truth['lag'] / 1e6:.3f} ms")
    return late


def count_named(lines, traced):
    """(right, wrong, of no request) of the operations whose path names a request."""
    right = wrong = none = 0
    names = {request["id"]: rid for rid, request in traced.items()}
    for line in lines:
        for op in line.get("ops", []) if line["k"] == "req" else [line]:
            match = NAMED.search(op.get("detail") or "")
            if not match:
                continue
            if line["k"] == "req":
                right += names.get(line["id"]) == int(match.group(1))
                wrong += names.get(line["id"]) != int(match.group(1))
            else:
                none += 1
    return right, wrong, none


def judge(t, protocol, node, rounds, *tracer_options):
    lines, sent, truths = run_load(t, protocol, node, rounds, *tracer_options)
    expect(summary_of(lines)["lost"] == 0, f"{summary_of(lines)['lost']} events were lost")
    traced, nameless = by_number(lines)
    sent = {rid: line for rid, line in sent.items() if rid in truths or rid in traced}
    missing = sorted(set(sent) - set(traced))
    expect(not missing, f"{len(missing)} of {len(sent)} requests are missing: {[sent[rid] for rid in missing[:5]]}")
    late = []
    for rid, line in sent.items():
        check_words(line, traced[rid])
        if rid in truths:
            check_protocol(truths[rid], traced[rid], protocol in ("https", "h2"))
            late.append(check_times(line, truths[rid], traced[rid], protocol.startswith("h2")))
    late = sorted(ns / 1e6 for ns in late if ns is not None)
    right, wrong, none = count_named(lines, traced)
    t.note = f"{len(sent)} requests, {len(late)} ends {-late[len(late) // 2]:.2f} ms before 'finish', the latest " \
        f"{late[-1]:+.2f} ms; of {right + wrong + none} named operations {right} right, {wrong} wrong"
    expect_truth(not wrong, f"{wrong} operations are wrong")
    expect(right >= MIN_RIGHT / 100 * (right + none), f"{none} of {right + none} operations have no request")
    return traced, nameless


def check_unparsed(nameless):
    """What the client sent by hand that was no whole request; CONNECT has no path that could tell its number."""
    others = [request for request in nameless if request["method"] != "CONNECT"]
    expect(all("unparsed" in request["flags"] and request["status"] in (400, None) for request in others), f"{others}")
    urls = sorted(request["url"] for request in others if request["url"] != "?")
    expect(urls == ["/bad", "/ha", "/half"], f"malformed and half-sent requests: {urls}")


@live(protocol=["http", "https"], node=MAJORS)
def requests_over(t, protocol, node):
    _, nameless = judge(t, protocol, node, 1)
    check_unparsed(nameless)


@live(protocol=["h2", "h2c"], node=MAJORS)
def streams_over(t, protocol, node):
    _, nameless = judge(t, protocol, node, 1)
    expect(not nameless, f"requests that nobody sent: {[request['url'] for request in nameless]}")


@live(node=[16, 22, 26])
def requests_over_a_unix_socket(t, node):
    judge(t, "unix-http", node, 1)


@live(protocol=["https", "h2"], node=[22])
def query_stays_in_the_target(t, protocol, node):
    """Unless it is asked for."""
    lines, sent, _ = run_load(t, protocol, node, 1, query=())
    requests = [request for request in requests_of(lines) if "unparsed" not in request["flags"]]
    expect(len(requests) >= len(sent) - 2, f"{len(requests)} requests of {len(sent)}")
    told = [request["url"] for request in requests if "?" in request["url"] or "rid" in request["url"]]
    expect(not told, f"urls with their query: {told[:5]}")
    kept = [request["url"] for request in requests if "query-dropped" not in request["flags"]]
    expect(not kept, f"not marked: {kept[:5]}")
