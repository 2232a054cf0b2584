// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node app.cjs PORT: a second service nobody tuned for. Its requests meet in calls over one connection, loaders, flights, group
 * commits, lent resources, locks, topics, actors, a token bucket, a cache that refreshes itself and helpers that the first user
 * makes for all. Wherever code of a request goes on it touches a path that names its request: closure truth.
 */
const { EventEmitter, once } = require('events');
const fs = require('fs');
const http = require('http');
const net = require('net');
const os = require('os');
const path = require('path');

const DATA = path.join(os.tmpdir(), 'ntrace-unseen2');
fs.mkdirSync(DATA, { recursive: true });
const file = (rid, step) => path.join(DATA, `rid-${rid}.${step}`);
const look = (rid, step, then) => fs.lstat(file(rid, step), () => then());
const seen = (rid, step) => fs.promises.access(file(rid, step)).catch(() => {});
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Answers come in any order, by number. */
const remote = net.createServer((socket) => {
	let rest = '';
	socket.on('error', () => {});
	socket.on('data', (chunk) => {
		const lines = (rest + chunk).split('\n');
		rest = lines.pop();
		for (const line of lines) {
			const [id] = line.split(' ', 1);
			setTimeout(() => socket.write(`${id} ${line.length}\n`), Number(id) % 5);
		}
	});
});

class Rpc {
	constructor(port) {
		this.pending = new Map();
		this.last = 0;
		this.rest = '';
		this.socket = net.connect(port, '127.0.0.1').setEncoding('utf8');
		this.socket.on('data', (chunk) => {
			const lines = (this.rest + chunk).split('\n');
			this.rest = lines.pop();
			for (const line of lines) {
				const [id, answer] = line.split(' ');
				const settle = this.pending.get(id);
				this.pending.delete(id);
				settle(answer);
			}
		});
	}

	send(text, settle) {
		const id = String(++this.last);
		this.pending.set(id, settle);
		this.socket.write(`${id} ${text}\n`);
	}

	call(text) {
		return new Promise((resolve) => this.send(text, resolve));
	}
}

let rpc;

/* A loader: one call for all keys of a turn, the answers also kept for a while. */
const loader = {
	keys: new Map(),
	load(key) {
		if (!this.keys.size) process.nextTick(() => this.dispatch());
		if (!this.keys.has(key)) {
			let settle;
			const promise = new Promise((resolve) => { settle = resolve; });
			this.keys.set(key, { promise, settle });
		}
		return this.keys.get(key).promise;
	},
	async dispatch() {
		const batch = [...this.keys.entries()];
		this.keys = new Map();
		const answer = await rpc.call(batch.map(([key]) => key).join(','));
		for (const [key, { settle }] of batch) settle(key + answer);
	},
};

/* Whoever asks while it is being fetched is told with the others. */
const flights = new Map();
function flight(key, told) {
	const others = flights.get(key);
	if (others) return others.push(told);
	const all = [told];
	flights.set(key, all);
	rpc.send(`flight ${key}`, (answer) => {
		flights.delete(key);
		all.forEach((each) => each(answer));
	});
}

/* Group commit: what comes while a write is under way goes with the next one. */
const log = { waiting: [], busy: false };
function commit(entry, durable) {
	log.waiting.push([entry, durable]);
	if (!log.busy) write();
}
function write() {
	const group = log.waiting.splice(0);
	log.busy = group.length > 0;
	if (!log.busy) return;
	fs.writeFile(path.join(DATA, 'log'), group.map(([entry]) => entry).join('\n'), () => {
		write();
		for (const [, durable] of group) durable(group.length);
	});
}

/* Things that are lent, two of them, to whoever waits longest; borrowed ones come back by themselves. */
const shelf = [{ name: 'a' }, { name: 'b' }];
const borrowers = [];
function borrow(use) {
	borrowers.push(use);
	lend();
}
function lend() {
	if (!shelf.length || !borrowers.length) return;
	const thing = shelf.pop();
	const use = borrowers.shift();
	use(thing, () => {
		shelf.push(thing);
		lend();
	});
}

/* A lock as a chain of promises. */
let tail = Promise.resolve();
function locked(work) {
	const mine = tail.then(work);
	tail = mine.catch(() => {});
	return mine;
}

/* Actors: a mailbox each, drained by whoever posts to an idle one. */
class Actor {
	constructor() {
		this.mail = [];
		this.busy = false;
	}

	post(job) {
		this.mail.push(job);
		if (!this.busy) this.drain();
	}

	drain() {
		const job = this.mail.shift();
		this.busy = Boolean(job);
		if (job) job(() => setImmediate(() => this.drain()));
	}
}
const actors = [new Actor(), new Actor(), new Actor()];

