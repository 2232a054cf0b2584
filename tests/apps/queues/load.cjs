// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* node load.cjs PORT REQUESTS CONNECTIONS SEED STATUSES */
const { names } = require('./app.cjs');

require('../../oracle/lib/loadgen.cjs')({ routes: names.map((name) => ({ path: () => `/${name}` })) });
