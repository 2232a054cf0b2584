#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""rules.py [ROOT]: the rules of the house style that neither the compiler nor clang checks.

Prints one line a finding, `file:line: rule`, and exits 1 when there is any."""
import pathlib
import re
import sys

LAYERS = ["vmlinux", "bpf", "symbolizer", "aggregator", "tui", "user"]
ABI = {"bpf/event.h", "bpf/config.h"}  # what user space sees of bpf/
SKELETON = "user/ntrace.skel.h"
LICENCE = "/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */"
MAX_FUNCTION = 60
MAX_FILE = 450
# The one file that knows what a release looks like, and the one in which offsets may be numbers.
KNOWS_RELEASES = {"symbolizer/layout_table.c"}
RELEASE = re.compile(
    r"\b(1[4-9]|2[0-9])\.\d{1,2}\.\d{1,2}\b|\bv(1[4-9]|2[0-9])\b(?!\.)"
    r"|\b[Nn]ode(\.js|JS)?[ -]?v?(1[4-9]|2[0-9])\b|\bV8 v?\d\d?\.\d")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
FORBIDDEN = [
    (re.compile(r"\b(sprintf|vsprintf|strcpy|strcat|strtok|atoi|atol|alloca|system|popen|usleep)\("),
     "forbidden function"),
    (re.compile(r"\bbpf_printk\("), "bpf_printk"),
    (re.compile(r"\bchar\s+\w*(path|file|dir)\w*\[256\]"), "fixed buffer for a path"),
    (re.compile(r"\b(TODO|FIXME|XXX)\b(?!.*#\d)"), "note without an issue number"),
]


def sources(root):
    for layer in LAYERS + ["tests"]:
        for path in sorted((root / layer).rglob("*.[ch]")):
            if "stand-in" in path.parts:
                continue
            yield path, path.relative_to(root).as_posix()


def may_include(layer, name):
    """Whether a file of `layer` may include "name"."""
    folder = name.split("/")[0]
    if layer == "tests" or name == SKELETON and layer == "user":
        return True
    if folder not in LAYERS:
        return name.endswith(".pb-c.h")  # generated, visible to its layer only
    if LAYERS.index(folder) > LAYERS.index(layer):
        return False
    if folder == "bpf" and layer != "bpf":
        return name in ABI
    return folder != "vmlinux" or layer in ("vmlinux", "bpf")


def check_includes(name, lines, root):
    layer = name.split("/")[0]
    found = [(n, m.group(1)) for n, line in enumerate(lines, 1) if (m := INCLUDE.match(line))]
    for n, included in found:
        if not may_include(layer, included):
            yield n, f'{layer}/ may not include "{included}"'
    own = re.sub(r"\.c$", ".h", name)
    if layer != "tests" and name.endswith(".c") and (root / own).exists():
        first = next((n for n, line in enumerate(lines, 1) if line.startswith("#include")), 0)
        if not found or found[0] != (first, own):
            yield first, f'the first include is not "{own}"'


def check_functions(lines):
    start = 0
    for n, line in enumerate(lines, 1):
        if line == "{":
            start = n
        elif line == "}" and start:
            if n - start - 1 > MAX_FUNCTION:
                yield start, f"a function of {n - start - 1} lines, {MAX_FUNCTION} is the wall"
            start = 0


def check_text(name, lines):
    if not lines or lines[0] != LICENCE:
        yield 1, "the first line is not the licence"
    if name.rsplit("/", 1)[-1] in ("utils.c", "utils.h", "util.c", "util.h"):
        yield 1, "utils: name the idea"
    if len(lines) > MAX_FILE and not name.startswith("tests/"):
        yield len(lines), f"{len(lines)} lines, {MAX_FILE} is the wall"
    product = not name.startswith("tests/")
    for n, line in enumerate(lines, 1):
        if product and name not in KNOWS_RELEASES and RELEASE.search(line):
            yield n, "a release number outside layout_table.c"
        for pattern, what in FORBIDDEN:
            if pattern.search(line):
                yield n, what


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    findings = files = 0
    skeleton_users = []
    for path, name in sources(root):
        lines = path.read_text(errors="replace").split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        files += 1
        if name.startswith("user/") and any(SKELETON in line for line in lines):
            skeleton_users.append(name)
        for check in (check_text(name, lines), check_includes(name, lines, root),
                      check_functions(lines)):
            for n, what in check:
                print(f"{name}:{n}: {what}")
                findings += 1
    if len(skeleton_users) > 1:
        print(f"the skeleton is for one file only: {' '.join(skeleton_users)}")
        findings += 1
    print(f"{files} files, {findings} findings")
    return 1 if findings or not files else 0


sys.exit(main())
