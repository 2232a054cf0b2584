// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* More operations than a request keeps: all at once, one after the other, and a small request beside them. */
const { get, serve, touched } = require('./common');

const routes = {
	'/fan': async (rid, response) => {
		await Promise.all(Array.from({ length: 30 }, (_, i) => touched(rid, i)));
		response.end('fan');
	},
	'/row': async (rid, response) => {
		for (let i = 0; i < 320; i++) await touched(rid, i);
		response.end('row');
	},
	'/few': async (rid, response) => {
		for (let i = 0; i < 3; i++) await touched(rid, i);
		response.end('few');
	},
};

exports.serve = (port) => serve(port, routes);
exports.drive = (port) => Promise.all(['fan', 'row', 'few'].map((name, i) => get(port, `/${name}?rid=${i + 1}`)));
