// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
const paths = ['/ledger', '/ledger', '/stock', '/profile', '/profile', '/prices', '/prices', '/report', '/report', '/feed',
	'/export', '/quota', '/retry', '/meet', '/meet', '/script', '/audit', '/render', '/sweep', '/visit', '/lazy', '/chain'];
const post = { path: () => '/import', method: 'POST', w: 2, body: (rid) => 'line\n'.repeat(20 + rid % 60), slow: 4 };
require('../lib/loadgen.cjs')({ routes: [post, ...paths.map((path) => ({ path: () => path }))] });
