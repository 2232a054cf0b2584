'use strict';
/*
 * Who is it really done for? Proofs for what AsyncLocalStorage loses in pg's pool and in ws's limiter of zlib jobs, by the identity of the
 * objects that are handed over, never by the context that happens to run them:
 *   pg-pool   a waiting item belongs to whoever called connect() or query() of the pool, also when another's release() serves it
 *   pg        a query belongs to whoever called client.query(): its callback and what it releases do as well
 *   ws        a zlib job belongs to the upgraded request whose socket sent the frame, or to whoever called send()
 * The libraries are patched while the application loads them, before any request: what closes over a request's code would
 * name it. Only methods are replaced and nothing is wrapped: a closure
 * that we made in a request would help a tracer that looks at closures.
 *
 * install({ current, inProof, ownerOf }): current() is the proof that the caller stands under, { of: request|undefined, by }, or undefined
 * when nobody can say; inProof(proof, fn, self, args) runs fn under it; ownerOf(socket) is the request that upgraded it.
 */
const Module = require('module');
const apply = Reflect.apply;

exports.install = function ({ current, inProof, ownerOf }) {
  const proofs = new WeakMap(); // of waiting items, queries, frames, zlib jobs
  const keep = (thing, by) => { const p = current(); if (thing && p) proofs.set(thing, { of: p.of, by }); };

  function pool(Pool) {
    const { connect, newClient, _acquireClient: acquire } = Pool.prototype;
    Pool.prototype.connect = function () {
      const waiting = this._pendingQueue.length;
      const result = apply(connect, this, arguments);
      if (this._pendingQueue.length > waiting) keep(this._pendingQueue[waiting], 'pg-pool');
      return result;
    };
    Pool.prototype.newClient = function (item) { // from connect(): nobody waited; from the queue: kept already
      if (!proofs.has(item)) keep(item, 'pg-pool');
      return inProof(proofs.get(item), newClient, this, arguments);
    };
    Pool.prototype._acquireClient = function (client, item) { return inProof(proofs.get(item), acquire, this, arguments); };
  }

  function client(Client) {
    const { query } = Client.prototype;
    const { prototype } = Client.Query;
    Client.prototype.query = function () {
      const result = apply(query, this, arguments);
      keep(this._queryQueue[this._queryQueue.length - 1] || this._activeQuery, 'pg');
      return result;
    };
    for (const name of ['handleReadyForQuery', 'handleError']) {
      const orig = prototype[name];
      prototype[name] = function () { return inProof(proofs.get(this), orig, this, arguments); };
    }
  }

  function deflate(PerMessageDeflate) {
    const { compress, _compress, _decompress } = PerMessageDeflate.prototype;
    const compressing = new WeakMap(); // a connection's sender compresses one frame at a time
    PerMessageDeflate.prototype.compress = function () { { const p = current(); compressing.set(this, p && { of: p.of, by: p.by === 'ws receive' ? 'ws send' : p.by }); } return apply(compress, this, arguments); };
    PerMessageDeflate.prototype._compress = function () { return inProof(compressing.get(this), _compress, this, arguments); };
    PerMessageDeflate.prototype._decompress = function () { return inProof(proofs.get(this), _decompress, this, arguments); };
  }

  function webSocket(WebSocket) {
    const { setSocket } = WebSocket.prototype;
    const { enqueue, dispatch } = WebSocket.Sender.prototype;
    deflate(WebSocket.PerMessageDeflate);
    const options = 3; // of what a sender queues: [method, data, compress, options, callback]
    WebSocket.prototype.setSocket = function (socket) {
      const extension = this._extensions['permessage-deflate'];
      const owner = ownerOf(socket);
      if (extension && owner) proofs.set(extension, { of: owner, by: 'ws receive' });
      return apply(setSocket, this, arguments);
    };
    WebSocket.Sender.prototype.enqueue = function (params) { keep(params[options], 'ws send'); return apply(enqueue, this, arguments); };
    WebSocket.Sender.prototype.dispatch = function (data, compress, frame) {
      return proofs.has(frame) ? inProof(proofs.get(frame), dispatch, this, arguments) : apply(dispatch, this, arguments);
    };
  }

  const known = { 'pg-pool': pool, pg: (pg) => client(pg.Client), ws: webSocket };
  const load = Module._load;
  Module._load = function (name) {
    const exported = apply(load, this, arguments);
    if (Object.hasOwn(known, name)) { const patch = known[name]; delete known[name]; patch(exported); }
    return exported;
  };
};
