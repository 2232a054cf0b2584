// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
const paths = ['/order', '/order', '/order', '/upload', '/upload', '/thumb', '/thumb', '/page', '/page', '/quote', '/quote', '/report', '/watch'];
require('../lib/loadgen.cjs')({ routes: paths.map((path) => ({ path: () => path })) });
