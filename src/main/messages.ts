// What the supervisor and its children say to each other over the IPC channel.
import type { Config, ConfiguredUser } from '../config/config.ts';
import type { TrialOrders } from './trial-orders.ts';

export interface StartMessage {
  readonly type: 'start';
  readonly config: Config;
  readonly users: readonly ConfiguredUser[];
  /** For the pilot, before anything else: whose sessions to fence; `all` when no child of this supervisor has one yet. */
  readonly fence: 'all' | readonly DeadChild[];
  /** Steady time of all processes of this supervisor (base/clock.ts). */
  readonly steadyAheadMs: number;
  readonly trial: TrialOrders | undefined;
}

export interface DeadChild {
  readonly pid: number;
  /** Unknown when it died before it could say. */
  readonly session: string | undefined;
}

/** What may change without a restart. */
export interface Refresh {
  readonly users?: readonly ConfiguredUser[];
  readonly logLevel?: Config['logLevel'];
  readonly accessLog?: boolean;
  /** Read the certificate files again. */
  readonly tls?: boolean;
}

export type ToChild =
  | StartMessage
  /** The catalog may be opened: nobody commits. */
  | { readonly type: 'open' }
  | { readonly type: 'connection' }
  | { readonly type: 'call'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly type: 'drain'; readonly timeoutMs: number };

export type FromChild =
  /** As soon as it is open, so that the supervisor knows whom to fence. */
  | { readonly type: 'session'; readonly session: string }
  /** It wants to open the catalog, and waits for the word. */
  | { readonly type: 'opens' }
  | { readonly type: 'opened' }
  | { readonly type: 'ready' }
  /** All that it can prepare before it is told what to serve. */
  | { readonly type: 'warm' }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };

/** An answer that is a refusal: its code is stable for scripts, its message for people. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
