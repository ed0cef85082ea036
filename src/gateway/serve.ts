// One request from socket to record: runs the pipeline, turns whatever was thrown into an S3 error, sends, and writes down what happened.
// Never rejects.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { caps } from '../base/caps.ts';
import type { Clock } from '../base/clock.ts';
import { errorAnswer } from './error-answer.ts';
import { type S3Error, s3Error } from './errors.ts';
import { type AnswerRecord, type Exchange, OpenExchange } from './exchange.ts';
import { asS3Error } from './from-fault.ts';
import { createDropBody, mustClose } from './leave-body.ts';
import type { Pipeline } from './pipeline.ts';
import type { Answer } from './protocol/protocol.ts';
import type { RequestIds } from './request-ids.ts';
import { sendAnswer } from './send-answer.ts';

export interface ServeOptions {
  readonly answer: Pipeline;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly ids: RequestIds;
  readonly profile: 'aws' | 'rgw';
  readonly onAnswer?: (record: AnswerRecord) => void;
  /** The process is going: connections are not kept. */
  readonly isDraining: () => boolean;
}

export type Serve = (
  request: IncomingMessage,
  response: ServerResponse,
  about: { rawUrl: string; expectsContinue: boolean },
) => Promise<void>;

export const serverName = 'echogate';

export function createServe(options: ServeOptions): Serve {
  const { answer, clock, ids, profile } = options;
  const dropBody = createDropBody();

  return async (request, response, about) => {
    const startedMs = clock.monotonicMs();
    const requestId = ids.next();
    const { rawUrl, expectsContinue } = about;
    const exchange = new OpenExchange(request, response, { requestId, rawUrl, expectsContinue });
    let bytesOut = 0;
    request.on('error', ignore);
    response.on('error', ignore);
    response.once('close', () => {
      exchange.ended();
      options.onAnswer?.(recordOf(exchange, response, bytesOut, clock.monotonicMs() - startedMs));
    });

    const send = async (made: Answer): Promise<void> => {
      const leaves = mustClose(request, exchange);
      const sent = await sendAnswer(response, made, {
        isHead: exchange.method === 'HEAD',
        close: leaves || options.isDraining(),
        common: ['server', serverName, 'x-amz-request-id', requestId, 'x-amz-id-2', ids.hostId],
        beforeEnd: leaves && !exchange.isWaiting() ? (end) => dropBody(request, exchange, end) : undefined,
      });
      bytesOut = sent;
      if (!leaves) dropBody(request, exchange, () => request.complete || request.destroy());
    };

    try {
      checkSizes(exchange);
      checkCoding(exchange);
      await send(await answer(exchange));
    } catch (thrown) {
      if (response.headersSent || response.destroyed) {
        // Half an answer must not look whole.
        response.destroy();
        note(exchange, thrown, asS3Error(thrown, { profile }));
        return;
      }
      const error = asS3Error(thrown, { profile, method: exchange.method });
      note(exchange, thrown, error);
      const resource = exchange.rawUrl.split('?', 1)[0]!;
      await send(errorAnswer(error, { requestId, hostId: ids.hostId, resource })).catch((late) => {
        exchange.notes.error ??= late;
        response.destroy();
      });
    }
  };
}

const ignore = (): void => undefined;

/** The URL and the headers each have a cap of their own; Node knows only the sum. */
function checkSizes({ rawUrl, rawHeaders }: Exchange): void {
  if (rawUrl.length > caps.urlBytesMax) throw s3Error('RequestURITooLong');
  let size = 0;
  for (const text of rawHeaders) size += text.length + 2;
  if (size > caps.headerBytesMax) {
    throw s3Error('RequestHeaderSectionTooLarge', { extra: { MaxSizeAllowed: String(caps.headerBytesMax) } });
  }
}

/** Only the framing itself is understood: a body that was compressed on the way would be stored as it came. */
function checkCoding({ headers }: Exchange): void {
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    throw s3Error('NotImplemented', { extra: { Header: 'Transfer-Encoding' } });
  }
}

function note({ notes, hasBroken }: Exchange, thrown: unknown, error: S3Error): void {
  notes.code = error.code;
  // A client that left is no fault of ours, whatever its leaving made fail.
  if (error.status >= 500 && error.status !== 501 && !hasBroken) notes.error = error.cause ?? thrown;
}

function recordOf(exchange: Exchange, response: ServerResponse, bytesOut: number, durationMs: number): AnswerRecord {
  const { requestId, method, rawUrl, notes, headers } = exchange;
  const { operation, bucket, key, user, code, error } = notes;
  return {
    requestId,
    method,
    rawUrl,
    operation,
    bucket,
    key,
    user,
    code,
    error,
    remoteAddress: exchange.remoteAddress ?? '',
    userAgent: headers['user-agent'],
    status: response.headersSent ? response.statusCode : 0,
    bytesIn: exchange.bytesIn(),
    bytesOut,
    durationMs,
    aborted: exchange.hasBroken,
  };
}
