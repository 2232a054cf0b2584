# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""Attribution against the truth from inside the process; `tests/oracle/matrix` is all of it."""
import sys

from harness import ROOT, expect, expect_truth, live

sys.path.insert(0, str(ROOT / "tests/oracle"))
import cell as cells  # noqa: E402
import tables  # noqa: E402

MIN_F1 = 0.98  # of the operations whose request AsyncLocalStorage knows; noise of a busy machine included
MIN_RIGHT = 99.0


def judged(t, app, node, mode, shape="one", requests=200):
    result = cells.judge(t, cells.Cell(app, node, mode, "", requests, 16, shape))
    t.note = tables.verdict(result)[1].split(";")[0]
    expect(not (result["missing"] or result["twice"] or result["wrong_status"] or result["lost"]),
           f"requests missing {result['missing']}, twice {result['twice']}, wrong status {result['wrong_status']}, "
           f"events lost {result['lost']}")
    expect(result["closure"]["right_pct"] >= MIN_RIGHT, f"right only {result['closure']['right_pct']} %: {result['wrong_ones'][:5]}")
    return result


@live(app=["d01", "d04"], node=[20, 24])
def agrees_with_async_local_storage(t, app, node):
    """With AsyncLocalStorage in use, which up to 22 gives ids to promises."""
    als = judged(t, app, node, "als")["als"]
    expect(als["matched_pct"] == 100, f"matched {als['matched_pct']} %")
    expect(als["f1_right"] >= MIN_F1, f"F1 {als['f1_right']:.4f}: {als['faults']}")


@live(node=[22])
def what_node_loads_late_is_of_nobody(t, node):
    """One request is the first to need node's file streams, which are loaded then and close over what was made in it."""
    als = judged(t, "d03", node, "als")["als"]
    faults = {name: counts for name, counts in als["faults"].items() if name.startswith("fs.")}
    expect(not faults, f"operations on files in other requests: {faults}")


@live(node=[20, 24])
def reads_the_ids_of_async_hooks(t, node):
    """Every async id in every event, against the hooks of the process itself."""
    result = judged(t, "d01", node, "hooks")
    ids = result["ids"]
    expect(ids["right"] > 5000, f"only {ids['right']} ids were compared")
    expect_truth(ids["wrong"] <= tables.MAX_IDS_WRONG * ids["right"] + 1, f"{ids['wrong']} wrong ids: {ids['examples'][:5]}")
    expect(not ids["unseen"], f"resources that no event told: {ids['unseen']}")


@live(shape=["threads", "cluster"], node=[18, 20, 24, 26], full=True)
@live(shape=["threads", "cluster"], node=[22])
def in_threads_and_processes_as_in_one(t, shape, node):
    result = judged(t, "d01", node, "off", shape)
    expect(len(result["threads"]) >= cells.SIZE, f"only {len(result['threads'])} threads or processes have operations")
    wrong = {thread: counts for thread, counts in result["threads"].items() if counts[1]}
    worse = {thread: counts for thread, counts in result["threads"].items() if 100 * counts[0] < MIN_RIGHT * sum(counts)}
    expect_truth(not wrong, f"operations by thread (right, wrong, none): {wrong}")
    expect(not worse, f"operations by thread (right, wrong, none): {worse}")
