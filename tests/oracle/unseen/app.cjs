// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node app.cjs PORT: a service whose requests meet in pools, batches, flights, hubs and queues, so that code of one
 * request runs in callbacks of another. Wherever code of a request goes on it touches a path that names its request:
 * closure truth. It was written before anything that it measures was looked at.
 */
const fs = require('fs');
const http = require('http');
const net = require('net');
const os = require('os');
const path = require('path');
const zlib = require('zlib');
const { Client, Pool, Batcher, collector, singleflight, sharedPromise, limiter, Semaphore, Wheel, Recycler, coroutine,
	Hub } = require('./parts.cjs');

const DATA = path.join(os.tmpdir(), 'ntrace-unseen');
fs.mkdirSync(DATA, { recursive: true });
const probe = (rid, tag) => path.join(DATA, `rid-${rid}.${tag}`);
const touch = (rid, tag, done) => fs.stat(probe(rid, tag), () => done());
const touched = (rid, tag) => fs.promises.stat(probe(rid, tag)).catch(() => null);
const uneven = (rid, most) => (rid * 7919) % most; // no two neighbours alike

/* The other side: answers lines in order, some later than others. */
const backend = net.createServer((socket) => {
	let chain = Promise.resolve();
	let rest = '';
	socket.on('data', (chunk) => {
		const lines = (rest + chunk).split('\n');
		rest = lines.pop();
		for (const line of lines) {
			chain = chain.then(() => new Promise((done) => setTimeout(done, line.length % 4)))
				.then(() => socket.write(`${line}!\n`));
		}
	});
	socket.on('error', () => {});
});

let pool;
let single;
const hub = new Hub();
const limit = limiter(3);
const doors = new Semaphore(2);
const wheel = new Wheel(2, 16);
const users = new Batcher((keys, done) => pool.ask(keys.join(','), (e, line) => done(e, keys.map((k) => k + line.length))),
	(flush) => process.nextTick(flush));
const prices = new Batcher((keys, done) => setTimeout(() => done(null, keys.map((k) => k * 2)), 3), setImmediate);
const store = collector((values, done) => single.ask(values.join(';'), (e, line) => done(values.map(() => line))), 5, 4);
const reports = singleflight((key, done) => pool.ask(`report ${key}`, done));
const renders = sharedPromise(async (key) => {
	await new Promise((resolve) => setTimeout(resolve, 4));
	return `page ${key}`;
});

/* Class style: a request is an object, its steps are methods. */
class Ledger {
	constructor(rid, response) {
		this.rid = rid;
		this.response = response;
		this.lines = [];
	}

	start() {
		pool.acquire(this.connected.bind(this));
	}

	connected(error, client) {
		this.client = client;
		touch(this.rid, 'connected', () => client.ask(`ledger ${this.rid}`, (problem, line) => this.answered(line)));
	}

	answered(line) {
		this.lines.push(line);
		fs.lstat(probe(this.rid, 'answered'), () => {
			pool.release(this.client);
			this.finish();
		});
	}

	finish() {
		touch(this.rid, 'finish', () => this.response.end(this.lines.join()));
	}
}

/* A job that is used again and again, by one request after another. */
class Visit {
	begin(rid, response) {
		this.rid = rid;
		this.response = response;
		this.left = 2;
	}

	fire() {
		touch(this.rid, `visit${this.left}`, () => {
			if (--this.left) return wheel.after(1 + uneven(this.rid, 3), this);
			this.response.end('visited');
			visits.give(this);
		});
	}
}
const visits = new Recycler(Visit);

/* Made by whoever comes first, used by all. */
let exporter;
function lazyExporter() {
	if (exporter) return exporter;
	const queue = [];
	let busy = false;
	function pump() {
		if (busy || !queue.length) return;
		busy = true;
		const { text, done } = queue.shift();
		zlib.deflate(text, (error, out) => {
			busy = false;
			done(out);
			pump();
		});
	}
	exporter = (text, done) => {
		queue.push({ text, done });
		pump();
	};
	return exporter;
}

let settings;
const lazySettings = () => (settings ||= new Promise((resolve) => pool.ask('settings', (e, line) => resolve(line))));

function ledger(rid, response) {
	new Ledger(rid, response).start();
}

/* A closure over the pool's callback, twice in a row. */
function stock(rid, response) {
	const seen = [];
	const finish = () => response.end(String(seen.length));
	pool.ask(`stock ${rid}`, (error, line) => {
		seen.push(line);
		touch(rid, 'first', () => pool.ask(`more ${rid}`, (problem, other) => {
			seen.push(other);
			touch(rid, 'second', finish);
		}));
	});
}

async function profile(rid, response) {
	const names = await Promise.all([users.load(rid), users.load(rid + 1)]);
	await touched(rid, 'names');
	users.load(rid + 2).then((name) => touch(rid, 'then', () => response.end(names.join() + name)));
}

async function price(rid, response) {
	const first = await prices.load(rid);
	touch(rid, 'priced', () => {
		prices.load(first).then(async (second) => {
			await touched(rid, 'again');
			response.end(String(second));
		});
	});
}

function report(rid, response) {
	reports(rid % 3, (error, line) => {
		touch(rid, 'shared', () => response.end(line));
	});
}

