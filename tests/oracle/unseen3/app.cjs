// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node app.cjs PORT: a service in classes. Requests are objects whose methods wait, bound or by name, in pools, queues
 * and batches, and are called in the turn of some other request. Closure truth, by paths that name their request. Written
 * after the rules were fixed.
 */
const { EventEmitter } = require('events');
const fs = require('fs');
const http = require('http');
const net = require('net');
const os = require('os');
const path = require('path');

const DATA = path.join(os.tmpdir(), 'ntrace-unseen3');
fs.mkdirSync(DATA, { recursive: true });
const mark = (rid, what, next) => fs.stat(path.join(DATA, `rid-${rid}.${what}`), next);
const spread = (rid, most) => (rid * 104729) % most;

const echo = net.createServer((socket) => {
	let rest = '';
	socket.setEncoding('utf8').on('error', () => {}).on('data', (chunk) => {
		const lines = (rest + chunk).split('\n');
		rest = lines.pop();
		setTimeout(() => socket.write(lines.map((line) => `${line}\n`).join('')), 1 + lines.length % 3);
	});
});

/* One connection: questions in order, answers in order. */
class Wire extends EventEmitter {
	constructor(port) {
		super();
		this._pending = [];
		this._rest = '';
		this._socket = net.connect(port, '127.0.0.1').setEncoding('utf8').setNoDelay(true);
		this._socket.on('data', this._onData.bind(this));
	}

	_onData(chunk) {
		const lines = (this._rest + chunk).split('\n');
		this._rest = lines.pop();
		for (const line of lines) this._pending.shift().settle(line);
		this.emit('answered', lines.length);
	}

	send(question) {
		this._pending.push(question);
		this._socket.write(`${question.text}\n`);
	}
}

/* Lends what it has, in turn; whoever gives back serves the next in the queue. */
class GenericPool {
	constructor(size, create) {
		this._queue = [];
		this._free = [];
		this._size = size;
		this._create = create;
	}

	acquire(callback) {
		this._queue.push(callback);
		this._dispense();
	}

	release(thing) {
		this._free.push(thing);
		this._dispense();
	}

	_dispense() {
		while (this._queue.length) {
			if (!this._free.length && this._size > 0) {
				this._size--;
				this._free.push(this._create());
			}
			if (!this._free.length) return;
			const callback = this._queue.shift();
			callback(this._free.pop());
		}
	}
}

let pool;

class Question {
	constructor(text, done) {
		this.text = text;
		this.done = done;
	}

	settle(answer) {
		this.done(answer);
	}
}

/* States by name, each entered by whatever ended the one before. */
class Order {
	constructor(rid, response) {
		this.rid = rid;
		this.response = response;
		this.next = this.next.bind(this);
		this.state = 'wait';
	}

	next(value) {
		return this[this.state](value);
	}

	wait() {
		this.state = 'ask';
		pool.acquire(this.next);
	}

	ask(wire) {
		this.wire = wire;
		this.state = 'check';
		mark(this.rid, 'ask', () => wire.send(new Question(`order ${this.rid}`, this.next)));
	}

	check(answer) {
		this.answer = answer;
		this.state = 'done';
		pool.release(this.wire);
		mark(this.rid, 'check', this.next);
	}

	done() {
		mark(this.rid, 'done', () => this.response.end(this.answer));
	}
}

/* An emitter for each request, and what listens to it. */
class Upload extends EventEmitter {
	constructor(rid) {
		super();
		this.rid = rid;
		this.on('ready', this.onReady);
	}

	onReady(wire) {
		mark(this.rid, 'ready', () => {
			pool.release(wire);
			this.emit('stored');
		});
	}
}

function upload(rid, response) {
	const up = new Upload(rid);
	up.once('stored', () => mark(rid, 'stored', () => response.end('stored')));
	pool.acquire((wire) => up.emit('ready', wire));
}

/* Tasks with a run(), so many at a time. */
class Workers {
	constructor(most) {
		this._queue = [];
		this._left = most;
	}

	add(task) {
		this._queue.push(task);
		this._run();
	}

	_run() {
		while (this._left && this._queue.length) {
			this._left--;
			this._queue.shift().run(this._finished.bind(this));
		}
	}

	_finished() {
		this._left++;
		this._run();
	}
}
const workers = new Workers(2);

