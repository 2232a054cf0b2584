# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""First requests of connections, those of TLS and of HTTP/2, and those behind another of the same turn of the loop:
they, too, begin when they came."""
import contextlib
import socket
import ssl
import struct
import time

from harness import ROOT, expect, expect_truth, free_ports, live, read_ndjson, requests_of, wait_until

SERVER = """
const fs = require('fs'), http = require('http'), http2 = require('http2');
const [, , certificate, plain, tls, h2c, h2, unix, end] = process.argv, own = require(certificate)();
function handle(request, response) {
	if (request.url.startsWith('/culprit')) {
		const until = end + request.url.slice('/culprit'.length);
		fs.writeSync(1, request.url + ' ');
		while (!fs.existsSync(until));
	}
	response.end('x');
}
const servers = [[http.createServer(handle), Number(plain)], [http.createServer(handle), unix],
	[require('https').createServer(own, handle), Number(tls)], [http2.createServer(handle), Number(h2c)],
	[http2.createSecureServer(own, handle), Number(h2)]];
let left = servers.length;
for (const [server, at] of servers) server.listen(at, () => --left || fs.writeSync(1, 'up '));
"""
KEPT = 0.2  # seconds that the loop stays busy once they were sent
WHOLE = 1000  # ns: how long before it was read something came is told in whole us
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + struct.pack(">I", 0)[1:] + b"\x04\x00" + bytes(4)  # and no settings
END_STREAM = 1
HEADERS = 1
DATA = 0


def head_of(path):
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


def stream_of(number, path):
    """A frame that opens a stream; of its headers none is compressed, but by the table that everybody has."""
    block = b"\x82\x86\x04" + bytes([len(path)]) + path.encode() + b"\x01\x01x"  # GET, http, :path, :authority
    return struct.pack(">I", len(block))[1:] + bytes([HEADERS, 4 | END_STREAM]) + struct.pack(">I", number) + block


def take(connection, n):
    got = b""
    while len(got) < n:
        more = connection.recv(n - len(got))
        expect(more, f"the server closed after {len(got)} of {n} bytes")
        got += more
    return got


def answer(connection, stream):
    """Until the end of the response."""
    if not stream:
        while connection.recv(4096):
            pass
        return
    while True:
        head = take(connection, 9)
        take(connection, int.from_bytes(head[:3], "big"))
        if head[3] in (HEADERS, DATA) and head[4] & END_STREAM and int.from_bytes(head[5:], "big") == stream:
            return


def dial(where, protocol=None):
    family = socket.AF_UNIX if not isinstance(where, int) else socket.AF_INET
    raw = socket.socket(family, socket.SOCK_STREAM)
    raw.settimeout(60)
    raw.connect(str(where) if family == socket.AF_UNIX else ("127.0.0.1", where))
    if not protocol:
        return raw
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols([protocol])
    return context.wrap_socket(raw)


def start(t, node):
    """A server, and a tracer of it. What tells that the loop may go on is at `end`, and the trace at the last."""
    plain, tls, h2c, h2 = free_ports(4)
    unix, end, trace = t.socket("http"), t.folder / "end", t.folder / "trace.ndjson"
    script = t.folder / "server.js"
    script.write_text(SERVER)
    server = t.node(node, script, ROOT / "tests/apps/replay/certificate", plain, tls, h2c, h2, unix, end)
    wait_until(lambda: "up" in server.out(), 20, "the server listens")
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", trace)
    return server, tracer, (plain, tls, h2c, h2, unix), end, trace


def send(connection, *requests):
    """Those bytes at once. When that was."""
    before = time.monotonic_ns()
    connection.sendall(b"".join(requests))
    return before, time.monotonic_ns()


def check(requests, path, sent, culprit, since, done):
    """A request that waited for the culprit, which was at it by `since` and went on until `done`."""
    before, after = sent
    victim = requests[path]
    expect_truth(before <= victim["start_ns"] < after + WHOLE, f"came between {before} and {after}: {victim}")
    expect_truth(victim["read_ns"] >= done, f"read before the loop was free at {done}: {victim}")
    waited = sum(stop - start for start, stop, label, _, who in victim["path"]
                 if label in ("loop", "gc") and who == requests[culprit]["serial"])
    expect_truth(waited >= 0.95 * (done - since), f"it waited {waited} ns for {culprit}, not {done - since}: {victim}")


@live(node=[18, 20, 22, 24, 26])
def first_requests_begin_when_they_came(t, node):
    """Of ports the first one of all; of a unix socket what is listened to shows with its first request."""
    server, tracer, (plain, tls, h2c, h2, unix), end, trace = start(t, node)
    with contextlib.ExitStack() as stack:
        def opened(*words):
            return stack.enter_context(dial(*words))

        first = opened(unix)
        send(first, head_of("/first"))
        answer(first, 0)
        idle, secure, secure2, session = opened(plain), opened(tls, "http/1.1"), opened(h2, "h2"), opened(h2c)
        send(session, PREFACE, stream_of(1, "/session"))
        answer(session, 1)
        culprit = opened(plain)
        send(culprit, head_of("/culprit"))
        wait_until(lambda: "/culprit" in server.out(), 20, "the loop is busy")
        new, new_unix, new_h2c = opened(plain), opened(unix), opened(h2c)
        sent = {
            "/new": send(new, head_of("/new")),
            "/new-unix": send(new_unix, head_of("/new-unix")),
            "/new-h2c": send(new_h2c, PREFACE, stream_of(1, "/new-h2c")),
            "/idle": send(idle, head_of("/idle")),
            "/tls": send(secure, head_of("/tls")),
            "/h2": send(secure2, PREFACE, stream_of(1, "/h2")),
            "/stream": send(session, stream_of(3, "/stream")),
        }
        time.sleep(KEPT)  # that is what they wait for
        done = time.monotonic_ns()
        end.write_text("")
        for connection, stream in [(culprit, 0), (new, 0), (new_unix, 0), (new_h2c, 1), (idle, 0), (secure, 0),
                                   (secure2, 1), (session, 3)]:
            answer(connection, stream)
    expect(tracer.stop() == 0, tracer.err()[-300:])
    requests = {request["url"]: request for request in requests_of(read_ndjson(trace))}
    for path, when in sent.items():
        check(requests, path, when, "/culprit", when[1], done)


@live(node=[18, 20, 22, 24, 26])
def requests_behind_others_of_one_turn_begin_when_they_came(t, node):
    """They are read after what the others do; streams of HTTP/2 out of one read, while more comes."""
    server, tracer, (_, _, h2c, _, _), end, trace = start(t, node)
    with dial(h2c) as session:
        send(session, PREFACE, stream_of(1, "/session"))
        answer(session, 1)
        together = send(session, stream_of(3, "/culprit1"), stream_of(5, "/behind"))
        wait_until(lambda: "/culprit1" in server.out(), 20, "the loop is busy")
        since = time.monotonic_ns()
        time.sleep(KEPT / 2)
        later = send(session, stream_of(7, "/later"))
        time.sleep(KEPT / 2)
        done = time.monotonic_ns()
        end.with_name("end1").write_text("")
        for stream in (3, 5, 7):
            answer(session, stream)
    expect(tracer.stop() == 0, tracer.err()[-300:])
    requests = {request["url"]: request for request in requests_of(read_ndjson(trace))}
    check(requests, "/behind", together, "/culprit1", since, done)
    check(requests, "/later", later, "/culprit1", later[1], done)
