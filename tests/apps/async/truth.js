// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// What V8 itself says about who waits at a point where a file is touched. The touched path carries a
// name and a number, by which a trace of the same point is found, also in another process.
'use strict';

const fs = require('fs');
const path = require('path');

const nowhere = '/nonexistent';
const truths = [];
const counts = new Map();
let measuring = false;
let withErrors = false;

// V8's words for one caller. Promise.all() and the like have no function.
function describe(site) {
  const isCombinator = site.isAsync() && !site.getFileName() && /^async Promise\./.test(String(site));
  return {
    fn: isCombinator ? String(site).replace(/^async /, '') : site.getFunctionName(),
    file: isCombinator ? null : site.getFileName(),
    line: isCombinator ? null : site.getLineNumber(),
    column: isCombinator ? null : site.getColumnNumber(),
    async: Boolean(site.isAsync()),
  };
}

function remember(name) {
  const prepare = Error.prepareStackTrace;
  const error = {};
  Error.stackTraceLimit = 200;
  Error.prepareStackTrace = (_, sites) => sites.map(describe);
  Error.captureStackTrace(error, touch);
  const frames = error.stack;
  Error.prepareStackTrace = prepare;
  truths.push({ name, frames });
}

function done() {}

// Touches a file that is not there, from wherever it is called.
function touch(tag) {
  if (!measuring) {
    fs.access(nowhere, done);
    return;
  }
  const number = (counts.get(tag) || 0) + 1;
  const name = `${tag}-${number}`;
  counts.set(tag, number);
  if (withErrors) remember(name);
  fs.access(path.join(nowhere, `async-${name}`), done);
}

// Calls work() so often; while measuring, touched paths have names. With errors, V8's words are kept.
async function run(work, times, measure, errors) {
  truths.length = 0;
  counts.clear();
  measuring = measure;
  withErrors = errors;
  for (let i = 0; i < times; i++) {
    await work();
    if (i % 50 === 49) await new Promise(setImmediate);
  }
  measuring = false;
  return truths;
}

module.exports = { touch, run };
