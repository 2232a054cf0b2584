// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node demo/server.js [PORT] [UPSTREAM_PORT]: the API of a small shop, on node alone.
 * demo/load.js plays its clients and, on UPSTREAM_PORT, the supplier it asks for prices.
 */
const http = require('http');
const orders = require('./orders');
const products = require('./products');
const reports = require('./reports');

const port = Number(process.argv[2] || 3000);

const routes = [
	{ method: 'GET', path: /^\/$/, handler: products.home },
	{ method: 'GET', path: /^\/products$/, handler: products.list },
	{ method: 'GET', path: /^\/products\/(\d+)$/, handler: products.show },
	{ method: 'GET', path: /^\/search$/, handler: products.search },
	{ method: 'POST', path: /^\/login$/, handler: orders.login },
	{ method: 'POST', path: /^\/orders$/, handler: orders.create },
	{ method: 'POST', path: /^\/payments$/, handler: orders.pay },
	{ method: 'GET', path: /^\/reports\/daily$/, handler: reports.daily },
	{ method: 'GET', path: /^\/reports\/forecast$/, handler: reports.forecast },
];

function sendError(response, error) {
	const status = error.status || 500;
	response.writeHead(status, { 'content-type': 'application/json' });
	response.end(JSON.stringify({ error: error.message }));
}

async function dispatch(request, response) {
	const url = new URL(request.url, 'http://shop');
	for (const route of routes) {
		const match = request.method === route.method && route.path.exec(url.pathname);
		if (match) return route.handler({ request, response, query: url.searchParams, id: match[1] });
	}
	throw Object.assign(new Error('no such page'), { status: 404 });
}

function onRequest(request, response) {
	dispatch(request, response).catch((error) => sendError(response, error));
}

const server = http.createServer(onRequest);
server.keepAliveTimeout = 60000; // longer than clients keep idle connections
server.listen(port, '127.0.0.1', function onListening() {
	console.log(`shop: pid ${process.pid}, http://127.0.0.1:${this.address().port}/`);
});
