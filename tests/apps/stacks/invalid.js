// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// Optimised code that is given up while it runs: what it took for constant changes in a call of it.
'use strict';

const path = require('path');
const vm = require('vm');
const { leaf } = require('./plain.js');

const source = `(() => {
  class Config {
    limit() { return 1; }
  }
  function inner(config, f, n) {
    return config.limit() +
      f(n);
  }
  function victim(config, f, n) {
    let sum = config.limit();
    if (n > 1) sum += inner(config, f, n);
    for (let i = 0; i < n; i++)
      sum += config.limit();
    sum += f(n) +
      config.limit();
    return sum;
  }
  return { victim, Config };
})()`;
let made = 0;

function change(n, Config) {
  Config.prototype.limit = () => n;
  leaf();
  return n;
}

// Each time new functions, since V8 does not take the same for constant twice.
async function invalid(times) {
  const filename = path.join(__dirname, `made-${++made}.js`);
  const { victim, Config } = vm.runInThisContext(source, { filename });
  const quiet = [(n) => n, (n) => n + 1, (n) => n * 2, (n) => n - 1, (n) => -n];
  const config = new Config();

  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < times; i++) victim(config, quiet[i % quiet.length], 2);
    await new Promise((resolve) => setTimeout(resolve, 5)); // code is made meanwhile
  }
  return victim(config, (n) => change(n, Config), 2);
}

module.exports = { invalid };
