// The answer to connections and bytes that never became a request: S3's XML and the end of the connection, never Node's bare 400.
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { caps } from '../base/caps.ts';
import type { Clock } from '../base/clock.ts';
import { secondMs } from '../base/units.ts';
import { errorXml } from './error-answer.ts';
import { type S3Error, s3Error } from './errors.ts';
import type { AnswerRecord } from './exchange.ts';
import type { RequestIds } from './request-ids.ts';
import { isWhole } from './send-answer.ts';
import { serverName } from './serve.ts';

export interface RefusalOptions {
  readonly ids: RequestIds;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly onAnswer?: (record: AnswerRecord) => void;
}

/** Whoever cannot speak HTTP may not hear that either. */
const hearMs = secondMs;

export function createRefusal({ ids, clock, onAnswer }: RefusalOptions): (socket: Socket, error: Error) => void {
  const refused = new WeakSet<Socket>();

  return (socket, error: NodeJS.ErrnoException) => {
    // The parser complains again about every further byte.
    if (refused.has(socket)) return;
    refused.add(socket);
    const current = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage;
    if (current && isWhole(current)) {
      socket.destroySoon(); // it is still on its way out
      return;
    }
    if (error.code === 'ECONNRESET' || !socket.writable || current?.headersSent) {
      socket.destroy();
      return;
    }
    const requestId = ids.next();
    const answer = clientError(error);
    const body = errorXml(answer, { requestId, hostId: ids.hostId });
    const head = [
      `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
      'Content-Type: application/xml',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Date: ${new Date(clock.wallMs()).toUTCString()}`,
      `Server: ${serverName}`,
      `x-amz-request-id: ${requestId}`,
      `x-amz-id-2: ${ids.hostId}`,
      'Connection: close',
      ...Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    const timer = setTimeout(() => socket.destroy(), hearMs);
    socket.once('close', () => clearTimeout(timer));
    if (current) return; // the request whose body broke has a record of its own
    onAnswer?.({
      requestId,
      method: '',
      rawUrl: '',
      remoteAddress: socket.remoteAddress ?? '',
      status: answer.status,
      code: answer.code,
      bytesIn: 0,
      bytesOut: Buffer.byteLength(body),
      durationMs: 0,
      aborted: false,
    });
  };
}

/** There is no room for this connection. */
export const crowded = (): Error => Object.assign(new Error('too many connections'), { code: 'ECROWDED' });

function clientError(error: NodeJS.ErrnoException): S3Error {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return s3Error('RequestHeaderSectionTooLarge', {
        extra: { MaxSizeAllowed: String(caps.headerBytesMax) },
        cause: error,
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return s3Error('RequestTimeout', { cause: error });
    case 'ECROWDED':
      return s3Error('SlowDown', { headers: { 'retry-after': '1' }, cause: error });
    default:
      return s3Error('BadRequest', { message: 'An error occurred when parsing the HTTP request.', cause: error });
  }
}
