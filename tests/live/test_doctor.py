# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""`ntrace-bpf doctor`: what it says is true, and it touches nothing."""
import json
import re
import signal
import subprocess

from harness import MAJORS, PATIENCE, expect, live, patched_text
from test_distribution import distribution_node, without


def doctor(t, *words, **options):
    """Exit status and the report."""
    status, out, err = t.run_tracer("doctor", "--json", *words, **options)
    lines = out.splitlines()
    expect(len(lines) == 1, f"{len(lines)} lines: {out[:300]} {err[-300:]}")
    report = json.loads(lines[0])
    expect(report["exit"] == status, f"exit status {status}, but it says {report['exit']}")
    return status, report


def states(checks):
    return {check["name"]: check["state"] for check in checks}


def symbol_address(binary, symbol):
    """The link-time address by nm."""
    listing = subprocess.run(["nm", binary], capture_output=True, text=True, check=True,
                             timeout=60 * PATIENCE).stdout
    return {int(match.group(1), 16)
            for match in re.finditer(rf"^([0-9a-f]+) \w {re.escape(symbol)}$", listing, re.M)}


@live(node=MAJORS)
def doctor_finds_everything_in_official_builds(t, node):
    server, _, _ = t.demo(node)
    status, report = doctor(t, "-p", server.pid)
    expect(status == 0, f"ended with {status}")
    expect(set(states(report["machine"]).values()) <= {"ok", "note"}, f"{states(report['machine'])}")
    process = report["processes"][0]
    expect(process["pid"] == server.pid and process["node"].startswith(f"v{node}."), f"{process['node']}")
    expect(set(states(process["checks"]).values()) == {"ok"}, f"{process['checks']}")
    expect(set(states(process["abilities"]).values()) == {"ok"}, f"{process['abilities']}")
    expect(all(gap["state"] == "optional" for gap in process["missing"]), f"{process['missing']}")
    expect(len(process["probes"]) > 40 and len(process["offsets"]) > 40, "too few probes or offsets")
    expect(all(offset["origin"] in ("symbol", "derived", "table") or offset["value"] is None
               for offset in process["offsets"] + process["v8_offsets"]), "an offset without an origin")
    probe = next(probe for probe in process["probes"] if probe["name"] == "handle_close")
    expect(probe["address"] - probe["symbol_offset"] in symbol_address(t.nodes[node], "uv_close"),
           f"uv_close is not at {probe['address']:#x}")
    expect(patched_text(server.pid, t.nodes[node]) == 0, "a probe was placed")
    t.note = f"{len(process['probes'])} probes, {len(process['offsets']) + len(process['v8_offsets'])} offsets"


@live()
def doctor_for_people(t):
    server, _, _ = t.demo(22)
    status, out, err = t.run_tracer("doctor", "-p", server.pid)
    expect(status == 0 and not err, f"ended with {status}: {err}")
    short = ("machine", f"process {server.pid}", "what works", "uprobe_multi", "can be traced")
    details = ("Builtins_RunMicrotasks+0x", "wrap_async_id", "derived", "table")
    expect(all(wanted in out for wanted in short), f"something is missing: {out}")
    expect(not any(detail in out for detail in details) and "--verbose" in out, f"details: {out}")
    expect(len(out.splitlines()) < 40, f"{len(out.splitlines())} lines")
    expect("BAD" not in out, f"something is bad: {out}")
    status, out, _ = t.run_tracer("doctor", "--verbose", "-p", server.pid)
    expect(status == 0 and all(wanted in out for wanted in short + details), f"something is missing: {out}")


@live()
def doctor_names_what_is_missing(t):
    with without(t, 20, "uv__queue_work"):
        server, _, _ = t.demo("variant")
        status, report = doctor(t, "-p", server.pid)
        expect(status == 0, f"ended with {status}")
        process = report["processes"][0]
        expect(states(process["abilities"])["pool"] == "part", f"{process['abilities']}")
        pool = next(check for check in process["abilities"] if check["name"] == "pool")
        expect("official" in pool["mend"], f"no remedy: {pool}")
        gap = next(gap for gap in process["missing"] if gap["name"] == "queued_work_start")
        expect(gap["state"] == "missing" and "uv__queue_work" in gap["why"], f"{gap}")


@live()
def doctor_on_what_cannot_be_traced(t):
    shell = t.start("sleep", ["sleep", "30"])
    cases = {}
    status, report = doctor(t, "-p", shell.pid)
    cases["no node"] = status, report["processes"][0]["checks"][-1]
    shell.stop(signal.SIGTERM)
    status, report = doctor(t, "-p", shell.pid)
    cases["gone"] = status, report["processes"][0]["checks"][-1]
    with without(t, 24):
        server, _, _ = t.demo("variant")
        status, report = doctor(t, "-p", server.pid)
        cases["stripped"] = status, report["processes"][0]["checks"][-1]
        codes = {name: status for name, (status, _) in cases.items()}
        expect(codes == {"no node": 5, "gone": 3, "stripped": 5}, f"{codes}")
        for name, (_, verdict) in cases.items():
            expect(verdict["name"] == "verdict" and verdict["state"] == "bad", f"{name}: {verdict}")
        expect(report["processes"][0]["node"].startswith("v24."), "the version of the stripped build is not told")
        expect(report["processes"][0]["missing"], "what the stripped build lacks is not told")


@live()
def doctor_without_privilege(t):
    server, _, _ = t.demo(22)
    status, out, _ = t.run_tracer("doctor", "-p", server.pid, prefix=["setpriv", "--reuid=65534", "--clear-groups"])
    expect(status == 4, f"ended with {status}")
    expect("setcap cap_bpf" in out and "no capability" in out, f"no remedy: {out}")


@live()
def doctor_of_the_machine_alone(t):
    status, report = doctor(t)
    expect(status == 0 and report["processes"] == [], f"{status} {report['processes']}")
    expect({"kernel", "BTF", "privileges", "uprobes", "transport"} <= set(states(report["machine"])), f"{report}")


@live()
def doctor_of_the_distributions_node(t):
    if not distribution_node(t):
        return
    server, _, _ = t.demo("debian")
    status, report = doctor(t, "-p", server.pid)
    process = report["processes"][0]
    expect(status == 0, f"ended with {status}")
    expect(set(states(process["abilities"]).values()) == {"ok"}, f"{process['abilities']}")
    expect(states(process["checks"])["program"] == "note", f"{process['checks']}")
    files = {probe["file"] for probe in process["probes"]}
    expect(files == {"node", "libuv"}, f"probes in {files}")
    t.note = f"{len(process['probes'])} probes"
