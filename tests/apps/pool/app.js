// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node --expose-gc app.js PORT: a pool of one worker thread. It is given the next job in the callback of the one before,
 * and what it is sent is data: whose job that is, only the function says that waits for the answer.
 * /job?rid=N&of=M: when M have come, a collection moves those that wait, and only then the first is done.
 * /others?n=N&waiting=M: so many other workers come and go, in each of which so many continuations never run; then memory
 * is collected.
 */
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

const mark = (rid, what, next) => fs.stat(path.join(os.tmpdir(), `rid-${rid}.${what}`), next);

if (!isMainThread) {
	parentPort.on('message', ({ id, rid }) => {
		Atomics.wait(workerData, 0, 0);
		mark(rid, 'worker', () => parentPort.postMessage(id));
	});
} else {
	const open = new Int32Array(new SharedArrayBuffer(4));
	const worker = new Worker(__filename, { workerData: open });
	const queue = [];
	const waiting = new Map();
	let last = 0, busy = false;

	const next = () => {
		if (busy || !queue.length) return;
		const { done, ...job } = queue.shift();
		busy = true;
		waiting.set(job.id, done);
		worker.postMessage(job);
	};
	/* So many, one after the other: each does something, leaves so many continuations that wait, and ends. */
	const others = (n, waiting, done) => {
		const work = `const never = new Promise(() => {});
			for (let i = 0; i < ${waiting}; i++) never.then(() => {});
			require('fs').stat('.', () => {});`;
		if (!n) {
			global.gc();
			return done();
		}
		new Worker(work, { eval: true }).on('exit', () => others(n - 1, waiting, done));
	};
	const run = (rid) => new Promise((done) => {
		queue.push({ rid, id: ++last, done });
		next();
	});
	worker.on('message', (id) => {
		const done = waiting.get(id);
		waiting.delete(id);
		busy = false;
		next();
		done();
	});
	worker.unref();

	http.createServer((request, response) => {
		const { pathname, searchParams } = new URL(request.url, 'http://pool');
		if (pathname === '/others')
			return others(Number(searchParams.get('n')), Number(searchParams.get('waiting')), () => response.end('gone'));
		const rid = Number(searchParams.get('rid'));
		mark(rid, 'main', async () => {
			if (!busy) Atomics.store(open, 0, 0);
			const done = run(rid);
			if (queue.length + 1 === Number(searchParams.get('of'))) setImmediate(() => {
				global.gc({ type: rid % 2 ? 'minor' : 'major' });
				Atomics.store(open, 0, 1);
				Atomics.notify(open, 0);
			});
			await done;
			response.end('done');
		});
	}).listen(Number(process.argv[2]), '127.0.0.1');
}
