// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* What the application shares among its requests: the usual helpers, written the usual ways. None knows of any request. */
const { EventEmitter } = require('events');
const net = require('net');

/* A line protocol over a few connections that stay open; answers come in the order of the questions. */
class Client {
	constructor(port) {
		this.waiting = [];
		this.rest = '';
		this.socket = net.connect(port, '127.0.0.1');
		this.socket.setNoDelay(true);
		this.socket.setEncoding('utf8');
		this.socket.on('data', (chunk) => this.take(chunk));
	}

	take(chunk) {
		const lines = (this.rest + chunk).split('\n');
		this.rest = lines.pop();
		for (const line of lines) this.waiting.shift()(null, line);
	}

	ask(line, done) {
		this.waiting.push(done);
		this.socket.write(line + '\n');
	}
}

class Pool {
	constructor(size, make) {
		this.idle = [];
		this.left = size;
		this.make = make;
		this.queue = [];
	}

	acquire(done) {
		if (this.idle.length) return done(null, this.idle.pop());
		if (this.left) {
			this.left--;
			return done(null, this.make());
		}
		this.queue.push(done);
	}

	release(one) {
		const next = this.queue.shift();
		if (next) next(null, one);
		else this.idle.push(one);
	}

	/* acquire, ask, release */
	ask(line, done) {
		this.acquire((error, client) => {
			client.ask(line, (problem, answer) => {
				this.release(client);
				done(problem, answer);
			});
		});
	}
}

/* Keys that are asked for in the same turn are answered together. */
class Batcher {
	constructor(fetch, schedule) {
		this.fetch = fetch;
		this.schedule = schedule;
		this.pending = null;
	}

	load(key) {
		return new Promise((resolve, reject) => {
			if (!this.pending) {
				this.pending = [];
				this.schedule(() => this.flush());
			}
			this.pending.push({ key, resolve, reject });
		});
	}

	flush() {
		const batch = this.pending;
		this.pending = null;
		this.fetch(batch.map((entry) => entry.key), (error, values) => {
			batch.forEach((entry, i) => (error ? entry.reject(error) : entry.resolve(values[i])));
		});
	}
}

/* The same with callbacks, and by number or time. */
function collector(flush, most, ms) {
	let items = [];
	let timer = null;
	function go() {
		clearTimeout(timer);
		timer = null;
		const now = items;
		items = [];
		flush(now.map((item) => item.value), (results) => {
			for (let i = 0; i < now.length; i++) now[i].done(results[i]);
		});
	}
	return function add(value, done) {
		items.push({ value, done });
		if (items.length >= most) go();
		else if (!timer) timer = setTimeout(go, ms);
	};
}

/* Of all that ask for one key at a time, only the first does the work. */
function singleflight(work) {
	const flights = new Map();
	return (key, done) => {
		const others = flights.get(key);
		if (others) return others.push(done);
		const all = [done];
		flights.set(key, all);
		work(key, (...answer) => {
			flights.delete(key);
			all.forEach((waiter) => waiter(...answer));
		});
	};
}

const sharedPromise = (work) => {
	const flights = new Map();
	return (key) => {
		if (!flights.has(key)) flights.set(key, work(key).finally(() => flights.delete(key)));
		return flights.get(key);
	};
};

/* So many at a time; the rest queue up. */
function limiter(most) {
	let running = 0;
	const queue = [];
	const next = () => {
		if (running >= most || !queue.length) return;
		running++;
		const { job, args, self } = queue.shift();
		job.call(self, ...args, () => {
			running--;
			next();
		});
	};
	return (job, self, ...args) => {
		queue.push({ job, args, self });
		next();
	};
}

class Semaphore {
	constructor(count) {
		this.count = count;
		this.waiters = [];
	}

	enter() {
		if (this.count > 0) {
			this.count--;
			return Promise.resolve();
		}
		return new Promise((resolve) => this.waiters.push(resolve));
	}

	leave() {
		const next = this.waiters.shift();
		if (next) next();
		else this.count++;
	}
}

/* One interval for all who want to be called later. */
class Wheel {
	constructor(ms, slots) {
		this.slots = Array.from({ length: slots }, () => []);
		this.at = 0;
		setInterval(() => this.turn(), ms);
	}

	turn() {
		this.at = (this.at + 1) % this.slots.length;
		const due = this.slots[this.at];
		this.slots[this.at] = [];
		for (const entry of due) entry.fire();
	}

	after(ticks, entry) {
		this.slots[(this.at + ticks) % this.slots.length].push(entry);
	}
}

/* Objects that are used again and again. */
class Recycler {
	constructor(Type) {
		this.Type = Type;
		this.free = [];
	}

	take(...words) {
		const one = this.free.pop() || new this.Type();
		one.begin(...words);
		return one;
	}

	give(one) {
		this.free.push(one);
	}
}

/* A coroutine of callbacks: yield a function that takes one. */
function coroutine(generator, done) {
	const step = (error, value) => {
		const { value: thunk, done: over } = error ? generator.throw(error) : generator.next(value);
		if (over) return done(null, thunk);
		thunk(step);
	};
	step();
}

class Hub extends EventEmitter {
	constructor() {
		super();
		this.setMaxListeners(0);
		this.rooms = new Map();
	}

	wait(room, done) {
		if (!this.rooms.has(room)) this.rooms.set(room, new Set());
		this.rooms.get(room).add(done);
	}

	publish(room, message) {
		const all = this.rooms.get(room);
		if (!all) return 0;
		this.rooms.delete(room);
		for (const done of all) done(message);
		return all.size;
	}
}

module.exports = { Client, Pool, Batcher, collector, singleflight, sharedPromise, limiter, Semaphore, Wheel, Recycler,
	coroutine, Hub };
