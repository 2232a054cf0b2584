# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Frames of compiled TypeScript: file, line and column of what was written, as node tells them under
--enable-source-maps; the traced process runs without any flag."""
import json
import re
import subprocess
import time
import urllib.request

from harness import ANSWERED, MAJORS, PATIENCE, ROOT, expect, free_port, live, read_ndjson

SOURCE = ROOT / "tests/apps/source-maps/src"
TOUCHED = re.compile(r"/stack-(\d+)-[a-z-]+$")
FRAME = re.compile(r"^\s+at (?:(?P<fn>.*) \()?(?P<file>(?:file://)?/[^()]*?):(?P<line>\d+):(?P<column>\d+)\)?$", re.M)
TSC = ["node_modules/typescript/bin/tsc"]
BUNDLE = ["node_modules/@esbuild/linux-x64/bin/esbuild", "src/server.ts", "--bundle", "--platform=node", "--target=node16",
          "--log-level=error"]
MIN_RIGHT = 99.5
# What node calls functions without a name: by the object that a function was found in, and in a bundle
# by the first parameter of an arrow function, since the function begins there.
NODE_NAMES = {"Timeout._onTimeout": {"_onTimeout", "(anonymous)"}, "n": {"(anonymous)"}, "resolve": {"(anonymous)"}}


def sections(folder):
    """The bundle again, as one section of a map with sections, behind something on the same line."""
    prefix = "/* written by something else */ "
    code, tail = (folder / "bundle/server.js").read_text().split("//# sourceMappingURL=")
    whole = {"version": 3, "sections": [{"offset": {"line": 0, "column": len(prefix)},
                                         "map": json.loads((folder / "bundle/server.js.map").read_text())}]}
    (folder / "sections").mkdir(exist_ok=True)
    (folder / "sections/server.js").write_text(f"{prefix}{code}//# sourceMappingURL=whole.json\n")
    (folder / "sections/whole.json").write_text(json.dumps(whole))


# What is run -> how it is made.
VARIANTS = {
    "commonjs/server.js": [*TSC, "--module", "commonjs", "--sourceMap", "--outDir", "commonjs"],
    "inline/server.js": [*TSC, "--module", "es2022", "--moduleResolution", "bundler", "--inlineSourceMap", "--outDir", "inline"],
    "bundle/server.js": [*BUNDLE, "--minify", "--sourcemap", "--outfile=bundle/server.js"],
    "beside/server.mjs": [*BUNDLE, "--minify", "--format=esm", "--sourcemap=external", "--outfile=beside/server.mjs"],
    "linked/server.mjs": [*BUNDLE, "--minify", "--format=esm", "--sourcemap", "--outfile=linked/server.mjs"],
    "sections/server.js": sections,
}
# What node does not take as a map of the script -> the same with a map it takes.
TRUTH_OF = {"beside/server.mjs": "linked/server.mjs", "sections/server.js": "bundle/server.js"}
TRACED = [name for name in VARIANTS if name != "linked/server.mjs"]


def compiled(t, node):
    """The folder with all variants, made anew when the application changed."""
    folder = t.build / "source-maps"
    mark = folder / ".compiled"
    newest = max(path.stat().st_mtime for path in [*SOURCE.iterdir(), *folder.glob("tsconfig.json")])
    if mark.exists() and mark.stat().st_mtime > newest:
        return folder
    for make in VARIANTS.values():
        if callable(make):
            make(folder)
            continue
        command = make if "esbuild" in make[0] else [t.nodes[node], *make]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120 * PATIENCE)
        expect(run.returncode == 0, f"{' '.join(make)}: {run.stdout}{run.stderr}")
    (folder / "inline/package.json").write_text('{"type": "module"}\n')
    mark.write_text("")
    return folder


def measure(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/measure", timeout=ANSWERED) as answer:
        return json.load(answer)


def bare(name):
    """Without what stands before a name: async, new, the type, and behind it: [as other]."""
    name = re.sub(r" \[as [^\]]*\]$", "", name or "(anonymous)")
    name = re.sub(r"^(async |new )+", "", name).rsplit(".", 1)[-1]
    return "(anonymous)" if name in ("", "<anonymous>") else name


def own(frames, folder):
    return [frame for frame in frames if (frame["file"] or "").startswith(str(folder / "src"))]


def truth_frames(stack, folder):
    frames = [match.groupdict() for match in FRAME.finditer(stack)]
    frames = [frame | {"file": frame["file"].removeprefix("file://"), "line": int(frame["line"]), "column": int(frame["column"])}
              for frame in frames]
    return own(frames, folder)


def synchronous(stack, folder):
    """How many of the application's frames are on the stack itself; under source maps old releases do not tell."""
    return sum(str(folder) in line and " at async " not in line for line in stack.splitlines())


def truths_of(t, node, script, folder):
    """{number: (tag, frames as translated by node)}"""
    told = []
    for flags in [], ["--enable-source-maps"]:
        port = free_port()
        server = t.node(node, *flags, folder / script, port, port=port)
        told.append(measure(port))
        server.end()
    return {mapped["id"]: (mapped["tag"], truth_frames(mapped["stack"], folder)[:synchronous(plain["stack"], folder)])
            for plain, mapped in zip(*told)}


