'use strict';
/*
 * Deterministic load: node load.cjs PORT [requests] [concurrency] [seed] [STATUSES] [-] [FIRST]
 * STATUSES is a file that receives {rid: status} as JSON. Requests are numbered from FIRST + 1 on.
 * Every request carries a unique ?rid=N in its URL. No dependency; keep-alive sockets; a fixed total, so truth and tracer can be compared 1:1.
 * load({ routes: [{ w, method, path: (rid, rnd) => '/x', body: (rid) => Buffer|string, headers, kind }], ... })
 *   kind: undefined = http/1.1 request; or a function (port, rid, done) of the app's own (ws, sse, http2...)
 */
const http = require('http');
const https = require('https');
module.exports = function load(def) {
  const port = +process.argv[2];
  const total = +(process.argv[3] || 400);
  const conc = +(process.argv[4] || 16);
  let seed = +(process.argv[5] || 1) >>> 0;
  const rnd = () => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed / 4294967296; };
  const sum = def.routes.reduce((a, r) => a + (r.w || 1), 0);
  const pick = () => { let x = rnd() * sum; for (const r of def.routes) { x -= r.w || 1; if (x < 0) return r; } return def.routes[0]; };
  const mod = def.tls ? https : http;
  const agent = new mod.Agent({ keepAlive: true, maxSockets: conc, rejectUnauthorized: false });
  const stats = { sent: 0, ok: 0, bad: 0, err: 0, byStatus: {} };
  const lat = [];
  const statuses = {};
  const t0 = process.hrtime();
  const first = +(process.argv[8] || 0);
  let next = 0, live = 0;
  function one() {
    if (next >= total) { if (live === 0) end(); return; }
    const rid = first + ++next; live++;
    const r = pick();
    const t = process.hrtime();
    let over = false;
    const done = (e, status) => {
      if (over) return;
      over = true;
      const d = process.hrtime(t); lat.push(d[0] * 1e3 + d[1] / 1e6);
      live--; stats.sent++; statuses[rid] = status || 0;
      if (e) { stats.err++; if (stats.err < 4) console.error('error', rid, e.message || e); } else if (status < 400) stats.ok++; else stats.bad++;
      stats.byStatus[status || 'err'] = (stats.byStatus[status || 'err'] || 0) + 1;
      one();
    };
    if (r.kind) return r.kind(port, rid, done);
    let p = r.path(rid, rnd);
    p += (p.includes('?') ? '&' : '?') + 'rid=' + rid;
    const body = r.body ? Buffer.from(r.body(rid)) : null;
    const q = mod.request({ host: '127.0.0.1', port, agent, method: r.method || 'GET', path: p, rejectUnauthorized: false, headers: { ...(body ? { 'content-length': body.length, 'content-type': 'application/json' } : {}), ...(typeof r.headers === 'function' ? r.headers(rid) : r.headers) } }, (s) => {
      s.on('end', () => done(null, s.statusCode)); s.on('error', done); s.resume();
    });
    q.on('error', done);
    q.setTimeout(240000 /* however slow the machine */, () => q.destroy(new Error('timeout')));
    if (body && r.slow) { q.write(body.subarray(0, body.length >> 1)); setTimeout(() => q.end(body.subarray(body.length >> 1)), r.slow); } else q.end(body || undefined);
  }
  function end() {
    if (end.done) return; end.done = true;
    agent.destroy();
    if (process.argv[6]) require('fs').writeFileSync(process.argv[6], JSON.stringify(statuses));
    const d = process.hrtime(t0); const s = d[0] + d[1] / 1e9;
    lat.sort((a, b) => a - b);
    console.log(JSON.stringify({ ...stats, seconds: +s.toFixed(3), rps: +(stats.sent / s).toFixed(1), p50: +(lat[lat.length >> 1] || 0).toFixed(2), p99: +(lat[Math.floor(lat.length * 0.99)] || 0).toFixed(2) }));
    process.exit(stats.err || stats.bad && !def.badOk ? 1 : 0);
  }
  for (let i = 0; i < Math.min(conc, total); i++) one();
};
