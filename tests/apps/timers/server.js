// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * One timer is armed again many times, as node does with those of sockets, with ids born in between; then each
 * request inserts one of its own.
 */
const http = require('http');

const TIMES = 200;
const again = setTimeout(() => {}, 1e6).unref();

function armAgain() {
	for (let i = 0; i < TIMES; i++) {
		process.nextTick(() => {});
		again.refresh();
	}
}

http.createServer((request, response) => {
	armAgain();
	setTimeout(() => response.end('late'), 7);
}).listen(Number(process.argv[2]), '127.0.0.1');
