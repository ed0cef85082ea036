// What of the gateway's answers is written to the log.
import { expect, it } from 'vitest';
import { answerRecorder } from '../../../src/compose/recorders.ts';
import type { AnswerRecord } from '../../../src/gateway/gateway.ts';
import { createMetrics, type Logger } from '../../../src/telemetry/telemetry.ts';

const record = (status: number, code: AnswerRecord['code']): AnswerRecord => ({
  requestId: 'R',
  method: 'GET',
  rawUrl: '/b/k',
  remoteAddress: '127.0.0.1',
  status,
  code,
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 1,
  aborted: false,
});

it('complains of what failed here, not of what clients may ask for without end', () => {
  const complaints: unknown[] = [];
  const log = { error: (entry: { code: string }) => complaints.push(entry.code), info: () => undefined };
  const recorder = answerRecorder(createMetrics(), log as unknown as Logger, false);
  recorder.note(record(500, 'InternalError'));
  recorder.note(record(503, 'ServiceUnavailable'));
  recorder.note(record(501, 'NotImplemented'));
  recorder.note(record(503, 'SlowDown'));
  recorder.note(record(404, 'NoSuchKey'));
  expect(complaints).toEqual(['InternalError', 'ServiceUnavailable']);
});
