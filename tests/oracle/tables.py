# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
"""What is asked of a cell of the matrix, and the tables of the README."""
import collections

MIN_F1 = 0.999
MAX_WRONG = 0.1  # per cent
MAX_IDS_WRONG = 0.0001
MAX_UNSEEN = 0.001  # of the native resources that were born
MIN_RIGHT = collections.defaultdict(lambda: 99.9, {"d05": 95.0, "d06": 95.0, "d08": 95.0, "unseen": 0.0, "unseen2": 0.0, "unseen3": 0.0, "stress": 95.0})
# Where what AsyncLocalStorage has wrong can be told from the rest. d08 queues frames as data, which AsyncLocalStorage follows
# wrongly from the first one on: how right that is depends on what is left out (score.py --chance). Shown, not asked for.
ALS_RIGHT = {"d01", "d02", "d03", "d04", "d05", "d06", "d07", "stress"}
NAMES = {
    "d01": "d01 raw http", "d02": "d02 express 4", "d03": "d03 fastify, undici", "d04": "d04 koa, axios",
    "d05": "d05 express 5, PostgreSQL", "d06": "d06 Redis", "d07": "d07 ESM, generators, workers",
    "d08": "d08 SSE, WebSocket, hub", "stress": "stress: every pattern", "unseen": "unseen: pools, batches, hubs",
    "unseen2": "unseen 2: loaders, flights, locks",
    "unseen3": "unseen 3: bound methods, state machines",
}
SHAPES = {"one": "", "threads": "; in four worker threads", "cluster": "; in a cluster of four"}


