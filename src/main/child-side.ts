// The child's end of the channel. A child lives as long as its supervisor: when the channel closes it ends. Signals that a terminal
// or an init system sends to the whole group are the supervisor's to answer.
import type { Socket } from 'node:net';
import { Fault } from '../base/fault.ts';
import type { FromChild, StartMessage, ToChild } from './messages.ts';

export interface Duty {
  take?(socket: Socket): void;
  /** Throws an error with a `code` to refuse. */
  call(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Finishes what is under way, then closes everything. */
  drain(timeoutMs: number): Promise<void>;
}

/** For errors after which nothing more can be trusted: tells the supervisor and ends the process. */
export type Fail = (error: unknown) => void;

export interface Opening {
  readonly start: StartMessage;
  /** Runs `open` while no process commits to the catalog: short, and nothing that waits for another's commit. */
  readonly alone: <T>(open: () => T) => Promise<T>;
  readonly announce: (session: string) => void;
  readonly fail: Fail;
}

/** A fault's own sentence where it has one. */
function reasonOf(error: unknown): string {
  if (error instanceof Fault && 'message' in error.fault) return error.fault.message;
  return error instanceof Error ? error.message : String(error);
}

/** `warmed`: what is prepared before the word to begin; its failures are told by `open`. */
export function serveSupervisor(open: (opening: Opening) => Promise<Duty>, warmed: Promise<unknown>): void {
  let duty: Duty | undefined;
  let isEnding = false;
  let mayOpen = (): void => {};

  const post = (message: FromChild, then?: () => void): void => {
    if (process.connected) process.send?.(message, undefined, undefined, () => then?.());
    else then?.();
  };
  const fail: Fail = (error) => {
    if (isEnding) return;
    isEnding = true;
    post({ type: 'failed', message: reasonOf(error) }, () => process.exit(1));
    // Should the channel be stuck.
    setTimeout(() => process.exit(1), 500);
  };

  const alone = async <T>(act: () => T): Promise<T> => {
    const word = new Promise<void>((resolve) => {
      mayOpen = resolve;
    });
    post({ type: 'opens' });
    await word;
    try {
      return act();
    } finally {
      // Not before it is on its way: what comes next may stand still until the supervisor has heard it.
      await new Promise<void>((resolve) => post({ type: 'opened' }, resolve));
    }
  };
  const begin = async (start: StartMessage): Promise<void> => {
    duty = await open({ start, alone, announce: (session) => post({ type: 'session', session }), fail });
    post({ type: 'ready' });
  };
  const answer = async ({ id, method, params }: Extract<ToChild, { type: 'call' }>): Promise<void> => {
    try {
      if (duty === undefined) throw Object.assign(new Error('still starting'), { code: 'not-ready' });
      const value = await duty.call(method, (params ?? {}) as Record<string, unknown>);
      post({ type: 'answer', id, value });
    } catch (error) {
      const { code, message } = error as Error & { code?: string };
      post({ type: 'refusal', id, code: code ?? 'failed', message: message ?? String(error) });
    }
  };
  const drain = async (timeoutMs: number): Promise<void> => {
    await duty?.drain(timeoutMs);
    isEnding = true;
    process.exit(0);
  };

  process.on('message', (message: ToChild, handle?: Socket) => {
    switch (message.type) {
      case 'start':
        void begin(message).catch(fail);
        break;
      case 'open':
        mayOpen();
        break;
      case 'connection':
        // undefined: the client hung up while its connection was on the way.
        if (handle === undefined) break;
        if (duty?.take === undefined) handle.destroy();
        else duty.take(handle);
        break;
      case 'call':
        void answer(message);
        break;
      case 'drain':
        void drain(message.timeoutMs).catch(fail);
    }
  });
  warmed.then(
    () => post({ type: 'warm' }),
    () => {},
  );
  process.on('disconnect', () => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
}
