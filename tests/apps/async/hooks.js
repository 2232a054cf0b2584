// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// To be loaded before app.js: promises have hooks then, and a context that goes with them.
'use strict';

const { AsyncLocalStorage, createHook } = require('async_hooks');

createHook({ init() {}, before() {}, after() {} }).enable();
new AsyncLocalStorage().enterWith({});
