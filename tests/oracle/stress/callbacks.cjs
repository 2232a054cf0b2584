// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Ways of going on that are made of callbacks, events, streams and other resources. */
const { AsyncResource } = require('async_hooks');
const { execFile, spawn } = require('child_process');
const crypto = require('crypto');
const dgram = require('dgram');
const dns = require('dns');
const { EventEmitter } = require('events');
const fs = require('fs');
const http = require('http');
const net = require('net');
const readline = require('readline');
const stream = require('stream');
const { MessageChannel } = require('worker_threads');
const zlib = require('zlib');

module.exports = ({ touch, touched, sleep, PORT }) => {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
	const resources = [];
	const echo = net.createServer((socket) => socket.pipe(socket));

	/* An AsyncResource of each caller, as a well-behaved pool keeps it. */
	class GoodPool {
		constructor(size) {
			this.free = size;
			this.queue = [];
		}

		run(job, done) {
			this.queue.push({ job, done: AsyncResource.bind(done), resource: new AsyncResource('Job') });
			this.next();
		}

		next() {
			if (!this.free || !this.queue.length) return;
			this.free--;
			const { job, done, resource } = this.queue.shift();
			resource.runInAsyncScope(job, null, () => {
				this.free++;
				done();
				this.next();
			});
		}
	}
	const pool = new GoodPool(2);
	if (PORT) echo.listen(0, '127.0.0.1');

	const get = (path, done) => http.get({ port: PORT, path, agent }, (answer) => {
		answer.resume();
		answer.on('end', done);
	});

	return {
		ticks: (rid) => new Promise((resolve) => process.nextTick((a) => {
			touch(rid, `tick${a}`);
			process.nextTick(() => process.nextTick(() => touch(rid, 'tick3', resolve)));
		}, 1)),
		immediates: (rid) => new Promise((resolve) => {
			clearImmediate(setImmediate(() => touch(rid, 'never')));
			setImmediate(() => {
				touch(rid, 'immediate1');
				setImmediate(() => setImmediate((tag) => touch(rid, tag, resolve), 'immediate3'));
			});
		}),
		timers: (rid) => new Promise((resolve) => {
			clearTimeout(setTimeout(() => touch(rid, 'never'), 1));
			const again = setTimeout(() => touch(rid, 'refreshed', resolve), 2);
			setTimeout(() => {
				touch(rid, 'timer1');
				again.refresh();
				setTimeout(() => touch(rid, 'timer2'), 1).unref();
			}, 1);
		}),
		intervals: (rid) => new Promise((resolve) => {
			let n = 0;
			const timer = setInterval(() => {
				touch(rid, `interval${n}`);
				if (++n < 3) return;
				clearInterval(timer);
				resolve();
			}, 1);
		}),
		emitters: (rid) => new Promise((resolve) => {
			const emitter = new EventEmitter();
			emitter.once('a', () => emitter.emit('b'));
			emitter.on('b', () => touch(rid, 'event', resolve));
			setTimeout(() => emitter.emit('a'), 1);
		}),
		resources: (rid) => new Promise((resolve) => {
			const resource = new AsyncResource('Own', { requireManualDestroy: true });
			const bound = AsyncResource.bind(() => touch(rid, 'bound'));
			resources.push(() => resource.runInAsyncScope(() => touch(rid, 'inScope', () => {
				bound();
				resource.emitDestroy();
				resolve();
			})));
			/* Run by whoever comes next: the scope says whose it is. */
			if (resources.length > 3) resources.shift()();
			setTimeout(() => resources.length && resources.shift()(), 2);
		}),
		pooled: (rid) => new Promise((resolve) => {
			pool.run((over) => touch(rid, 'job', () => setTimeout(over, rid % 3)), () => touch(rid, 'pooled', resolve));
		}),
		files: (rid) => new Promise((resolve) => fs.open(__filename, (error, fd) => {
			touch(rid, 'open');
			fs.read(fd, Buffer.alloc(64), 0, 64, 0, () => {
				touch(rid, 'read');
				fs.fstat(fd, () => fs.close(fd, () => touch(rid, 'close', resolve)));
			});
		})),
		async handles(rid) {
			const file = await fs.promises.open(__filename);
			await touched(rid, 'handle');
			await file.read(Buffer.alloc(64), 0, 64, 0);
			await touched(rid, 'handleRead');
			await file.close();
			await fs.promises.readFile(__filename);
			await touched(rid, 'readFile');
			await fs.promises.readdir(__dirname);
			await touched(rid, 'readdir');
		},
		streams: (rid) => new Promise((resolve) => {
			let n = 0;
			fs.createReadStream(__filename, { highWaterMark: 4096 }).on('data', () => touch(rid, `chunk${n++}`))
				.on('end', () => touch(rid, 'ended')).on('close', () => touch(rid, 'closed', resolve));
		}),
		pipeline: (rid) => new Promise((resolve) => {
			const upper = new stream.Transform({ transform(chunk, encoding, done) {
				touch(rid, 'transform', () => done(null, chunk));
			} });
			const sink = new stream.Writable({ write(chunk, encoding, done) {
				setImmediate(() => touch(rid, 'write', done));
			} });
			stream.pipeline(fs.createReadStream(__filename, { end: 4000 }), upper, zlib.createGzip(), sink,
				() => touch(rid, 'piped', resolve));
		}),
		async iterated(rid) {
			let n = 0;
			for await (const _ of fs.createReadStream(__filename, { highWaterMark: 8192 })) await touched(rid, `part${n++}`);
			for await (const line of stream.Readable.from(['a', 'b'])) await touched(rid, `from${line}`);
			const lines = readline.createInterface({ input: fs.createReadStream(__filename, { end: 300 }) });
			for await (const _ of lines) touch(rid, `line${n++ % 3}`);
			await touched(rid, 'lines');
		},
		zlib: (rid) => new Promise((resolve) => zlib.gzip('z'.repeat(5000), (error, out) => {
			touch(rid, 'gzip');
			zlib.gunzip(out, () => touch(rid, 'gunzip', resolve));
		})),
		crypto: (rid) => new Promise((resolve) => crypto.pbkdf2('a', 'b', 50, 16, 'sha1', () => {
			touch(rid, 'pbkdf2');
			crypto.randomBytes(16, () => {
				touch(rid, 'random');
				crypto.scrypt('a', 'b', 16, { N: 16 }, () => touch(rid, 'scrypt', resolve));
			});
		})),
		dns: (rid) => new Promise((resolve) => dns.lookup('localhost', () => {
			touch(rid, 'lookup');
			dns.promises.lookup('127.0.0.1').then(() => touch(rid, 'lookedUp', resolve));
		})),
		child: (rid) => new Promise((resolve) => execFile('/bin/true', () => {
			touch(rid, 'exit');
			const child = spawn('/bin/echo', ['hello']);
			child.stdout.on('data', () => touch(rid, 'output'));
			child.on('close', () => touch(rid, 'closed', resolve));
		})),
		client: (rid) => new Promise((resolve) => get(`/plain?of=${rid}`, () => {
			touch(rid, 'answer1');
			get(`/plain?again=${rid}`, () => touch(rid, 'answer2', resolve));
		})),
		sockets: (rid) => new Promise((resolve) => {
			const socket = net.connect(echo.address().port, '127.0.0.1', () => {
				touch(rid, 'connected');
				socket.end('hello');
			});
			socket.on('data', () => touch(rid, 'data'));
			socket.on('close', () => touch(rid, 'hungUp', resolve));
		}),
		datagrams: (rid) => new Promise((resolve) => {
			const socket = dgram.createSocket('udp4');
			socket.on('message', () => touch(rid, 'message', () => socket.close(resolve)));
			// Of its own: the processes of a cluster would share it, and one would get what another was sent.
			socket.bind({ port: 0, address: '127.0.0.1', exclusive: true }, () => {
				touch(rid, 'bound');
				socket.send('x', socket.address().port, '127.0.0.1', () => touch(rid, 'sent'));
			});
		}),
		channel: (rid) => new Promise((resolve) => {
			const { port1, port2 } = new MessageChannel();
			port1.on('message', (n) => {
				touch(rid, `message${n}`);
				if (n < 2) return port2.postMessage(n + 1);
				port1.close();
				resolve();
			});
			port2.postMessage(0);
		}),
		watch: (rid) => new Promise((resolve) => {
			const controller = new AbortController();
			controller.signal.addEventListener('abort', () => touch(rid, 'abort', resolve));
			setTimeout(() => controller.abort(), 1);
		}),
		thrownAway: (rid) => new Promise((resolve) => setTimeout(() => {
			const error = Object.assign(new Error('on purpose'), { whose: () => touch(rid, 'uncaught', resolve) });
			throw error;
		}, 1)),
		async mixed(rid) {
			await Promise.all([sleep(1).then(() => touch(rid, 'a')), new Promise((done) => setImmediate(done)),
				new Promise((done) => process.nextTick(done))]);
			await new Promise((done) => touch(rid, 'b', () => queueMicrotask(done)));
			await touched(rid, 'c');
		},
	};
};
