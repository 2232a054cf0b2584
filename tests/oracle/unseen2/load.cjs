// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
const paths = ['/call', '/call', '/both', '/load', '/load', '/load', '/once', '/once', '/commit', '/commit', '/lend', '/lend', '/lock',
	'/await-lock', '/topic', '/stream', '/actor', '/actor', '/bucket', '/fresh', '/plugin', '/plugin', '/late'];
const post = { path: () => '/ingest', method: 'POST', w: 2, body: (rid) => 'x'.repeat(300 + (rid % 50) * 10), slow: 3 };
require('../lib/loadgen.cjs')({ routes: [post, ...paths.map((path) => ({ path: () => path }))] });