def short(value):
    """100, 99.8, 0: no more digits than it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def none_pct(closure):
    return 100.0 * closure["none"] / closure["named"] if closure["named"] else 0.0


def worst_f1(als):
    """Of its threads or processes."""
    return min((f1 for f1, _ in als["threads"]), default=0.0)


def verdict(result):
    """("ok"|"MISS", what was found)."""
    closure = result["closure"]
    misses = []
    if result["missing"] or result["twice"] or result["wrong_status"] or result["lost"]:
        misses.append(f"requests missing {result['missing']}, twice {result['twice']}, wrong status "
                      f"{result['wrong_status']}, events lost {result['lost']}")
    if closure["right_pct"] < MIN_RIGHT[result["app"]]:
        misses.append(f"right below {MIN_RIGHT[result['app']]} %")
    if closure["wrong_pct"] > MAX_WRONG:
        misses.append(f"wrong above {MAX_WRONG} %")
    als = result.get("als")
    if result["shape"] != "one" and len(result["threads"]) < 4:
        misses.append(f"only {len(result['threads'])} of 4 threads or processes have operations")
    for name, counts in result["threads"].items():
        if 100 * counts[0] < MIN_RIGHT[result["app"]] * sum(counts):
            misses.append(f"{name}: right, wrong, none {counts}")
    if als and result["app"] in ALS_RIGHT and worst_f1(als) < MIN_F1:
        misses.append(f"F1 below {MIN_F1} ({' '.join(f'{f1:.4f}' for f1, _ in als['threads'])}): {als['faults']}")
    ids = result.get("ids")
    if ids and (ids["wrong"] > MAX_IDS_WRONG * ids["right"] or sum(ids["unseen"].values()) > MAX_UNSEEN * ids["natives"]):
        misses.append(f"async ids wrong {ids['wrong']} {ids['examples'][:3]}, unseen {ids['unseen']}")
    found = (f"of {closure['named']} right {short(closure['right_pct'])} wrong {closure['wrong']} none {closure['none']}")
    if als:
        found += f", F1 {als['f1_right']:.4f} of {als['compared']}, all {als['f1']:.4f}"
    if ids:
        found += f", ids right {ids['right']} wrong {ids['wrong']} unseen {sum(ids['unseen'].values())} of {ids['natives']}"
    return ("MISS" if misses else "ok"), "; ".join([found, *misses])


def closure_cell(result):
    closure = result["closure"]
    if not closure["named"]:
        return "–"
    mark = "" if verdict({**result, "als": None})[0] == "ok" else " !"
    return (f"{short(closure['right_pct'])} / {short(closure['wrong_pct'])} / {short(none_pct(closure))} "
            f"({closure['named']}){mark}")


def f1_cell(result):
    als = result["als"]
    mark = " !" if result["app"] in ALS_RIGHT and worst_f1(als) < MIN_F1 else ""
    worst = f"worst {worst_f1(als):.4f}, " if len(als["threads"]) > 1 else ""
    return f"{als['f1_right']:.4f} ({worst}{als['compared']}, {als['left_out']}){mark}"


def threads_cell(result):
    """The worst of its threads or processes, and how many operations each of them has."""
    counts = result["threads"].values()
    worst = min(100 * right / (right + wrong + none) for right, wrong, none in counts)
    return f"{len(counts)}: {short(worst)} ({min(map(sum, counts))} to {max(map(sum, counts))})"


def table(results, columns, column_of, text_of):
    """Rows are applications; a cell that was not run is empty."""
    cells = {((result["app"], result["shape"]), column_of(result)): text_of(result) for result in results}
    rows = [(app, shape) for shape in SHAPES for app in NAMES if any((app, shape) == key[0] for key in cells)]
    lines = ["| application | " + " | ".join(map(str, columns)) + " |", "|---" * (len(columns) + 1) + "|"]
    for row in rows:
        lines.append(f"| {NAMES[row[0]]}{SHAPES[row[1]]} | " + " | ".join(cells.get((row, column), "") for column in columns) + " |")
    return lines


def closure_table(results, mode, options):
    here = [result for result in results if (result["mode"], result["options"]) == (mode, options)]
    nodes = sorted({result["node"] for result in here})
    if not here:
        return []
    title = {"off": "nothing runs in the target", "als": "AsyncLocalStorage in use in the target",
             "hooks": "async_hooks in use in the target"}[mode]
    head = f"right / wrong / none in % (operations that name their request); {title}" + (f"; `{options}`" if options else "")
    return [head, "", *table(here, nodes, lambda result: result["node"], closure_cell), ""]


def f1_table(results, options):
    here = [result for result in results
            if result.get("als") and result["options"] == options]
    columns = sorted({(result["mode"], result["node"]) for result in here})
    if not here:
        return []
    words = [f"{mode} {node}" for mode, node in columns]
    head = "F1 against AsyncLocalStorage or async_hooks, where they are right (operations, left out)" + (f"; `{options}`" if options else "")
    return [head, "", *table(here, words, lambda result: f"{result['mode']} {result['node']}", f1_cell), ""]


def left_out_table(results, options):
    """What AsyncLocalStorage was not asked about and why, by application over all cells, and F1 against the proofs themselves."""
    lines = []
    for app in NAMES:
        here = [result["als"] for result in results
                if result.get("als") and result["options"] == options and result["app"] == app and "why_left_out" in result["als"]]
        why = sum((collections.Counter(als["why_left_out"]) for als in here), collections.Counter())
        if not why:
            continue
        agree, contradicted = (sum(als["proofs"][i] for als in here) for i in (0, 1))
        against = [als["f1_proven"] for als in here]
        lines.append(f"{NAMES[app]}, {len(here)} cells: left out {dict(why.most_common())}; proofs of operations that name their request: "
                     f"{agree} agree with it, {contradicted} do not; F1 with the proofs as truth {min(against):.4f} to {max(against):.4f}")
    return lines and [*lines, ""]


def threads_table(results, options):
    here = [result for result in results if result["shape"] != "one" and result["options"] == options and result["threads"]]
    columns = sorted({(result["mode"], result["node"]) for result in here})
    if not here:
        return []
    words = [f"{mode} {node}" for mode, node in columns]
    head = "threads or processes: right in % in the worst of them (operations of each)" + (f"; `{options}`" if options else "")
    return [head, "", *table(here, words, lambda result: f"{result['mode']} {result['node']}", threads_cell), ""]


def ids_cell(result):
    ids = result["ids"]
    return f"{ids['right']} / {ids['wrong']}, {sum(ids['unseen'].values())} of {ids['natives']}"


def ids_table(results, options):
    here = [result for result in results if result.get("ids") and result["options"] == options]
    if not here:
        return []
    nodes = sorted({result["node"] for result in here})
    head = "async ids read, right / wrong against async_hooks, and native resources that no event told" + (
        f"; `{options}`" if options else "")
    return [head, "", *table(here, nodes, lambda result: result["node"], ids_cell), ""]


def print_all(results, build_id):
    """Markdown: a table for each mode and each set of options, with what they were made of."""
    if not results:
        print("nothing has been run")
        return
    dates = sorted(result["date"] for result in results)
    versions = sorted({result["version"].lstrip("v") for result in results if result["version"]})
    print(f"{build_id}, {dates[0]} to {dates[-1]} UTC; node {', '.join(versions)}; "
          f"{results[0]['requests']} requests, {results[0]['connections']} at a time; ! = less than asked\n")
    for options in dict.fromkeys(result["options"] for result in results):
        for mode in ("off", "als", "hooks"):
            print("\n".join(closure_table(results, mode, options)))
        print("\n".join(threads_table(results, options)))
        print("\n".join(f1_table(results, options)))
        print("\n".join(left_out_table(results, options)))
        print("\n".join(ids_table(results, options)))
    wrong = [(result, one) for result in results for one in result["wrong_ones"]]
    for result, one in wrong[:20]:
        print("wrong:", result["app"], f"node{result['node']}", result["mode"], result["options"], *one)
    for result in results:
        if result.get("explained"):
            print(f"\nwhy, {result['app']} node{result['node']} {result['mode']}:\n{result['explained']}")
