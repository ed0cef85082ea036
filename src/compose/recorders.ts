// What the gateway and the partitions report, turned into metrics and the access log.
import type { AnswerRecord } from '../gateway/gateway.ts';
import type { CopyResult } from '../objects/copy-blocks.ts';
import type { PartitionOperation, PartitionRecorder } from '../partition/wrappers/measured-partition.ts';
import type { Cause, Logger, Metrics, ServedCounter } from '../telemetry/telemetry.ts';
import type { ScrubbedPiece } from '../upkeep/upkeep.ts';

const kindOf: Partial<Record<PartitionOperation, 'read' | 'write'>> = {
  read: 'read',
  'read-small': 'read',
  flush: 'write',
  seal: 'write',
};

export function partitionRecorder(
  metrics: Metrics,
  served: ServedCounter | undefined,
  cause: Cause,
): PartitionRecorder {
  /** By partition, then operation: asked for at every read. */
  const cells = new Map<string, Map<string, ReturnType<typeof cellsOf>>>();
  const cellsOf = (partition: string, operation: string) => ({
    ok: metrics.partitionRequests.of(partition, operation, 'ok'),
    latency: metrics.partitionLatency.of(partition, operation),
    bytes: metrics.partitionBytes.of(partition, operation),
  });
  const find = (partition: string, operation: string) => {
    const known = cells.get(partition) ?? new Map<string, ReturnType<typeof cellsOf>>();
    const found = known.get(operation) ?? cellsOf(partition, operation);
    cells.set(partition, known.set(operation, found));
    return found;
  };
  return {
    note({ partition, operation, tookMs, amount, failure }) {
      const { ok, latency, bytes } = cells.get(partition)?.get(operation) ?? find(partition, operation);
      if (failure === undefined) ok.add(1);
      else metrics.partitionRequests.of(partition, operation, failure).add(1);
      latency.observe(tookMs / 1000);
      if (operation !== 'remove' && operation !== 'list') bytes.add(amount);
      served?.note({
        partition,
        cause: operation === 'probe' ? 'probe' : cause,
        kind: kindOf[operation] ?? 'other',
        bytes: amount,
        tookMs,
        failed: failure !== undefined && failure !== 'other',
        throttled: failure === 'partition-busy',
      });
    },
  };
}

export const scrubRecorder =
  (metrics: Metrics, log: Logger) =>
  ({ bytes, damaged }: ScrubbedPiece): void => {
    metrics.scrubbedBytes.of().add(bytes);
    for (const one of damaged) {
      metrics.scrubDamaged.of(String(one.mended)).add(1);
      log.error(one, one.mended ? 'a damaged block; its row points to a good copy now' : 'a damaged block');
    }
  };

export const compactionRecorder =
  (metrics: Metrics) =>
  (result: CopyResult): void => {
    for (const kind of ['moved', 'overtaken', 'unreadable'] as const) {
      metrics.compactedBlocks.of(kind).add(result[kind].length);
    }
  };

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
  const received = metrics.bytesReceived.of();
  const sent = metrics.bytesSent.of();
  const recorder: AnswerRecorder = {
    accessLog,
    note(record) {
      const op = record.operation ?? 'none';
      metrics.requests.of(op, String(record.status)).add(1);
      metrics.duration.of(op).observe(record.durationMs / 1000);
      received.add(record.bytesIn);
      sent.add(record.bytesOut);
      const reason = record.code === undefined ? undefined : rejections[record.code];
      if (reason !== undefined) metrics.rejected.of(reason).add(1);
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
