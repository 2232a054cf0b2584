// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Callbacks that run in another request's event, or in nobody's: a pool of one, a hub, a batch. */
const { EventEmitter } = require('events');
const { get, serve, touch } = require('./common');

/* Whoever gives the one connection back runs the callback of the next in line. */
const waiting = [];
let busy = false;
function acquire(callback) {
	if (busy) return waiting.push(callback);
	busy = true;
	callback(() => {
		busy = false;
		const next = waiting.shift();
		if (next) acquire(next);
	});
}

const hub = new EventEmitter();
let batch = [];

/* Nobody's: it serves all who wait. */
setInterval(() => {
	hub.emit('news');
	const now = batch;
	batch = [];
	for (const done of now) done();
}, 10);

const routes = {
	'/pool': (rid, response) => acquire((release) => {
		touch(rid, 'held', () => {
			release();
			touch(rid, 'given', () => response.end('pool'));
		});
	}),
	'/hub': (rid, response) => hub.once('news', () => touch(rid, 'heard', () => response.end('hub'))),
	'/batch': (rid, response) => batch.push(() => touch(rid, 'done', () => response.end('batch'))),
};

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	let rid = 0;
	for (const several of [['pool', 'pool', 'pool'], ['hub', 'batch', 'hub'], ['pool', 'batch', 'pool', 'hub']])
		await Promise.all(several.map((name) => get(port, `/${name}?rid=${++rid}`)));
};
