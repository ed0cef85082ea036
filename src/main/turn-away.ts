// What a connection hears for which no worker had time: S3's SlowDown, said by the supervisor before anything was read, so that a storm
// of connections is answered however long the workers are busy.
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { KiB, secondMs } from '../base/units.ts';

const hearMs = 2 * secondMs;
/** Of a request that is on its way: closing on unread bytes would reset the connection before its client has read the answer. */
const readBytesMax = 256 * KiB;

/** `retryAfterMs` is rounded up to seconds. */
export function turnAway(socket: Socket, retryAfterMs: number): void {
  const requestId = randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase();
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>${requestId}</RequestId></Error>`;
  const head = [
    'HTTP/1.1 503 Service Unavailable',
    'Content-Type: application/xml',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Server: echogate',
    `x-amz-request-id: ${requestId}`,
    `Retry-After: ${Math.ceil(retryAfterMs / secondMs)}`,
    'Connection: close',
  ];
  const timer = setTimeout(() => socket.destroy(), hearMs);
  let read = 0;
  socket
    .on('error', () => {})
    .once('close', () => clearTimeout(timer))
    .on('data', (bytes) => {
      read += bytes.length;
      if (read > readBytesMax) socket.pause();
    })
    .once('end', () => socket.destroySoon());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
}
