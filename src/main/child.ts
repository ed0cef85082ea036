// One child process and its channel: forked, seated, called, drained, ended. Restarting is the crew's business.
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { CallRefused, type FromChild, type StartMessage, type ToChild } from './messages.ts';

export interface ChildEvents {
  /** Sockets that never reached the child are handed back. */
  onExit(child: Child, how: string, orphaned: readonly Socket[]): void;
  /** It waits for `letOpen`. */
  onOpens(child: Child): void;
}

export interface ChildOptions {
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void };

/**
 * How far the old generation may grow over what lives in it before V8 marks it again. Bodies arrive in buffers that die young, yet V8
 * counts them towards this limit: at its usual factor (about 1.5) a worker that takes large bodies marked its whole heap every 26 MiB,
 * a third of its time, and a durable 4 KiB PUT took a tenth more. It lives in about 25 MiB, so two and a half times that stays small.
 */
const childFlags = ['--heap-growing-percent=150'];
const callTimeoutMs = 30_000;
const lastWordsMs = 100;

export class Child {
  name = 'spare';
  /** When it got its seat. */
  startedMs: number;
  session: string | undefined;
  isReady = false;
  isWarm = false;
  hasEnded = false;
  lastFailure: string | undefined;
  /** Rises with everything that it says or takes: whoever is slow under a storm of connections is not stuck. */
  signsOfLife = 0;
  readonly #clock: ChildOptions['clock'];
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #sent = new Set<Socket>();
  readonly #ready: Promise<boolean>;
  readonly #ended: Promise<void>;
  #lastCall = 0;
  #hasOpened: () => void = () => {};

  /** Forks it: its imports run at once, its work begins with `seat`. */
  constructor(options: ChildOptions, events: ChildEvents) {
    this.#clock = options.clock;
    this.startedMs = options.clock.monotonicMs();
    this.#process = fork(options.script, [], {
      env: options.env,
      execArgv: childFlags,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let settleReady: (ready: boolean) => void = () => {};
    this.#ready = new Promise((resolve) => {
      settleReady = resolve;
    });
    this.#process.on('message', (message: FromChild) => {
      this.signsOfLife += 1;
      if (message.type === 'session') this.session = message.session;
      else if (message.type === 'warm') this.isWarm = true;
      else if (message.type === 'failed') this.lastFailure = message.message;
      else if (message.type === 'opens') events.onOpens(this);
      else if (message.type === 'opened') this.#hasOpened();
      else if (message.type === 'ready') {
        this.isReady = true;
        settleReady(true);
      } else this.#settle(message);
    });
    this.#ended = new Promise((resolve) => {
      const end = (how: string): void => {
        if (this.hasEnded) return;
        this.hasEnded = true;
        this.isReady = false;
        for (const { reject } of this.#waiting.values()) reject(new CallRefused('child-ended', `${this.name} ended`));
        this.#waiting.clear();
        settleReady(false);
        resolve();
        events.onExit(this, how, [...this.#sent]);
      };
      this.#process.once('exit', (code, signal) => {
        const how = signal ?? `exit code ${code}`;
        // Its last words may still be in the channel.
        if (!this.#process.connected) return end(how);
        this.#process.once('disconnect', () => end(how));
        setTimeout(end, lastWordsMs, how);
      });
      this.#process.on('error', (error) => {
        if (this.#process.pid === undefined) end(error.message);
      });
    });
  }

  /** It begins with what it is told as soon as that is known. */
  seat(name: string, start: Promise<StartMessage>): void {
    this.name = name;
    this.startedMs = this.#clock.monotonicMs();
    start.then(
      (message) => this.#post(message),
      () => this.kill(),
    );
  }

  /** The word to open the catalog; resolves when it has, or has ended. */
  letOpen(): Promise<void> {
    const opened = new Promise<void>((resolve) => {
      this.#hasOpened = resolve;
    });
    this.#post({ type: 'open' });
    return Promise.race([opened, this.#ended]);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** True once it serves; false if it ended first. */
  whenReady(): Promise<boolean> {
    return this.#ready;
  }

  whenEnded(): Promise<void> {
    return this.#ended;
  }

  /** Connections on their way to it. Node sends the next one when it has taken the last. */
  get backlog(): number {
    return this.#sent.size;
  }

  /**
   * Hands an accepted connection over. It is kept open here until it is on its way, then closed by us: Node would close it when
   * the child has received it, and never if the child is killed before that, so that its client would wait for ever.
   */
  take(socket: Socket): void {
    this.#sent.add(socket);
    this.#process.send({ type: 'connection' } satisfies ToChild, socket, { keepOpen: true }, (error) => {
      if (error !== null) return;
      this.signsOfLife += 1;
      this.#sent.delete(socket);
      socket.destroy();
    });
  }

  async call(method: string, params: unknown): Promise<unknown> {
    if (this.hasEnded) throw new CallRefused('child-ended', `${this.name} ended`);
    const id = ++this.#lastCall;
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new CallRefused('timeout', `${this.name} did not answer ${method} within ${callTimeoutMs / 1000} s`));
      }, callTimeoutMs);
      const settled =
        <T>(act: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          act(value);
        };
      this.#waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      this.#post({ type: 'call', id, method, params });
    });
  }

  /** Everything handed over before this is still served. */
  drain(timeoutMs: number): void {
    this.isReady = false;
    this.#post({ type: 'drain', timeoutMs });
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #settle(message: Extract<FromChild, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(new CallRefused(message.code, message.message));
  }

  #post(message: ToChild): void {
    if (!this.#process.connected) return;
    this.#process.send(message as unknown as Serializable, () => {});
  }
}
