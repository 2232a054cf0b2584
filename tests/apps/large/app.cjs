// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node --expose-gc app.cjs PORT BATCH: every request makes a string that mostly does not fit on the page of the heap that V8
 * allocates on, so that V8 leaves the page and comes back to it for smaller objects. Then it waits, until so many do. One
 * interval lets them all go on, after a collection; each touches a path that names its request.
 */
const fs = require('fs');
const http = require('http');

const [port, batch] = process.argv.slice(2).map(Number);
/* Two large ones fit on a page of 256 KB, seven into 1 MB with what the requests need. Then only smaller ones do. */
const LARGE = 90000; // characters
const SMALLER = 30000;
const LARGE_ONES = 7; // of a batch, the first
const EVERY_MS = 5;
let waiters = [];

function release() {
	if (waiters.length < batch) return;
	global.gc({ type: 'minor' });
	const all = waiters;
	waiters = [];
	for (const waiter of all) waiter();
}

function wait(rid, response) {
	const text = 'w'.repeat(rid % batch < LARGE_ONES ? LARGE : SMALLER);
	const last = text.charCodeAt(SMALLER - 1); // makes it one piece
	waiters.push(() => fs.access(`/nowhere/rid-${rid}.kept${last}`, () => response.end('done')));
}

setInterval(release, EVERY_MS);
http.createServer((request, response) => {
	wait(Number(new URL(request.url, 'http://large').searchParams.get('rid')), response);
}).listen(port, '127.0.0.1');
