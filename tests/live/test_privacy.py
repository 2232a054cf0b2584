# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Query strings are dropped before they are stored anywhere, unless asked for."""

from harness import ROOT, connect, expect, free_port, free_ports, get, live

SECRET = b"token=hunter2-in-the-query"
# What the demo itself appends when it asks its supplier for prices.
SUPPLIER_SECRET = b"shop-supplier-key"


def ask(port, times):
    connection = connect(port)
    for n in range(times):
        connection.request("GET", f"/products/{n % 12 + 1}?{SECRET.decode()}&n={n}")
        connection.getresponse().read()
    connection.close()


def traces(t, node, *words):
    """Every format and a recording, of requests with secrets in their queries: {name: bytes}."""
    port, upstream = free_ports()
    server = t.node(node, ROOT / "demo/server.js", port, upstream, port=port)
    # Serves the prices; its own requests are few.
    t.start("load", [t.nodes[node], ROOT / "demo/load.js", port, upstream, 30, 5])
    result = {}
    for form in ("ndjson", "text", "folded"):
        path, recording = t.folder / f"out.{form}", t.folder / f"events.{form}.ntr"
        tracer = t.tracer(server.pid, "--format", form, "-o", path, "--record-events", recording, "-v", *words)
        ask(port, 20)
        expect(tracer.stop() == 0, tracer.err()[-300:])
        result[form] = path.read_bytes()
        result[f"recording beside {form}"] = recording.read_bytes()
        result[f"stderr beside {form}"] = tracer.err_path.read_bytes()
        replayed = t.run_tracer("--replay", recording, "--format", "ndjson")
        expect(replayed[0] == 0, replayed[2])
        result[f"replay of {form}"] = replayed[1].encode()
    return result


@live(transport=["ring", "perf"], node=[18, 24])
def queries_are_dropped(t, transport, node):
    found = traces(t, node, f"--transport={transport}")
    expect(b"/products/" in found["ndjson"], "the requests are not in the trace")
    for secret in (SECRET, SUPPLIER_SECRET, b"hunter2"):
        leaks = [name for name, data in found.items() if secret in data]
        expect(not leaks, f"'{secret.decode()}' is in: {leaks}")


@live(node=[22])
def queries_are_kept_on_request(t, node):
    """Otherwise the test above could not fail."""
    found = traces(t, node, "--show-query")
    for name in ("ndjson", "text", "replay of ndjson"):
        expect(SECRET in found[name], f"the query is not in {name}")


HOSTILE = b"/tmp/no\x1b[31m\x07\x7f\xc2\x9b\xe2\x80\xae\xff\n\r\tfile"


@live(node=[22])
def control_characters_do_not_reach_the_output(t, node):
    """Names of files are whatever the target says."""
    port = free_port()
    script = (f"const name = Buffer.from('{HOSTILE.hex()}', 'hex'); require('http').createServer((q, s) => "
              f"require('fs').stat(name, () => s.end('x'))).listen({port}, '127.0.0.1')")
    server = t.node(node, "-e", script, port=port)
    for form in ("ndjson", "text", "folded"):
        path = t.folder / f"out.{form}"
        tracer = t.tracer(server.pid, "--format", form, "-o", path)
        for _ in range(5):
            expect(get(port, "/") == 200, "no answer")
        expect(tracer.stop() == 0, tracer.err()[-300:])
        text = path.read_bytes()
        text.decode("utf-8")
        odd = {byte for byte in text if byte < 32 and byte != 10 or byte == 127}
        expect(not odd, f"{form}: control characters: {odd}")
        expect(b"\xc2\x9b" not in text and b"\xe2\x80\xae" not in text, f"{form}: C1 or bidirectional controls")
        if form != "text":
            expect(b"/tmp/no" in text, f"{form}: the name is missing: {text[:500]}")
