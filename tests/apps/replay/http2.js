// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Streams of one HTTP/2 session, at the same time and one after the other: answered, reset, with a body, pushed. */
const http2 = require('http2');
const { sleep, touch } = require('./common');

const routes = {
	'/plain': (rid, stream) => touch(rid, 'plain', () => {
		stream.respond({ ':status': 200 });
		stream.end('plain');
	}),
	'/timer': (rid, stream) => setTimeout(() => touch(rid, 'timer', () => {
		if (!stream.destroyed) stream.respond({ ':status': 204 }, { endStream: true });
	}), 5),
	'/body': (rid, stream) => {
		let n = 0;
		stream.on('data', () => touch(rid, `data${n++}`));
		stream.on('end', () => touch(rid, 'end', () => {
			stream.respond({ ':status': 201 });
			stream.end('x'.repeat(40000));
		}));
	},
	'/trailers': (rid, stream) => {
		stream.respond({ ':status': 200 }, { waitForTrailers: true });
		stream.on('wantTrailers', () => touch(rid, 'trailers', () => stream.sendTrailers({ 'x-sum': '1' })));
		stream.end('body');
	},
	'/pushed': (rid, stream) => {
		stream.pushStream({ ':path': '/push' }, (error, push) => {
			push.respond({ ':status': 200 });
			push.end('pushed');
		});
		stream.respond({ ':status': 200 });
		touch(rid, 'pushed', () => stream.end('after'));
	},
	'/reset': (rid, stream) => touch(rid, 'reset', () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)),
	'/never': (rid, stream) => {
		touch(rid, 'never');
		stream.on('aborted', () => touch(rid, 'aborted'));
	},
};

exports.serve = (port) => {
	http2.createServer().on('stream', (stream, headers) => {
		const url = new URL(headers[':path'], 'http://case');
		stream.on('error', () => {});
		routes[url.pathname](url.searchParams.get('rid'), stream);
	}).on('session', (session) => session.on('error', () => {})).listen(port, '127.0.0.1');
};

let rid = 0;
function send(session, path, method = 'GET', body = []) {
	return new Promise((resolve) => {
		const stream = session.request({ ':path': `${path}?rid=${++rid}`, ':method': method });
		stream.on('error', () => {});
		stream.on('close', resolve);
		stream.resume();
		(async () => {
			for (const part of body) {
				stream.write(part);
				await sleep(5);
			}
			stream.end();
		})();
		if (path === '/never') setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), 30);
	});
}

exports.drive = async (port) => {
	const session = http2.connect(`http://127.0.0.1:${port}`);
	session.on('error', () => {});
	session.on('stream', (push) => push.resume());
	const paths = ['/plain', '/timer', '/trailers', '/pushed', '/reset', '/never'];
	await Promise.all(paths.map((path) => send(session, path)));
	for (const path of paths) await send(session, path);
	await send(session, '/body', 'POST', ['one', 'two', 'three']);
	await send(session, '/plain', 'HEAD');
	const cut = send(session, '/timer');
	session.destroy();
	await cut;
	await sleep(50);
};
