#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""layering.py BUILD: tries every forbidden include, and each must fail to compile.

For each layer, takes the compiler and the flags with which one of its files is built, and compiles a
file that includes one header: of a layer to the right or of the kernel side (must fail because the
header is not found), of its own or of a layer to the left (must compile)."""
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

LAYERS = ["symbolizer", "aggregator", "tui", "user"]
root = pathlib.Path(__file__).resolve().parents[2]


def flags_of(layer, commands):
    """The command that compiles a file of the layer, without its input and output."""
    for entry in commands:
        path = pathlib.Path(entry["file"])
        if path.parent.name == layer and path.parents[1] == root:
            words = shlex.split(entry["command"])
            cut = words.index("-o")
            return words[:cut] + ["-fsyntax-only"]
    sys.exit(f"layering: no file of {layer}/ in compile_commands.json")


def compiles(flags, header, scratch):
    source = scratch / "include.c"
    source.write_text(f'#include "{header}"\n')
    run = subprocess.run(flags + [str(source)], capture_output=True, text=True, timeout=60)
    return run.returncode == 0, "No such file or directory" in run.stderr, run.stderr


def a_header(layer):
    headers = sorted((root / layer).glob("*.h"))
    if not headers:
        sys.exit(f"layering: {layer}/ has no header")
    return f"{layer}/{headers[0].name}"


def cases():
    for at, layer in enumerate(LAYERS):
        for left in LAYERS[:at + 1]:
            yield layer, a_header(left), True
        for right in LAYERS[at + 1:]:
            yield layer, a_header(right), False
        yield layer, "bpf/event.h", True
        for kernel in ["vmlinux/vmlinux.h"] + sorted(
                f"bpf/{path.name}" for path in (root / "bpf").glob("*.bpf.h")):
            yield layer, kernel, False


def main():
    build = pathlib.Path(sys.argv[1])
    commands = json.loads((build / "compile_commands.json").read_text())
    flags = {layer: flags_of(layer, commands) for layer in LAYERS}
    wrong = tried = 0
    with tempfile.TemporaryDirectory() as scratch:
        for layer, header, allowed in cases():
            ok, absent, message = compiles(flags[layer], header, pathlib.Path(scratch))
            tried += 1
            if allowed and not ok:
                print(f"{layer}/ cannot include {header}:\n{message}")
                wrong += 1
            elif not allowed and (ok or not absent):
                print(f"{layer}/ can include {header}, which is to its right")
                wrong += 1
    print(f"{tried} includes tried, {wrong} wrong")
    return 1 if wrong else 0


sys.exit(main())