def frames_of_touches(path):
    """{number: frames}"""
    stacks = {}
    for line in read_ndjson(path):
        for op in line["ops"] if line["k"] == "req" else [line["op"]] if line["k"] == "none" else ():
            match = TOUCHED.search(op["detail"] or "")
            if match:
                stacks[int(match.group(1))] = op["stack"]
    return stacks


def traced_stacks(t, node, script, folder, *words):
    port = free_port()
    path = t.folder / "trace.ndjson"
    server = t.node(node, folder / script, port, port=port)
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path, *words)
    measure(port)
    status = tracer.stop()
    expect(status == 0, f"the tracer ended with {status}: {tracer.err()[-500:]}")
    server.end()
    return frames_of_touches(path)


def line_of(tag):
    """Where the touch with this tag is written: by the sources alone."""
    for path in SOURCE.glob("*.ts"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if f"'{tag}'" in line:
                return path.name, number
    return None


class Figures:
    def __init__(self):
        self.frames = self.names = self.lines = self.columns = 0
        self.problems = []

    def compare(self, what, expected, found, is_leaf):
        self.frames += 1
        line_is_right = bool(found) and (expected["file"], expected["line"]) == (found["file"], found["line"])
        self.lines += line_is_right
        # The innermost was asked at the call beside the one that is traced.
        self.columns += line_is_right and (is_leaf or expected["column"] == found.get("col"))
        name_is_right = bool(found) and bare(found["fn"]) in NODE_NAMES.get(expected["fn"], {bare(expected["fn"])})
        self.names += name_is_right
        if not line_is_right or not name_is_right or not is_leaf and expected["column"] != found.get("col"):
            self.problems.append(f"{what}: {expected}, found {found}")

    def percent(self, n):
        return 100 * n / max(1, self.frames)

    def __str__(self):
        return (f"{self.frames} frames: names {self.percent(self.names):.1f} %, lines {self.percent(self.lines):.1f} %, "
                f"columns {self.percent(self.columns):.1f} %")


def check_variant(t, node, script, folder, figures):
    truths = truths_of(t, node, TRUTH_OF.get(script, script), folder)
    stacks = traced_stacks(t, node, script, folder)
    expect(len(truths) > 15, f"{script}: only {len(truths)} stacks were taken")
    missing = [number for number in truths if not stacks.get(number)]
    expect(not missing, f"{script}: stacks {missing} are not in the trace")
    for number, (tag, wanted) in truths.items():
        found = own(stacks[number], folder)
        expect(wanted, f"{script}: node itself does not know where {tag} is")
        place = (found[0]["file"].rsplit("/", 1)[-1], found[0]["line"]) if found else None
        expect(place == line_of(tag), f"{script}: {tag} is at {line_of(tag)}, traced as {place}")
        for n, frame in enumerate(wanted):
            figures.compare(f"{script} {tag}", frame, found[n] if n < len(found) else None, n == 0)


@live(node=MAJORS)
def frames_of_typescript_are_those_of_node(t, node):
    folder = compiled(t, node)
    figures = Figures()
    for script in TRACED:
        check_variant(t, node, script, folder, figures)
    t.note = str(figures)
    (t.folder / "problems").write_text("\n".join(figures.problems))
    worst = min(figures.names, figures.lines, figures.columns)
    expect(figures.percent(worst) >= MIN_RIGHT, f"{figures}; {figures.problems[:5]}")


@live(node=[22])
def source_maps_can_be_left_out(t, node):
    folder = compiled(t, node)
    stacks = traced_stacks(t, node, "commonjs/server.js", folder, "--no-source-maps")
    files = {frame["file"] for frames in stacks.values() for frame in frames if frame["file"]}
    expect(any(file.endswith("commonjs/shop.js") for file in files), f"no frame of the compiled code: {sorted(files)}")
    expect(not any(file.endswith(".ts") for file in files), f"translated all the same: {sorted(files)}")


@live(node=[22])
def a_map_that_is_newer_than_the_process_is_not_believed(t, node):
    folder = compiled(t, node)
    copy = t.folder / "app"
    subprocess.run(["cp", "-r", folder / "commonjs", copy], check=True)
    port = free_port()
    path = t.folder / "trace.ndjson"
    server = t.node(node, copy / "server.js", port, port=port)
    time.sleep(4)  # the process's start is known to a second or two
    deployed = (copy / "shop.js.map").read_text()
    (copy / "shop.js.map").write_text(deployed.replace('"mappings":"', '"mappings":";;;'))
    tracer = t.tracer(server.pid, "--format", "ndjson", "-o", path)
    measure(port)
    expect(tracer.stop() == 0, f"the tracer failed: {tracer.err()[-500:]}")
    files = {frame["file"].rsplit("/", 1)[-1] for frames in frames_of_touches(path).values() for frame in frames
             if frame["file"]}
    expect({"shop.js", "later.ts"} <= files and "shop.ts" not in files, f"frames are of {sorted(files)}")
