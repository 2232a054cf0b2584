// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node demo/load.js [PORT] [UPSTREAM_PORT] [SECONDS] [RATE]: the world around demo/server.js. Serves
 * prices on UPSTREAM_PORT and sends a steady mix of about RATE requests a second to PORT, for SECONDS
 * or until killed. Prints its counts as one line of JSON at the end; exits 1 if a request got no answer.
 */
const http = require('http');

const port = Number(process.argv[2] || 3000);
const upstream = Number(process.argv[3] || 3001);
const seconds = Number(process.argv[4] || 0);
const rate = Number(process.argv[5] || 50);
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
const counts = { sent: 0, answered: 0, errors: 0, byStatus: {} };

/* Weights add up to 50: one of each slow kind a second at the usual rate. */
const mix = [
	{ weight: 12, method: 'GET', path: () => '/' },
	{ weight: 10, method: 'GET', path: () => '/products' },
	{ weight: 10, method: 'GET', path: (n) => `/products/${(n % 12) + 1}?session=s${n}` },
	{ weight: 6, method: 'GET', path: (n) => `/search?q=${'abcdeinost'[n % 10]}&session=s${n}` },
	{ weight: 4, method: 'POST', path: () => '/orders', body: (n) => ({ product: n % 12 + 1 }) },
	{ weight: 3, method: 'POST', path: () => '/login', body: (n) => ({ user: `u${n}`, password: 'pw' }) },
	{ weight: 2, method: 'POST', path: () => '/payments', body: (n) => ({ order: n }) },
	{ weight: 1, method: 'GET', path: () => '/reports/daily' },
	{ weight: 1, method: 'GET', path: () => '/reports/forecast' },
	{ weight: 1, method: 'GET', path: () => '/favicon.ico' },
];
/* Stepping by a number that shares no factor with its length spreads the kinds evenly. */
const schedule = mix.flatMap((kind) => Array(kind.weight).fill(kind));
const stride = 19;

function servePrice(request, response) {
	setTimeout(function answer() {
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({ price: 9.99, reserved: true }));
	}, 3);
}

function count(status) {
	counts.answered++;
	counts.byStatus[status] = (counts.byStatus[status] || 0) + 1;
}

function fail(error) {
	if (++counts.errors <= 3) console.error(`load: ${error.message}`);
}

function send() {
	const n = counts.sent++;
	const kind = schedule[(n * stride) % schedule.length];
	const body = kind.body ? JSON.stringify(kind.body(n)) : '';
	const headers = body ? { 'content-type': 'application/json', 'content-length': body.length } : {};
	const options = { host: '127.0.0.1', port, agent, method: kind.method, path: kind.path(n), headers };
	const request = http.request(options, function onResponse(response) {
		response.on('end', () => count(response.statusCode));
		response.on('error', fail);
		response.resume();
	});
	request.on('error', fail);
	request.end(body);
}

function finish() {
	console.log(JSON.stringify(counts));
	process.exit(counts.errors === 0 && counts.answered > 0 ? 0 : 1);
}

function stop(timer) {
	clearInterval(timer);
	const deadline = Date.now() + 5000;
	setInterval(function drain() {
		if (counts.answered + counts.errors >= counts.sent || Date.now() > deadline) finish();
	}, 20);
}

/* The server may still be starting: try for ten seconds. */
function waitForServer(tries) {
	const probe = http.request({ host: '127.0.0.1', port, path: '/favicon.ico', agent: false });
	probe.on('response', function onUp(response) {
		response.resume();
		const timer = setInterval(send, 1000 / rate);
		if (seconds) setTimeout(stop, seconds * 1000, timer);
		process.once('SIGTERM', () => stop(timer));
		process.once('SIGINT', () => stop(timer));
	});
	probe.on('error', function onDown(error) {
		if (tries === 0) {
			console.error(`load: nothing answers on port ${port}: ${error.message}`);
			process.exit(1);
		}
		setTimeout(waitForServer, 100, tries - 1);
	});
	probe.end();
}

const prices = http.createServer(servePrice);
prices.keepAliveTimeout = 60000;
prices.listen(upstream, '127.0.0.1', () => waitForServer(100));
