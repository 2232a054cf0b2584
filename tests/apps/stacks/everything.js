// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// What app.js runs, in the main thread or, when this file is a worker, there.
'use strict';

const { isMainThread, parentPort } = require('worker_threads');
const { run } = require('./truth.js');
const { invalid } = require('./invalid.js');
const { plain } = require('./plain.js');
const { later } = require('./later.js');
const { middleware } = require('./middleware.js');
const { wide } = require('./wide.js');

let loads = 0;

async function everything() {
  plain();
  wide();
  await later();
  const { default: Model, arrow } = await import('./module.mjs');
  new Model().find();
  await arrow();
  await middleware();
}

// The top level of a module runs once for each of its URLs.
async function measured() {
  await import(`./module.mjs?load=${++loads}`);
  await invalid(200); // of Maglev, where there is one
  await invalid(10000);
  await everything();
}

// {measure, times} -> what V8 said about each stack when it was measured, else how often it ran.
async function answer({ measure, times }) {
  const truths = await run(measure ? measured : everything, times, measure);
  return measure ? truths : times;
}

if (!isMainThread) {
  parentPort.on('message', async (question) => {
    parentPort.postMessage(await answer(question));
  });
}

module.exports = { answer };
