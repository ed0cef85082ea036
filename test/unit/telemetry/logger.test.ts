// Secrets that stray into a log record are masked; metrics of several processes add up.
import { describe, expect, it } from 'vitest';
import {
  createLogger,
  createMetrics,
  mergeSnapshots,
  snapshotOf,
  supervisorSnapshot,
} from '../../../src/telemetry/telemetry.ts';

describe('createLogger', () => {
  it('masks secrets, and knows its levels', () => {
    const lines: string[] = [];
    const log = createLogger({
      level: 'info',
      role: 'worker',
      stream: { write: (line: string) => void lines.push(line) },
    });
    log.info(
      { user: { secretKey: 'canary-1' }, secretKey: 'canary-2', headers: { 'x-amz-security-token': 'canary-3' } },
      'x',
    );
    log.info({
      config: { adminToken: 'canary-4' },
      credentials: { sessionToken: 'canary-5' },
      req: { authorization: 'canary-6' },
    });
    log.debug('too quiet');
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain('canary');
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'info', role: 'worker', msg: 'x' });
    log.level = 'debug';
    log.debug('loud enough');
    expect(lines).toHaveLength(3);
  });
});

describe('metrics', () => {
  it('of several processes add up', async () => {
    const [a, b] = [createMetrics(), createMetrics()];
    a.requests.of('GetObject', '200').add(2);
    b.requests.of('GetObject', '200').add(3);
    a.duration.of('GetObject').observe(0.02);
    const snapshots = await Promise.all([
      snapshotOf(a),
      snapshotOf(b),
      supervisorSnapshot('1.2.3', { restarts: { worker: 4 }, turnedAway: 3 }),
    ]);
    // As they travel between processes.
    const text = await mergeSnapshots(JSON.parse(JSON.stringify(snapshots)));
    expect(text).toContain('echogate_s3_requests_total{op="GetObject",code="200"} 5');
    expect(text).toContain('echogate_s3_request_duration_seconds_bucket{le="0.025",op="GetObject"} 1');
    expect(text).toContain('echogate_s3_request_duration_seconds_bucket{le="+Inf",op="GetObject"} 1');
    expect(text).toContain('echogate_s3_request_duration_seconds_count{op="GetObject"} 1');
    expect(text).toContain('echogate_child_restarts{crew="worker"} 4');
    expect(text).toContain('echogate_s3_rejected_total{reason="limit"} 3');
    expect(text).toContain('version="1.2.3"');
  });
});
