// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node --expose-gc app.cjs PORT [THREADS]: every request keeps dozens of promises pending while the
 * garbage collector runs and moves them. After each continuation the code touches a path that names
 * its request. GET /report tells how often, and how many collections there were. With THREADS, each
 * of them, the main one included, does the same on a heap of its own, on the ports from PORT on.
 */
const events = require('events');
const fs = require('fs');
const http = require('http');
const { PerformanceObserver, constants } = require('perf_hooks');
const { promisify } = require('util');
const { Worker, isMainThread } = require('worker_threads');

const port = Number(process.argv[2]);
const threads = Number(process.argv[3] || 1);

const FULL_GC_MS = 60;
const MINOR_GC_MS = 15;
const CHURN = 2000; // objects at a time
const FORGOTTEN = 60; // continuations of a request that never run …
const FORGOTTEN_MS = 150; // … and are old when they die: their memory comes to others

const report = { touches: 0, scavenges: 0, full: 0 };
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const path = (rid, tag) => `/nowhere/rid-${rid}.${tag}`;

function touch(rid, tag) {
	report.touches++;
	fs.access(path(rid, tag), () => {});
}

/* Anything that takes a while: its continuation is old by then. */
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const failing = (ms) => new Promise((resolve, reject) => setTimeout(reject, ms, new Error('on purpose')));

async function timers(rid) {
	for (const ms of [1, 30, 5, 70]) {
		await sleep(ms);
		touch(rid, `sleep${ms}`);
	}
}

async function values(rid) {
	await null;
	touch(rid, 'null');
	await later(40);
	touch(rid, 'later');
	await 17;
	touch(rid, 'number');
}

async function combinators(rid) {
	await Promise.all([later(20), later(45), fs.promises.stat('/').then(() => touch(rid, 'stat'))]);
	touch(rid, 'all');
	await Promise.race([later(25), later(90)]);
	touch(rid, 'race');
	await Promise.any([failing(3), later(35)]);
	touch(rid, 'any');
	await Promise.allSettled([failing(8), later(22)]);
	touch(rid, 'allSettled');
}

function chains(rid) {
	return later(30)
		.then(() => touch(rid, 'then'))
		.then(() => failing(20))
		.then(() => touch(rid, 'never'))
		.catch(() => touch(rid, 'catch'))
		.then(() => later(15))
		.finally(() => touch(rid, 'finally'))
		.then(() => touch(rid, 'last'), () => touch(rid, 'never'));
}

async function* produce(rid) {
	for (const ms of [12, 28, 4]) {
		await sleep(ms);
		touch(rid, `produced${ms}`);
		yield later(10, ms);
	}
}

async function generators(rid) {
	for await (const ms of produce(rid)) touch(rid, `consumed${ms}`);
	touch(rid, 'consumed');
	for await (const ms of [later(18, 'a'), later(33, 'b')]) touch(rid, `iterated${ms}`);
	touch(rid, 'iterated');
}

class Thenable {
	constructor(rid, ms) {
		this.rid = rid;
		this.ms = ms;
	}

	then(resolve) {
		touch(this.rid, `thenable${this.ms}`);
		setTimeout(resolve, this.ms);
	}
}

async function thenables(rid) {
	await new Thenable(rid, 26);
	touch(rid, 'thenabled');
	await Promise.resolve(new Thenable(rid, 11));
	touch(rid, 'assimilated');
	await later(5, new Thenable(rid, 19));
	touch(rid, 'adopted');
}

function microtasks(rid) {
	return new Promise((resolve) => queueMicrotask(() => {
		touch(rid, 'micro');
		setTimeout(() => queueMicrotask(() => {
			touch(rid, 'more');
			resolve();
		}), 37);
	}));
}

class Task extends Promise {}

async function subclass(rid) {
	await new Task((resolve) => setTimeout(resolve, 24));
	touch(rid, 'task');
	await new Task((resolve) => setTimeout(resolve, 9)).then(() => touch(rid, 'taskThen'));
	touch(rid, 'taskAwaited');
}

const wait = promisify((ms, done) => setTimeout(done, ms));
const waitAndFail = promisify((ms, done) => setTimeout(done, ms, new Error('on purpose')));

async function promisified(rid) {
	await wait(31);
	touch(rid, 'promisified');
	await waitAndFail(6).catch(() => touch(rid, 'promisifiedError'));
	await promisify(setTimeout)(14);
	touch(rid, 'promisifiedTimer');
	await promisify(setImmediate)();
	touch(rid, 'promisifiedImmediate');
}

let flight;

/* One promise that several requests wait for; the one that comes first makes it. */
async function shared(rid) {
	if (!flight) {
		flight = Math.random() < 0.5 ? later(50) : failing(50);
		flight.catch(() => {}).finally(() => { flight = undefined; });
	}
	await flight.catch(() => touch(rid, 'sharedError'));
	touch(rid, 'shared');
}

async function deep(rid, depth) {
	if (depth) await deep(rid, depth - 1);
	else await later(42);
	touch(rid, `deep${depth}`);
}

async function emitters(rid) {
	const emitter = new events.EventEmitter();
	setTimeout(() => emitter.emit('ready'), 21);
	await events.once(emitter, 'ready');
	touch(rid, 'once');
}

async function files(rid) {
	const file = await fs.promises.open('/etc/hostname');
	touch(rid, 'open');
	await file.read(Buffer.alloc(8), 0, 8, 0);
	touch(rid, 'read');
	await sleep(16);
	await file.close();
	touch(rid, 'close');
}

async function never(rid, promise) {
	await promise;
	touch(rid, 'never');
}

/* Pending for good: what waits for it dies with it. */
function forgotten(rid) {
	never(rid, new Promise(() => {}));
	new Promise(() => {}).then(() => touch(rid, 'never'));
	const held = Array.from({ length: FORGOTTEN }, () => new Promise(() => {}));
	for (const promise of held) never(rid, promise);
	setTimeout(() => { held.length = 0; }, FORGOTTEN_MS);
}

const sections = [timers, values, combinators, chains, generators, thenables, microtasks, subclass, promisified, shared,
	(rid) => deep(rid, 10), emitters, files];

async function handle(rid, response) {
	forgotten(rid);
	await Promise.all(sections.map((section) => section(rid)));
	touch(rid, 'end');
	response.end('done');
}

let garbage = [];

function churn() {
	garbage = garbage.slice(-CHURN);
	for (let i = 0; i < CHURN; i++) garbage.push({ i, list: [i, String(i)], next: garbage[garbage.length - 1 - i % 7] });
	for (const item of garbage) item.next = undefined;
}

new PerformanceObserver((list) => {
	for (const { detail } of list.getEntries())
		report[detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR ? 'full' : 'scavenges']++;
}).observe({ entryTypes: ['gc'] });
setInterval(churn, 5);
setInterval(() => global.gc({ type: 'minor' }), MINOR_GC_MS);
setInterval(() => global.gc(), FULL_GC_MS);

const server = http.createServer((request, response) => {
	const url = new URL(request.url, 'http://gc');
	if (url.pathname === '/report') return response.end(JSON.stringify(report));
	return handle(url.searchParams.get('rid'), response);
});
server.keepAliveTimeout = 60000; // no race between a late request and the end of an idle connection
server.listen(port, '127.0.0.1');

if (isMainThread) for (let i = 1; i < threads; i++) new Worker(__filename, { argv: [port + i] });
