# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Heads longer than most, heads that never end, and readers that take their time."""
import json
import signal
import socket
import struct
import time

from harness import ANSWERED, MAJORS, ROOT, connect, expect, free_port, live, read_ndjson, requests_of, settle, summary_of, wait_until

QUICK = 24
REST = [major for major in MAJORS if major != QUICK]
SIZES = [200, 1000, 2000, 4000, 6000]


def talk(port, text, close=False):
    """What comes back; or the connection is cut off after the text."""
    with socket.create_connection(("127.0.0.1", port), ANSWERED) as s:
        s.sendall(text)
        if close:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return b""
        answer = b""
        while part := s.recv(65536):
            answer += part
        return answer


def ask(port, path, body=None):
    connection = connect(port)
    connection.request("POST" if body else "GET", path, body, encode_chunked=bool(body),
                       headers={"Transfer-Encoding": "chunked"} if body else {})
    response = connection.getresponse()
    got = response.read()
    connection.close()
    return response.status, got


def read_slowly(port, path, server):
    """Reads a byte, and nothing for a while: then node has written all of it, and the kernel has no room for it. When it
    goes on, and the bytes of the answer."""
    with socket.create_connection(("127.0.0.1", port), ANSWERED) as s:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: case\r\nConnection: close\r\n\r\n".encode())
        n = len(s.recv(1))
        settle([server.pid])
        went_on = time.monotonic_ns()
        while part := s.recv(1 << 20):
            n += len(part)
        return went_on, n


MALFORMED = {  # what is sent, whether it is cut off, and what stands in the trace: method, url, status
    "bad header": (b"PUT /bad?is=no HTTP/1.1\r\nHost: case\r\nBad Header\r\n\r\n", False, ("PUT", "/bad", 400)),
    "garbage": (b"BAD\0\r\n\r\n", False, (None, "?", 400)),
    "too long": (b"GET /toolong?is=no HTTP/1.1\r\nHost: case\r\nx: " + b"y" * 20000 + b"\r\n\r\n", False, ("GET", "/toolong", 431)),
    "half": (b"DELETE /half?is=no HTTP/1.1\r\nHost: ca", True, ("DELETE", "/half", None)),
    "late": (b"GET /late?is=no HTTP/1.1\r\nHost: ca", False, ("GET", "/late", 408)),
}


def impatience(server):
    """From now on it waits for nobody's head or body; before that a busy machine may take its time for either."""
    server.child.send_signal(signal.SIGUSR2)
    wait_until(lambda: "impatient" in server.err(), 10, "the server is impatient")


def finish(t, server, tracer, trace):
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    lines = read_ndjson(trace)
    expect(summary_of(lines)["lost"] == 0, "events were lost")
    server.stop(15)
    return requests_of(lines), {line["url"]: line for line in map(json.loads, server.out().splitlines())}


def start(t, node):
    port = free_port()
    server = t.node(node, ROOT / "tests/apps/heads/server.js", port, port=port)
    trace = t.folder / "trace.ndjson"
    return port, server, t.tracer(server.pid, "--no-stacks", "--format", "ndjson", "-o", trace), trace


@live(node=[QUICK])
@live(node=REST, full=True)
def heads_of_any_size(t, node):
    """Where a response ends is told by its head, however long; a path of several KB is cut, and marked."""
    port, server, tracer, trace = start(t, node)
    paths = [f"/{kind}/{size}" for kind in ("long", "longchunks", "empty") for size in SIZES]
    for path in paths:
        expect(ask(port, path)[0] == 200, f"{path} was not answered")
    far = "/plain/" + "p" * 5000
    expect(ask(port, far)[0] == 200 and ask(port, "/ask")[0] == 200, "not answered")
    expect(ask(port, "/plain/whole?" + "q" * 5000)[0] == 200, "not answered")
    chunks = [b"part"] * 50
    expect(ask(port, "/upload", iter(chunks)) == (200, b"part" * 50), "the upload did not come back")
    requests, truth = finish(t, server, tracer, trace)
    by_url = {request["url"]: request for request in requests}
    for path in [*paths, "/ask", "/upload"]:
        request, line = by_url[path], truth[path]
        expect(request["status"] == 200 and request["flags"] == [], f"{path}: {request['status']} {request['flags']}")
        expect(request["end_ns"] <= line["finish"] + line["lag"], f"{path} ends late: {request} {line}")
    cut = [request for request in requests if request["url"].startswith("/plain/p")]
    expect(len(cut) == 1 and far.startswith(cut[0]["url"]) and cut[0]["flags"] == ["url-truncated"], f"cut: {cut}")
    expect(by_url["/plain/whole"]["flags"] == ["query-dropped"], f"a long query: {by_url['/plain/whole']}")
    calls = [op["detail"] for op in by_url["/ask"]["ops"] if op["type"] == "http.client"]
    expect(calls == ["GET http://supplier.case/plain"], f"asked with a long cookie: {calls}")
    expect("cccc" not in trace.read_text() and "vvvv" not in trace.read_text(), "values of headers stand in the trace")
    t.note = f"{len(requests)} requests, the longest path {len(cut[0]['url'])} of {len(far)}"


@live(node=[QUICK])
@live(node=REST, full=True)
def requests_without_headers(t, node):
    """Malformed and half-sent ones: what is known of them, and what node answered."""
    port, server, tracer, trace = start(t, node)
    for name, (text, close, _) in MALFORMED.items():
        if name == "late":
            impatience(server)
        talk(port, text, close)
    expect(ask(port, "/plain")[0] == 200, "the server does not answer any more")
    wait_until(lambda: server.err().count("opened") == server.err().count("closed"), 10, "all connections are closed")
    requests, _ = finish(t, server, tracer, trace)
    unparsed = sorted(((request["method"], request["url"], request["status"]) for request in requests
                       if "unparsed" in request["flags"] and request["url"] != "/half"), key=str)
    expect(unparsed == sorted((wanted for *_, wanted in MALFORMED.values() if wanted[1] != "/half"), key=str), f"{unparsed}")
    half = [request for request in requests if request["url"] == "/half"]
    expect(len(half) == 1 and half[0]["method"] == "DELETE" and half[0]["headers_ns"] is None, f"{half}")
    expect("unparsed" in half[0]["flags"] and (half[0]["status"] == 400 or "aborted" in half[0]["flags"]), f"{half}")
    expect(len(requests) == len(MALFORMED) + 1, f"{[request['url'] for request in requests]}")
    t.note = f"{len(MALFORMED)} cases"


@live(node=[QUICK])
@live(node=REST, full=True)
def slow_readers(t, node):
    """Node had written all of it long before the kernel had room for it: both stand in the trace."""
    port, server, tracer, trace = start(t, node)
    went_on, size = read_slowly(port, "/huge", server)
    expect(size > 48 << 20, f"only {size} bytes came")
    requests, truth = finish(t, server, tracer, trace)
    expect(len(requests) == 1, f"{[request['url'] for request in requests]}")
    request, line = requests[0], truth["/huge"]
    expect(request["flags"] == [] and request["bytes_out"] == size, f"{request['flags']} {request['bytes_out']} of {size}")
    expect(request["sent_ns"] < went_on < request["end_ns"], f"read from {went_on} on: {request}")
    expect(request["end_ns"] <= line["finish"] + line["lag"], f"ends late: {request} {line}")
    t.note = f"flushed {(request['end_ns'] - request['sent_ns']) / 1e6:.0f} ms after it was written"
