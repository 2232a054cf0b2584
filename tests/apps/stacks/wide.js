// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// Wide characters, and lines that end as on another system: größer 日本語 😀
'use strict';

const fs = require('fs');
const { note, done } = require('./truth.js');

function größer(s) {
  /* 😀 */ fs.access(note(), done);
  return s.length;
}

const 名前 = () => größer('日本語');

function wide() {
  return 名前() + größer('😀');
}

module.exports = { wide };
