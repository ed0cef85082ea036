// The supervisor as its starter sees it.
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Loaded } from '../config/config.ts';

export interface SupervisorOptions {
  readonly loaded: Loaded;
  /** Reads all sources again, for SIGHUP; throws ConfigError. */
  readonly reload: () => Loaded;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
  /** Made when the data directory held no catalog before, ahead of the first request. */
  readonly firstBucket?: string;
}

export interface Supervisor {
  readonly endpoint: string;
  readonly adminUrl: string;
  /** Keys that this start generated, to be shown once. */
  readonly generated: { readonly accessKey: string; readonly secretKey: string } | undefined;
  /** The data directory held no catalog before. */
  readonly isFirstStart: boolean;
  call(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown>;
  reload(): Promise<string>;
  /** Drains and ends; the second call ends at once. */
  stop(): Promise<void>;
  /** Resolves with what ended it: undefined after stop(), an error if the processes could not be kept up. */
  readonly done: Promise<void>;
}
