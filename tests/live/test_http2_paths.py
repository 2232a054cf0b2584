# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Paths of HTTP/2 that are longer than the trace keeps: what stands there says that it was cut."""
from harness import expect, expect_truth, free_port, live, read_ndjson, requests_of

SERVER = "require('http2').createServer((request, response) => response.end()).listen(+process.argv[1], '127.0.0.1')"
CLIENT = """
const [, port, ...sizes] = process.argv;
const session = require('http2').connect(`http://127.0.0.1:${port}`);
let left = sizes.length;
for (const size of sizes)
	session.request({ ':path': '/'.padEnd(size, 'p') + (size < 0 ? '?'.padEnd(-size, 'q') : '') }).resume().on('end', () => --left || session.close()).end();
"""
SIZES = [5, 900, 1000, 1007, 1008, 1009, 1015, 1022, 1023, 1024, 3000]
QUERY = 2000  # of a path of one character


@live(node=[22])
def cut_paths_say_so(t, node):
    port = free_port()
    server = t.node(node, "-e", SERVER, port, port=port)
    path = t.folder / "trace.ndjson"
    tracer = t.tracer(server.pid, "-c", len(SIZES) + 1, "--format", "ndjson", "-o", path)
    client = t.node(node, "-e", CLIENT, port, *SIZES, -QUERY)
    expect(client.wait(30) == 0, f"the client failed: {client.err()[-300:]}")
    expect(tracer.wait(30) == 0, f"the tracer failed: {tracer.err()[-300:]}")
    requests = requests_of(read_ndjson(path))
    expect(len(requests) == len(SIZES) + 1, f"{len(requests)} requests")
    last = requests.pop()
    expect_truth((last["url"], last["flags"]) == ("/", ["query-dropped"]), f"with a long query: {last['url']} {last['flags']}")
    for size, request in zip(SIZES, requests):
        cut = len(request["url"]) < size
        expect(cut == (size > 1008), f"of {size} characters {len(request['url'])} are kept")
        expect_truth(cut == ("url-truncated" in request["flags"]), f"{size} characters, {len(request['url'])} kept: {request['flags']}")
