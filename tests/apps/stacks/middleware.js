// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// Chains of middleware in the frameworks whose folders the command line names behind the port.
'use strict';

const http = require('http');
const { once } = require('events');
const fs = require('fs');
const { note, done } = require('./truth.js');
const { leaf, middle } = require('./plain.js');

function express(folder) {
  const library = require(folder);
  const app = library();
  const router = library.Router({ mergeParams: true });

  app.use(function first(request, response, next) {
    leaf();
    next();
  });
  app.use((request, response, next) => {
    middle(1);
    setImmediate(next);
  });
  router.use(async function slow(request, response, next) {
    await null;
    leaf();
    next();
  });
  router.param('id', (request, response, next, id) => {
    middle(id.length);
    next();
  });
  router.get('/:id', function handler(request, response, next) {
    fs.access(note(), done);
    next(request.params.id === 'bad' ? new Error('bad') : undefined);
  }, [(request, response) => {
    leaf();
    response.json({ ok: true });
  }]);
  app.use('/things', router);
  app.use(function onError(error, request, response, next) {
    leaf();
    response.status(500).send('no');
  });
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

async function fastify(folder) {
  const app = require(folder)();

  app.addHook('onRequest', function onRequest(request, reply, next) {
    leaf();
    next();
  });
  app.addHook('preHandler', async () => {
    middle(1);
    await null;
    leaf();
  });
  app.addHook('onSend', (request, reply, payload, next) => {
    leaf();
    next(null, payload);
  });
  app.setErrorHandler(function onError(error, request, reply) {
    leaf();
    reply.code(500).send('no');
  });
  app.register(async function plugin(scope) {
    scope.get('/things/:id', async function handler(request) {
      fs.access(note(), done);
      if (request.params.id === 'bad') throw new Error('bad');
      return { ok: true };
    });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server.address().port;
}

const makers = { express, fastify };
const ports = process.argv.slice(3).map((folder) => makers[require('path').basename(folder)](folder));

async function fetch(port, path) {
  const [response] = await once(http.get({ port, path, host: '127.0.0.1' }), 'response');

  response.resume();
  await once(response, 'end');
}

async function middleware() {
  for (const port of ports) {
    await fetch(await port, '/things/good');
    await fetch(await port, '/things/bad');
  }
}

module.exports = { middleware };