class Thumbnail {
	constructor(rid, response) {
		this.rid = rid;
		this.response = response;
	}

	run(finished) {
		mark(this.rid, 'thumb', () => {
			finished();
			mark(this.rid, 'shown', () => this.response.end('thumb'));
		});
	}
}

/* What is asked for in one turn goes out together. */
class Loader {
	constructor() {
		this._batch = [];
	}

	load(key, callback) {
		if (!this._batch.length) setImmediate(this._dispatch.bind(this));
		this._batch.push({ key, callback });
	}

	_dispatch() {
		const batch = this._batch;
		this._batch = [];
		pool.acquire((wire) => wire.send(new Question(batch.map((one) => one.key).join(), (answer) => {
			pool.release(wire);
			for (const one of batch) one.callback(answer);
		})));
	}
}
const loader = new Loader();

class Page {
	constructor(rid, response) {
		this.rid = rid;
		this.response = response;
	}

	show() {
		loader.load(`page${this.rid % 5}`, this.loaded.bind(this));
	}

	loaded(text) {
		mark(this.rid, 'loaded', this.shown.bind(this, text));
	}

	shown(text) {
		mark(this.rid, 'page', () => this.response.end(text));
	}
}

/* Whoever asks first asks for all. */
class Flights {
	constructor() {
		this._flights = new Map();
	}

	get(key, callback) {
		if (this._flights.has(key)) return this._flights.get(key).push(callback);
		this._flights.set(key, [callback]);
		pool.acquire((wire) => wire.send(new Question(key, (answer) => {
			pool.release(wire);
			this._land(key, answer);
		})));
	}

	_land(key, answer) {
		const all = this._flights.get(key);
		this._flights.delete(key);
		for (const callback of all) callback(answer);
	}
}
const flights = new Flights();

class Quote {
	constructor(rid, response) {
		Object.assign(this, { rid, response });
	}

	landed(price) {
		mark(this.rid, 'landed', () => flights.get('rate', (rate) => mark(this.rid, 'rate', () => this.response.end(price + rate))));
	}
}

/* An awaiting service object. */
class Report {
	constructor(rid) {
		this.rid = rid;
	}

	ask(text) {
		return new Promise((resolve) => pool.acquire((wire) => wire.send(new Question(text, (answer) => {
			pool.release(wire);
			resolve(answer);
		}))));
	}

	async build() {
		const first = await this.ask('report');
		await fs.promises.stat(path.join(DATA, `rid-${this.rid}.first`)).catch(() => {});
		const second = await this.ask(first);
		await fs.promises.stat(path.join(DATA, `rid-${this.rid}.second`)).catch(() => {});
		return second;
	}
}

const ticker = new EventEmitter().setMaxListeners(0);
setInterval(() => ticker.emit('tick'), 4);

/* Listens as an object. */
class Watch {
	constructor(rid, response) {
		this.rid = rid;
		this.response = response;
		this.left = 2;
		this.tick = this.tick.bind(this);
		ticker.on('tick', this.tick);
	}

	tick() {
		mark(this.rid, `tick${this.left}`, () => {});
		if (--this.left) return;
		ticker.off('tick', this.tick);
		setTimeout(() => mark(this.rid, 'end', () => this.response.end('seen')), spread(this.rid, 4));
	}
}

const routes = {
	'/order': (rid, response) => new Order(rid, response).next(),
	'/upload': upload,
	'/thumb': (rid, response) => workers.add(new Thumbnail(rid, response)),
	'/page': (rid, response) => new Page(rid, response).show(),
	'/quote': (rid, response) => { const quote = new Quote(rid, response); flights.get(`q${rid % 3}`, quote.landed.bind(quote)); },
	'/report': async (rid, response) => response.end(await new Report(rid).build()),
	'/watch': (rid, response) => new Watch(rid, response),
};

const server = http.createServer((request, response) => {
	const url = new URL(request.url, 'http://unseen3');
	const route = routes[url.pathname];
	if (route) return void route(Number(url.searchParams.get('rid')), response);
	response.statusCode = 404;
	response.end();
});
server.keepAliveTimeout = 60000;

echo.listen(0, '127.0.0.1', () => {
	pool = new GenericPool(3, () => new Wire(echo.address().port));
	server.listen(Number(process.argv[2]), '127.0.0.1');
});