/* Tokens come back ten at a time. */
const bucket = { tokens: 4, queue: [] };
setInterval(() => {
	bucket.tokens = 4;
	while (bucket.tokens && bucket.queue.length) {
		bucket.tokens--;
		bucket.queue.shift()();
	}
}, 4);
function throttled(go) {
	if (!bucket.tokens) return bucket.queue.push(go);
	bucket.tokens--;
	go();
}

/* Old values are given at once, and fetched anew behind the answer. */
const cache = new Map();
function fresh(key, done) {
	const entry = cache.get(key);
	if (entry && Date.now() - entry.at < 15) return done(entry.value);
	if (entry && !entry.renewing) {
		entry.renewing = rpc.call(`renew ${key}`).then((value) => cache.set(key, { value, at: Date.now() }));
		return done(entry.value);
	}
	flight(`fresh ${key}`, (value) => {
		cache.set(key, { value, at: Date.now() });
		done(value);
	});
}

/* The first who needs one makes it for all. */
const plugins = {};
function plugin(name) {
	if (!plugins[name]) {
		const calls = { n: 0 };
		plugins[name] = {
			run: (rid, then) => fs.stat(file(rid, `run${calls.n++ % 10}`), () => then(calls.n)),
			later: async (rid) => { await pause(rid % 3); calls.n++; await seen(rid, 'later'); return calls.n; },
		};
	}
	return plugins[name];
}

const bus = new EventEmitter().setMaxListeners(0);
setInterval(() => bus.emit('tick', Date.now()), 3);

const routes = {
	'/call': (rid, response) => rpc.send(`call ${rid}`, (answer) => look(rid, 'called', () => response.end(answer))),
	'/both': async (rid, response) => {
		const answers = await Promise.all([1, 2].map(async (n) => { const a = await rpc.call(`both${n}`); await seen(rid, `both${n}`); return a; }));
		response.end(answers.join());
	},
	'/load': async (rid, response) => {
		const value = await loader.load(`k${rid % 7}`);
		look(rid, 'loaded', async () => { await loader.load(`k${rid % 5}`); await seen(rid, 'again'); response.end(value); });
	},
	'/once': (rid, response) => flight(rid % 3, (answer) => look(rid, 'landed', () => response.end(answer))),
	'/commit': (rid, response) => commit(`entry ${rid}`, (size) => look(rid, 'durable', () => response.end(String(size)))),
	'/lend': (rid, response) => borrow((thing, back) => {
		look(rid, 'borrowed', () => rpc.send(`with ${thing.name}`, (answer) => { back(); look(rid, 'returned', () => response.end(answer)); }));
	}),
	'/lock': (rid, response) => { locked(() => new Promise((done) => look(rid, 'locked', done))).then(() => look(rid, 'unlocked', () => response.end('ok'))); },
	'/await-lock': async (rid, response) => {
		await locked(async () => { await pause(1); await seen(rid, 'inside'); });
		await seen(rid, 'outside');
		response.end('ok');
	},
	'/topic': (rid, response) => {
		let left = 2;
		const told = () => look(rid, `told${left}`, () => { if (--left === 0) { bus.off('tick', told); response.end('told'); } else if (left < 0) bus.off('tick', told); });
		bus.on('tick', told);
	},
	'/stream': async (rid, response) => {
		for (let i = 0; i < 2; i++) { const [at] = await once(bus, 'tick'); await seen(rid, `event${i}`); response.write(String(at)); }
		response.end();
	},
	'/actor': (rid, response) => actors[rid % 3].post((done) => look(rid, 'acting', () => { done(); look(rid, 'acted', () => response.end('acted')); })),
	'/bucket': (rid, response) => throttled(() => look(rid, 'passed', () => throttled(() => look(rid, 'twice', () => response.end('passed'))))),
	'/fresh': (rid, response) => fresh(rid % 4, (value) => look(rid, 'fresh', () => response.end(String(value)))),
	'/plugin': (rid, response) => plugin(`p${Math.floor(rid / 40)}`).run(rid, (n) => look(rid, 'ran', () => response.end(String(n)))),
	'/late': async (rid, response) => { const n = await plugin(`l${Math.floor(rid / 60)}`).later(rid); await seen(rid, 'late'); response.end(String(n)); },
	'/ingest': (rid, response, request) => {
		let size = 0;
		request.on('data', (chunk) => { size += chunk.length; commit('part', () => look(rid, 'part', () => {})); });
		request.on('end', () => commit('end', () => look(rid, 'end', () => response.end(String(size)))));
	},
};

const server = http.createServer((request, response) => {
	const url = new URL(request.url, 'http://unseen2');
	const route = routes[url.pathname];
	if (route) return void route(Number(url.searchParams.get('rid')), response, request);
	response.statusCode = 404;
	response.end();
});
server.keepAliveTimeout = 60000;

remote.listen(0, '127.0.0.1', () => {
	rpc = new Rpc(remote.address().port);
	server.listen(Number(process.argv[2]), '127.0.0.1');
});
