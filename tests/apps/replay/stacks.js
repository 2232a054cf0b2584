// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Where operations are started from: functions with names, through a callback, an await and a timer. */
const fs = require('fs');
const { get, path, serve, touched } = require('./common');

function readSettings(rid, done) {
	fs.stat(path(rid, 'settings'), done);
}

function startTimer(rid, done) {
	setTimeout(function onTimer() {
		readSettings(rid, done);
	}, 3);
}

async function lookAround(rid) {
	await touched(rid, 'around');
	await touched(rid, 'again');
}

const routes = {
	'/callback': (rid, response) => readSettings(rid, () => response.end('callback')),
	'/timer': (rid, response) => startTimer(rid, () => response.end('timer')),
	'/await': async (rid, response) => {
		await lookAround(rid);
		response.end('await');
	},
};

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	let rid = 0;
	for (const name of ['callback', 'timer', 'await', 'callback', 'await', 'timer'])
		await get(port, `/${name}?rid=${++rid}`);
};
