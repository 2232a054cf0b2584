#!/usr/bin/env python3
"""judge.py - run apps under the oracle with a tracer attached from outside, and score each.
  judge.py [--tracer 'ntrace-bpf -p {pid} --show-query --format ndjson -o {out}'] [--node BIN] [--mode als|hooks|off] [--bind 0|1] [--truth als|rid] [--requests N] [--conc N] APPDIR...
Without --tracer it only runs the oracle and scores ALS (or hooks) itself against the explicit request ids.
The tracer is started when the app listens, gets --settle seconds to attach, and is sent SIGINT after the load; {pid} is the main process.
--mode off runs the app without the oracle and scores the tracer with offscore.py. Output: one line an app; details in --out."""
import argparse, json, os, signal, socket, subprocess, sys, time, shlex, shutil
H = os.path.dirname(os.path.abspath(__file__))
A = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
A.add_argument('apps', nargs='+'); A.add_argument('--tracer'); A.add_argument('--node', default='node'); A.add_argument('--mode', default='als'); A.add_argument('--bind', default='1'); A.add_argument('--truth', default='rid')
A.add_argument('--requests', default='300'); A.add_argument('--conc', default='16'); A.add_argument('--port', type=int, default=4600); A.add_argument('--settle', type=float, default=1.5); A.add_argument('--out', default='judge-out'); A.add_argument('--skip', default='')
a = A.parse_args()
bad = 0; a.out = os.path.abspath(a.out); a.apps = [os.path.abspath(x) for x in a.apps]
print(f"{'app':22}{'reqs':>6}{'load':>6}{'match%':>8}{'exact%':>8}{'prec':>8}{'recall':>8}{'F1':>8}{'start us':>9}{'end us':>9}  in-process vs explicit id")
for app in a.apps:
    name = os.path.basename(app.rstrip('/')); out = os.path.join(a.out, name); shutil.rmtree(out, ignore_errors=True); os.makedirs(out)
    main = json.load(open(os.path.join(app, 'package.json')))['main']
    env = dict(os.environ, ORACLE_DIR=out, ORACLE_MODE=a.mode, ORACLE_BIND=a.bind); a.port += 1
    p = subprocess.Popen([a.node] + ([] if a.mode == 'off' else ['-r', H + '/oracle.cjs']) + [main, str(a.port)], cwd=app, env=env, stdout=open(out + '/app.log', 'w'), stderr=subprocess.STDOUT)
    t = None; tf = out + '/trace.jsonl'
    try:
        for _ in range(150):
            try: socket.create_connection(('127.0.0.1', a.port), .2).close(); break
            except OSError: time.sleep(.1)
            if p.poll() is not None: break
        if a.tracer: t = subprocess.Popen(shlex.split(a.tracer.format(pid=p.pid, out=tf)), stdout=open(out + '/tracer.log', 'w'), stderr=subprocess.STDOUT); time.sleep(a.settle)
        try: l = subprocess.run([a.node, 'load.cjs', str(a.port), a.requests, a.conc], cwd=app, capture_output=True, text=True, timeout=120); lrc = l.returncode; open(out + '/load.log', 'w').write(l.stdout + l.stderr)
        except subprocess.TimeoutExpired: lrc = 124
        time.sleep(.3)
    finally:
        if t: t.send_signal(signal.SIGINT); t.wait(20)
        p.terminate()
        try: p.wait(5)
        except subprocess.TimeoutExpired: p.kill(); p.wait()
    if a.mode == 'off':
        if not t: print(f'{name:22} load rc {lrc}'); continue
        s = subprocess.run([sys.executable, H + '/offscore.py', '--json', tf], capture_output=True, text=True); open(out + '/offscore.json', 'w').write(s.stdout)
        if not s.stdout: print(name, 'offscore failed', s.stderr[-300:]); bad = 1; continue
        r = json.loads(s.stdout); bad |= lrc or s.returncode
        print(f"{name:22}{r['requests']:6}{'ok' if lrc == 0 else lrc:>6}  named {r['named']:5} right {r['right_pct']:7.3f} % wrong {r['wrong_pct']:7.3f} % found {r['found_pct']:7.3f} %", flush=True); continue
    if not t:
        with open(tf, 'w') as f: subprocess.run([sys.executable, H + '/score.py', '--export', out], stdout=f)
    s = subprocess.run([sys.executable, H + '/score.py', '--json', '--truth', a.truth, '--skip', a.skip, tf, out], capture_output=True, text=True)
    if not s.stdout: print(name, 'score failed', s.stderr[-300:]); bad = 1; continue
    r = json.loads(s.stdout)
    if not r['requests']: print(f'{name:22} no requests in the truth: see {out}/app.log, load rc {lrc}'); bad = 1; continue
    o = r['overall']; g = r['als_vs_rid']; open(out + '/score.json', 'w').write(s.stdout); bad |= lrc
    print(f"{name:22}{r['requests']:6}{'ok' if lrc == 0 else lrc:>6}{r['matched_pct']:8.2f}{r['exact_requests_pct']:8.2f}{o['precision']:8.4f}{o['recall']:8.4f}{o['f1']:8.4f}{r['start']['median_us']:9.1f}{r['end']['median_us']:9.1f}  {g.get('als_right', 0)}/{g.get('explicit', 0)} = {100 * g.get('als_right', 0) / max(1, g.get('explicit', 1)):.2f}%", flush=True)
sys.exit(1 if bad else 0)
