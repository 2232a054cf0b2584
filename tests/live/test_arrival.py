# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Requests that come while the event loop is busy: they begin when they came, and wait for the loop."""
import http.client
import time

from harness import MAJORS, expect, expect_truth, free_port, live, read_ndjson, requests_of, wait_until

SERVER = """
const fs = require('fs'), [, , port, end] = process.argv;
function compute() {
	fs.writeSync(1, 'busy');
	while (!fs.existsSync(end));
}
require('http').createServer((request, response) => {
	if (request.url === '/culprit') compute();
	response.end('x');
}).listen(Number(port), '127.0.0.1');
"""
VICTIMS = 4
KEPT = 0.2  # seconds that the loop stays busy once they were sent
WHOLE = 1000  # ns: how long before it was read something came is told in whole us


@live(node=MAJORS)
def requests_begin_when_they_came(t, node):
    port, end, trace = free_port(), t.folder / "end", t.folder / "trace.ndjson"
    script = t.folder / "server.js"
    script.write_text(SERVER)
    server = t.node(node, script, port, end, port=port)
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", trace)
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(VICTIMS + 1)]

    def ask(connection, path):
        connection.request("GET", path)
        return connection

    for connection in connections:
        ask(connection, "/first").getresponse().read()
    ask(connections[0], "/culprit")
    wait_until(lambda: server.out() == "busy", 20, "the loop is busy")
    sent = []
    for i, connection in enumerate(connections[1:]):
        before = time.monotonic_ns()
        ask(connection, f"/victim/{i}")
        sent.append((before, time.monotonic_ns()))
    time.sleep(KEPT)  # that is what they wait for
    done = time.monotonic_ns()
    end.write_text("")
    for connection in connections:
        connection.getresponse().read()
        connection.close()
    expect(tracer.stop() == 0, tracer.err()[-300:])
    requests = {request["url"]: request for request in requests_of(read_ndjson(trace))}
    for i, (before, after) in enumerate(sent):
        victim = requests[f"/victim/{i}"]
        expect_truth(before <= victim["start_ns"] < after + WHOLE, f"came between {before} and {after}: {victim}")
        expect_truth(victim["read_ns"] >= done, f"read before the loop was free at {done}: {victim}")
        waited = sum(stop - start for start, stop, label, _, who in victim["path"]
                     if label in ("loop", "gc") and who == requests["/culprit"]["serial"])
        expect_truth(waited >= 0.95 * (done - after), f"it waited {waited} ns for /culprit, not {done - after}: {victim}")
