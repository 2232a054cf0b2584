// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// replies.js PORT PORT PORT: victims wait for replies of another thread's server, which come while the loop is kept.
// Times are those of process.hrtime, CLOCK_MONOTONIC, in milliseconds.
'use strict';
const http = require('http');
const net = require('net');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

const VICTIMS = 4;
const KEPT_MS = 80; // from when the replies are there
const UNIX = 'replies.sock'; // in the current folder: its name is not too long there
const ASKED = 0, GO = 1, REPLIED = 2;
const now = () => Number(process.hrtime.bigint()) / 1e6;

// Replies to all at once, when it is told to.
function replier({ words, times, replies, webPort }) {
  let asked = [];
  const ask = reply => {
    asked.push(reply);
    Atomics.add(words, ASKED, 1);
    if (asked.length < VICTIMS) return;
    Atomics.wait(words, GO, 0);
    times[0] = times[1] = 0;
    for (const reply of asked) {
      reply();
      times[0] = now();
      times[1] += times[0];
    }
    asked = [];
    Atomics.store(words, REPLIED, 1);
    Atomics.notify(words, REPLIED);
  };
  const plain = socket => socket.on('data', () => ask(() => socket.write('reply'))).on('error', () => {});
  const web = http.createServer((request, response) => ask(() => response.end('reply')));
  net.createServer(plain).listen({ port: replies, host: '127.0.0.1' }, () =>
    net.createServer(plain).listen(UNIX, () =>
      web.listen({ port: webPort, host: '127.0.0.1' }, () => parentPort.postMessage('listening'))));
}

if (!isMainThread) {
  replier(workerData);
} else {
  const [port, replies, webPort] = process.argv.slice(2).map(Number);
  const words = new Int32Array(new SharedArrayBuffer(16));
  const times = new Float64Array(new SharedArrayBuffer(16)); // of the last reply, and the sum of all
  const worker = new Worker(__filename, { workerData: { words, times, replies, webPort } });

  const once = where => new Promise((resolve, reject) => {
    const socket = net.connect(where, () => socket.write('query'));
    socket.on('data', () => resolve(socket.destroy())).on('error', reject);
  });
  const waits = {
    '/tcp': () => once({ port: replies, host: '127.0.0.1' }),
    '/unix': () => once({ path: UNIX }),
    '/web': () => new Promise((resolve, reject) => {
      http.get({ port: webPort, host: '127.0.0.1', agent: false }, response =>
        response.on('end', resolve).resume()).on('error', reject);
    }),
  };

  const block = () => {
    Atomics.store(words, REPLIED, 0);
    Atomics.store(words, ASKED, 0);
    Atomics.store(words, GO, 1);
    Atomics.notify(words, GO);
    Atomics.wait(words, REPLIED, 0);
    Atomics.store(words, GO, 0);
    while (now() < times[0] + KEPT_MS);
    return { late: VICTIMS * now() - times[1] };
  };

  const routes = { '/waiting': () => ({ waiting: Atomics.load(words, ASKED) }), '/block': block };
  const server = http.createServer(async (request, response) => {
    const route = routes[request.url] || waits[request.url] || (() => {});
    response.end(JSON.stringify(await route() || {}));
  });
  worker.once('message', () => server.listen(port, '127.0.0.1'));
}
