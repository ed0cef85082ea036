// Writes an answer to the socket: common headers, bodies with backpressure, and no half-truths: a body that breaks after the headers
// are out destroys the connection, so that the client never takes a part for the whole.
import type { ServerResponse } from 'node:http';
import { minuteMs } from '../base/units.ts';
import type { Answer } from './protocol/protocol.ts';

/** A client that takes no byte for this long has left. */
const stallMs = 2 * minuteMs;

const whole = new WeakSet<ServerResponse>();

/** Every byte of the answer was handed to the socket, even if its end waits for the rest of the request. */
export const isWhole = (response: ServerResponse): boolean => response.writableEnded || whole.has(response);

export interface SendOptions {
  readonly isHead: boolean;
  readonly close: boolean;
  /** Headers of every answer: names and values in turn. */
  readonly common: readonly string[];
  /** Runs between the last byte and the end of the answer. */
  readonly beforeEnd?: ((end: () => void) => void) | undefined;
}

/** Bytes of body sent. Rejects only while nothing is sent yet, so that an error can still be answered. */
export async function sendAnswer(response: ServerResponse, answer: Answer, options: SendOptions): Promise<number> {
  const { body, headers } = answer;
  if (options.close) headers.connection = 'close';
  const writeHead = (): void => writeHeadOf(response, answer, options.common);
  const end = (last?: Uint8Array): void => {
    if (!options.beforeEnd) response.end(last);
    else {
      if (last !== undefined) response.write(last);
      else response.flushHeaders();
      whole.add(response);
      options.beforeEnd(() => response.end());
    }
  };
  if (options.isHead || body === undefined) {
    if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)) await dropStream(body);
    if (!options.isHead && answer.status !== 204 && answer.status !== 304) headers['content-length'] = '0';
    writeHead();
    end();
    return 0;
  }
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    headers['content-length'] = String(bytes.length);
    writeHead();
    end(bytes);
    return bytes.length;
  }
  return sendStream(response, answer, body, writeHead, end);
}

/** The length goes last: Node decodes a Content-Disposition that stands behind it, and cuts what it decoded to latin-1. */
function writeHeadOf(response: ServerResponse, { status, headers }: Answer, common: readonly string[]): void {
  const fields = common.slice();
  for (const name in headers) if (name !== 'content-length') fields.push(name, headers[name]!);
  const length = headers['content-length'];
  if (length !== undefined) fields.push('content-length', length);
  response.writeHead(status, fields);
}

const dropStream = async (body: AsyncIterable<Uint8Array>): Promise<void> => {
  await body[Symbol.asyncIterator]().return?.();
};

async function sendStream(
  response: ServerResponse,
  { headers }: Answer,
  body: AsyncIterable<Uint8Array>,
  writeHead: () => void,
  end: (last?: Uint8Array) => void,
): Promise<number> {
  const chunks = body[Symbol.asyncIterator]();
  const declared = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  // The first piece before the headers: what cannot be read at all is an error and not a broken answer.
  let next = await chunks.next();
  let sent = 0;
  try {
    let piece = next.done ? undefined : next.value;
    if (piece && piece.length === declared) {
      // The whole of a small body at once: one write, and the end was seen before it.
      next = await chunks.next();
      if (!next.done) throw new Error('a body is longer than it was declared');
      writeHead();
      end(piece);
      return piece.length;
    }
    writeHead();
    while (piece) {
      sent += piece.length;
      if (declared !== undefined && sent > declared) throw new Error('a body is longer than it was declared');
      if (!response.write(piece) && !(await drained(response))) throw new Error('the client hung up');
      next = await chunks.next();
      piece = next.done ? undefined : next.value;
    }
    if (declared !== undefined && sent !== declared) throw new Error('a body is shorter than it was declared');
    end();
    return sent;
  } catch (error) {
    if (!next.done) await chunks.return?.().catch(() => undefined);
    if (!response.headersSent) throw error;
    response.destroy(error as Error);
    throw error;
  }
}

/** True when the socket takes more; false when it closed or stalled. */
function drained(response: ServerResponse): Promise<boolean> {
  if (response.destroyed || response.closed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = (isOpen: boolean) => (): void => {
      clearTimeout(timer);
      response.off('drain', onDrain).off('close', onClose);
      resolve(isOpen);
    };
    const onDrain = settle(true);
    const onClose = settle(false);
    const timer = setTimeout(onClose, stallMs);
    response.on('drain', onDrain).on('close', onClose);
  });
}
