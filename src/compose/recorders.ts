// What the gateway and the partitions report, turned into metrics and the access log.
import type { AnswerRecord } from '../gateway/gateway.ts';
import type { PartitionRecorder } from '../partition/wrappers/measured-partition.ts';
import type { Logger, Metrics } from '../telemetry/telemetry.ts';

export const partitionRecorder = (metrics: Metrics): PartitionRecorder => ({
  note({ partition, operation, tookMs, amount, failure }) {
    metrics.partitionRequests.inc({ partition, kind: operation, result: failure ?? 'ok' });
    metrics.partitionLatency.observe({ partition, kind: operation }, tookMs / 1000);
    const isBytes = operation !== 'remove' && operation !== 'list';
    if (isBytes && amount > 0) metrics.partitionBytes.inc({ partition, kind: operation }, amount);
  },
});

/** Why a request was turned away, for those that never reached a handler. */
const rejections: Readonly<Record<string, string>> = {
  AccessDenied: 'auth',
  InvalidAccessKeyId: 'auth',
  SignatureDoesNotMatch: 'auth',
  InvalidToken: 'auth',
  AuthorizationHeaderMalformed: 'auth',
  AuthorizationQueryParametersError: 'auth',
  RequestTimeTooSkewed: 'skew',
  RequestHeaderSectionTooLarge: 'header',
  SlowDown: 'limit',
  RequestTimeout: 'limit',
  BadRequest: 'malformed',
  InvalidURI: 'malformed',
  MalformedXML: 'malformed',
};

export interface AnswerRecorder {
  /** For the access log; may be switched at run time. */
  accessLog: boolean;
  note(record: AnswerRecord): void;
}

export function answerRecorder(metrics: Metrics, log: Logger, accessLog: boolean): AnswerRecorder {
  const recorder: AnswerRecorder = {
    accessLog,
    note(record) {
      const op = record.operation ?? 'none';
      metrics.requests.inc({ op, code: String(record.status) });
      metrics.duration.observe({ op }, record.durationMs / 1000);
      if (record.bytesIn > 0) metrics.bytesReceived.inc(record.bytesIn);
      if (record.bytesOut > 0) metrics.bytesSent.inc(record.bytesOut);
      const reason = record.code === undefined ? undefined : rejections[record.code];
      if (reason !== undefined) metrics.rejected.inc({ reason });
      // Clients can ask for what is not built, and for too much, as often as they like; that fills no log.
      const isOurs = record.status >= 500 && record.code !== 'NotImplemented' && record.code !== 'SlowDown';
      if (isOurs) log.error(entry(record, true), 'request failed');
      else if (recorder.accessLog) log.info(entry(record, false), 'request');
    },
  };
  return recorder;
}

function entry(record: AnswerRecord, withCause: boolean): object {
  const { error, rawUrl, durationMs, ...rest } = record;
  return {
    ...rest,
    // Presigned URLs carry credentials in the query.
    url: rawUrl.split('?', 1)[0],
    durationMs: Math.round(durationMs * 10) / 10,
    ...(withCause && error instanceof Error ? { error: { message: error.message, stack: error.stack } } : {}),
  };
}