/* One tick for all who listen; each takes off its own listener. */
function feed(rid, response) {
	let n = 0;
	const listener = (tick) => {
		fs.access(probe(rid, `tick${n}`), () => response.write(`${tick}\n`));
		if (++n < 3) return;
		hub.off('tick', listener);
		setTimeout(() => touch(rid, 'bye', () => response.end()), 2 + uneven(rid, 3));
	};
	hub.on('tick', listener);
}

function exportAll(rid, response) {
	lazyExporter()('x'.repeat(2000 + uneven(rid, 4000)), (out) => {
		touch(rid, 'deflated', () => response.end(String(out.length)));
	});
}

/* The queue calls with this and arguments. */
function quota(rid, response) {
	const ticket = { rid, response, left: 2 };
	function work(name, done) {
		touch(this.rid, name, () => {
			if (!--this.left) this.response.end(name);
			setTimeout(done, uneven(this.rid, 3));
		});
	}
	limit(work, ticket, 'one');
	limit(work, ticket, 'two');
}

function retry(rid, response) {
	let tries = 0;
	const attempt = () => touch(rid, `try${tries}`, () => {
		if (++tries === 3) return response.end('at last');
		wheel.after(1 + uneven(rid + tries, 4), { fire: attempt });
	});
	attempt();
}

/* Two requests meet: whoever comes second answers the first. */
function meet(rid, response) {
	const room = Math.floor(rid / 4) % 5;
	const timer = setTimeout(() => hub.publish(room, 'nobody'), 12);
	if (hub.publish(room, `from ${rid}`)) {
		clearTimeout(timer);
		return touch(rid, 'came', () => response.end('came'));
	}
	hub.wait(room, (message) => {
		clearTimeout(timer);
		touch(rid, 'met', () => response.end(message));
	});
}

function script(rid, response) {
	function* steps() {
		const line = yield (done) => pool.ask(`script ${rid}`, done);
		yield (done) => touch(rid, 'step', done);
		const other = yield (done) => reports(`s${rid % 2}`, done);
		yield (done) => touch(rid, 'last', done);
		return line + other;
	}
	coroutine(steps(), (error, text) => response.end(text));
}

async function audit(rid, response) {
	await doors.enter();
	try {
		await touched(rid, 'in');
		await new Promise((resolve) => setTimeout(resolve, uneven(rid, 4)));
		touch(rid, 'working', () => {});
	} finally {
		doors.leave();
	}
	await touched(rid, 'out');
	store(`audit ${rid}`, (line) => touch(rid, 'stored', () => response.end(line)));
}

async function render(rid, response) {
	const page = await renders(rid % 4);
	await touched(rid, 'page');
	renders(`x${rid % 2}`).then((other) => {
		fs.access(probe(rid, 'other'), () => response.end(page + other));
	});
}

const parked = [];

/* Answered by the next sweep, which knows each only by its entry. */
function sweep(rid, response) {
	parked.push({ rid, response });
}

function visit(rid, response) {
	wheel.after(1 + uneven(rid, 5), visits.take(rid, response));
}

async function lazy(rid, response) {
	const line = await lazySettings();
	await touched(rid, 'settings');
	lazyExporter()(line + rid, () => fs.lstat(probe(rid, 'lazy'), () => response.end(line)));
}

/* Several of them one behind the other, with a context of its own handed through. */
function chain(rid, response) {
	const context = { rid, trail: [] };
	const mark = (name, next) => (...answer) => {
		context.trail.push(answer.length);
		touch(context.rid, name, next);
	};
	pool.ask(`chain ${rid}`, mark('asked',
		() => store(`chain ${rid}`, mark('kept',
			() => reports('chain', mark('reported',
				() => setImmediate(() => response.end(context.trail.join()))))))));
}

function take(rid, response, request) {
	let bytes = 0;
	const lines = [];
	request.on('data', (chunk) => {
		bytes += chunk.length;
		store(`part of ${rid}`, (line) => touch(rid, `part${lines.push(line)}`, () => {}));
	});
	request.on('end', () => store(`end of ${rid}`, () => touch(rid, 'taken', () => response.end(String(bytes)))));
}

const routes = { '/ledger': ledger, '/stock': stock, '/profile': profile, '/prices': price, '/report': report, '/feed': feed,
	'/export': exportAll, '/quota': quota, '/retry': retry, '/meet': meet, '/script': script, '/audit': audit,
	'/render': render, '/sweep': sweep, '/visit': visit, '/lazy': lazy, '/chain': chain, '/import': take };

const server = http.createServer((request, response) => {
	const url = new URL(request.url, 'http://unseen');
	const route = routes[url.pathname];
	if (!route) {
		response.statusCode = 404;
		return response.end();
	}
	return route(Number(url.searchParams.get('rid')), response, request);
});
server.keepAliveTimeout = 60000;

setInterval(() => hub.emit('tick', Date.now()), 3);
setInterval(() => {
	for (const { rid, response } of parked.splice(0)) touch(rid, 'swept', () => response.end('swept'));
}, 5);

backend.listen(0, '127.0.0.1', () => {
	const { port } = backend.address();
	pool = new Pool(3, () => new Client(port));
	single = new Client(port);
	server.listen(Number(process.argv[2]), '127.0.0.1');
});
