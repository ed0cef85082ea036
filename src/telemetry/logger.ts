// One logger per process: JSON lines on stderr, secrets redacted wherever they might stray into a record.
import {
  type DestinationStream,
  destination,
  type LevelWithSilentOrString,
  type Logger,
  pino,
  stdTimeFunctions,
} from 'pino';

export type { Logger } from 'pino';

const redacted = [
  'secretKey',
  '*.secretKey',
  '*.*.secretKey',
  'sessionToken',
  '*.sessionToken',
  'adminToken',
  '*.adminToken',
  'authorization',
  '*.authorization',
  'headers["x-amz-security-token"]',
];

export interface LoggerOptions {
  readonly level: LevelWithSilentOrString;
  /** Which process speaks: `supervisor`, `worker`, `pilot`. */
  readonly role: string;
  readonly stream?: DestinationStream;
}

export function createLogger({ level, role, stream }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { role, pid: process.pid },
      redact: { paths: redacted, censor: '********' },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream ?? destination({ fd: 2, sync: true }),
  );
}
