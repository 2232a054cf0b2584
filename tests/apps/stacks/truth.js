// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// What V8 itself says about the stack at a point where a file is touched. The touched path carries
// a number, by which a trace of the same call is found.
'use strict';

const path = require('path');

const nowhere = '/nonexistent';
const truths = [];
let measuring = false;
let touched = 0;
let last = 0;

Error.stackTraceLimit = 200;
Error.prepareStackTrace = (error, sites) => sites.map((site) => ({
  fn: site.getFunctionName(),
  file: site.getFileName(),
  line: site.getLineNumber(),
  column: site.getColumnNumber(),
  async: Boolean(site.isAsync && site.isAsync()),
}));

// The path to touch; while measuring, V8's stack of the caller is kept beside it. To be called on
// the line that touches it. Now and then it is done all the same without measuring, so that
// optimised code knows this way too.
function note() {
  touched++;
  if (globalThis.gc && touched % 16 === 0) globalThis.gc();
  if (!measuring && touched % 32) return nowhere;
  const error = {};
  Error.captureStackTrace(error, note);
  const frames = error.stack;
  if (!measuring) return nowhere;
  truths.push({ id: ++last, frames });
  return path.join(nowhere, `stack-${last}`);
}

function done() {}

// Calls work() so often; with its truths when measure is set.
async function run(work, times, measure) {
  truths.length = 0;
  measuring = measure;
  for (let i = 0; i < times; i++) {
    await work();
    if (i % 50 === 49) await new Promise(setImmediate);
  }
  measuring = false;
  return truths;
}

module.exports = { note, done, run };
