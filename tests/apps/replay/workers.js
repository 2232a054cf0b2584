// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* A pool of two worker threads with a queue before it: jobs are sent when a worker gets free. */
const { Worker, isMainThread, parentPort } = require('worker_threads');
const { get, serve, touch } = require('./common');

const idle = [];
const queue = [];

function next() {
	while (idle.length && queue.length) {
		const worker = idle.pop();
		const job = queue.shift();
		worker.once('message', (answer) => {
			job.done(answer);
			idle.push(worker);
			next();
		});
		worker.postMessage(job.rid);
	}
}

function run(rid, done) {
	queue.push({ rid, done });
	next();
}

const routes = {
	'/one': (rid, response) => run(rid, () => touch(rid, 'answer', () => response.end('one'))),
	'/await': async (rid, response) => {
		await new Promise((resolve) => run(rid, resolve));
		touch(rid, 'awaited', () => response.end('await'));
	},
};

exports.serve = (port) => {
	for (let i = 0; i < 2; i++) idle.push(new Worker(__filename));
	serve(port, routes);
};
exports.drive = async (port) => {
	let rid = 0;
	for (const names of [['one'], ['one', 'await'], ['await', 'await', 'one', 'await']])
		await Promise.all(names.map((name) => get(port, `/${name}?rid=${++rid}`)));
};

if (!isMainThread)
	parentPort.on('message', (rid) => touch(rid, 'job', () => setTimeout(() => parentPort.postMessage('done'), 5)));
