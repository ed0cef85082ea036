// Rows `session` (who may commit) and `heartbeat` (how far its readers are; apart, so that it never conflicts with commits).
import { atPlace, decodeRecord, encodeRecord, placeOf } from './record.ts';

const format = 1;
const states = ['live', 'fenced'] as const;

export interface SessionRow {
  readonly pid: number;
  readonly startedMs: number;
  readonly state: (typeof states)[number];
}

export interface HeartbeatRow {
  readonly beatMs: number;
  /** Start of the oldest running read; the beat itself when none runs. */
  readonly oldestReadMs: number;
}

export const encodeSession = (session: SessionRow): Buffer =>
  encodeRecord(format, (to) => {
    to.byte(placeOf(states, session.state));
    to.count(session.pid);
    to.count(session.startedMs);
  });

export const decodeSession = (value: Buffer): SessionRow =>
  decodeRecord('session', format, value, (from) => ({
    state: atPlace(states, from.byte()),
    pid: from.count(),
    startedMs: from.count(),
  }));

export const encodeHeartbeat = (heartbeat: HeartbeatRow): Buffer =>
  encodeRecord(format, (to) => {
    to.count(heartbeat.beatMs);
    to.count(heartbeat.oldestReadMs);
  });

export const decodeHeartbeat = (value: Buffer): HeartbeatRow =>
  decodeRecord('heartbeat', format, value, (from) => ({ beatMs: from.count(), oldestReadMs: from.count() }));
