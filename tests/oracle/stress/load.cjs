// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
const { names } = require('./app.cjs');
const body = (rid) => 'b'.repeat(300 + rid % 700);
const routes = names.map((name) => (name === 'body' || name === 'duplex' ? { path: () => `/${name}`, method: 'POST', body, slow: 2 }
	: { path: () => `/${name}` }));
require('../lib/loadgen.cjs')({ routes });
