# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Bad input: the right exit status, one clear sentence, nothing on stdout."""
import shutil

from harness import expect, free_port, get, live, sentences

NO_SUCH_PROCESS = 2**22 - 1


def must_refuse(t, status, words, *mentions, prefix=(), lines=1, **options):
    """The tracer ends with that status and says why; returns what it said."""
    got, out, err = t.run_tracer(*words, prefix=prefix, **options)
    said = [line for line in sentences(err) if not line.startswith("ntrace-bpf: attaching to ")]  # it may take a while
    expect(got == status, f"exit status {got} instead of {status}: {err}")
    expect(not out, f"something on stdout: {out[:200]}")
    expect(1 <= len(said) <= lines, f"{len(said)} lines instead of {lines}: {err}")
    expect(said[0].startswith("ntrace-bpf: "), f"does not say who speaks: {said[0]}")
    for mention in mentions:
        expect(mention.lower() in err.lower(), f"does not mention '{mention}': {err}")
    t.note = said[0][:150]
    return err


@live()
def no_such_process(t):
    must_refuse(t, 3, ["-p", NO_SUCH_PROCESS], str(NO_SUCH_PROCESS), "no such process")


@live()
def not_a_node_process(t):
    sleeper = t.start("sleep", ["sleep", "60"])
    must_refuse(t, 5, ["-p", sleeper.pid], str(sleeper.pid), "node")
    expect(sleeper.alive(), "the process is gone")


@live()
def a_kernel_thread(t):
    """Process 2 has no executable at all."""
    must_refuse(t, 5, ["-p", 2], "2")


@live(node=[20, 22, 24])
def text_in_large_pages(t, node):
    """Such code is a copy that has no file behind it, where no uprobe can be."""
    port = free_port()
    script = f"require('http').createServer((q, s) => s.end('x')).listen({port}, '127.0.0.1')"
    server = t.node(node, "--use-largepages=on", "-e", script, port=port)
    must_refuse(t, 5, ["-p", server.pid], str(server.pid), "large")
    expect(get(port, "/") == 200, "the server does not answer any more")


@live(node=[24])
def a_node_without_symbols(t, node):
    stripped = t.folder / "node"
    shutil.copy(t.nodes[node], stripped)
    strip = t.start("strip", ["strip", "-s", stripped])
    expect(strip.wait(60) == 0, strip.err())
    t.nodes["stripped"] = stripped
    server = t.idle_node("stripped")
    must_refuse(t, 5, ["-p", server.pid], str(server.pid), "symbol")
    server.end()
    stripped.unlink()


@live(node=[22])
def no_privilege(t, node):
    # A user cannot read another's build tree, perhaps: the program is taken along to where he can.
    program = shutil.copy(t.tracer_path, "/tmp/ntrace-bpf-unprivileged-" + str(t.tracer_path.stat().st_mtime_ns))
    server = t.idle_node(node)
    try:
        child = t.start("unprivileged", ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program,
                                         "-p", server.pid], cwd="/")
        status, said = child.wait(20), sentences(child.err())
    finally:
        shutil.os.unlink(program)
    expect(status == 4, f"exit status {status} instead of 4: {child.err()}")
    expect(len(said) == 1, f"{len(said)} sentences: {child.err()}")
    expect("sudo" in said[0] or "CAP_" in said[0], f"no remedy: {said[0]}")
    t.note = said[0][:150]


@live()
def wrong_command_lines(t):
    """Two lines: what is wrong, and where help is."""
    for words, mention in (([], "-p"), (["-p"], "-p"), (["-p", "abc"], "abc"), (["-p", "-3"], "-3"),
                           (["--no-such-option"], "--no-such-option"), (["-p", "1", "--format", "xml"], "xml"),
                           (["-p", "1", "-d", "soon"], "soon"), (["-p", "1", "-c", "0"], "0"),
                           (["-p", "1", "--filter", "colour==red"], "character 1"),
                           (["-p", "1", "-o", "x.svg"], "flamegraph.pl"),
                           (["-p", "1", "--transport", "pigeon"], "pigeon"),
                           (["-p", "1", "--folded=weight"], "weight"),
                           (["-p", "1", "--max-nodes", "many"], "many")):
        err = must_refuse(t, 2, words, "" if mention.startswith("-") and len(mention) == 2 else mention, lines=2)
        expect("--help" in err, f"{words}: does not point to --help: {err}")
    t.note = "13 mistakes"


@live()
def help_and_version_go_to_stdout(t):
    for word, mention in (("--help", "--filter"), ("--version", "ntrace-bpf ")):
        status, out, err = t.run_tracer(word)
        expect(status == 0 and not err, f"{word}: exit status {status}, {err}")
        expect(mention in out, f"{word}: {out}")
        longest = max(map(len, out.splitlines()))
        expect(longest <= 80, f"{word}: a line of {longest} columns")


@live(node=[22])
def an_output_file_that_cannot_be(t, node):
    server = t.idle_node(node)
    path = t.folder / "missing" / "out.ndjson"
    status, _, err = t.run_tracer("-p", server.pid, "-o", path)
    expect(status == 1, f"exit status {status}: {err}")
    expect(str(path) in err, f"does not name the file: {err}")
    expect("attaching" not in err, f"the process was attached to before that was known: {err}")


@live()
def a_recording_that_is_none(t):
    path = t.folder / "noise"
    path.write_bytes(b"this is no recording\n" * 100)
    must_refuse(t, 1, ["--replay", path], str(path))
