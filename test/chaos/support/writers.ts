// Writers over HTTP that keep a manifest: each has keys of its own and writes, overwrites, copies, deletes and reads them back, one
// request after the other, without a second try of anything.
import { setTimeout as sleep } from 'node:timers/promises';
import { uriEncode } from '../../../src/base/sigv4.ts';
import { KiB, MiB } from '../../../src/base/units.ts';
import { seeded } from '../../support/trial.ts';
import type { Manifest, State } from './manifest.ts';
import { bodyOf, nameOf, type Stamped, stampHeader } from './stamps.ts';
import { judgeRead, stateOf } from './verify.ts';
import { type Answer, openWire, type Target, textsOf, type Wire } from './wire.ts';

export interface WritersOptions {
  readonly target: Target;
  readonly bucket: string;
  readonly manifest: Manifest;
  readonly writers: number;
  readonly seed: number;
  /** Per writer; beyond them keys are overwritten. */
  readonly keysMax?: number;
  readonly sizeMax?: number;
  /** Of 1,000 writes: single requests of 12 MiB, that is of several blocks. */
  readonly bigPerMille?: number;
}

export interface Writers {
  /** Sent and not answered yet. */
  readonly inFlight: number;
  /** Answered, of any kind. */
  readonly answered: number;
  /** Wrong reads that writers saw on the way, each a sentence. */
  readonly broken: readonly string[];
  /** Codes of refusals and how many. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Let them finish what is under way and wait; `resume` lets them go on. */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

const bigBytes = 12 * MiB;
const partBytes = 5 * MiB;
/** After a failure, so that a server that is gone is not asked without end. */
const restMs = 50;

type Deed = readonly [weight: number, act: (writer: Writer) => Promise<void>];

export function startWriters(options: WritersOptions): Writers {
  const board = new Board();
  const writers = Array.from({ length: options.writers }, (_, at) => new Writer(at, options, board));
  let running = Promise.all(writers.map((writer) => writer.run()));
  return {
    get inFlight() {
      return board.inFlight;
    },
    get answered() {
      return board.answered;
    },
    broken: board.broken,
    refusals: board.refusals,
    async pause() {
      board.paused = true;
      await running;
    },
    resume() {
      board.paused = false;
      running = Promise.all(writers.map((writer) => writer.run()));
    },
    async stop() {
      board.paused = true;
      await running;
      for (const writer of writers) writer.close();
    },
  };
}

/** What all writers share. */
class Board {
  inFlight = 0;
  answered = 0;
  paused = false;
  readonly broken: string[] = [];
  readonly refusals = new Map<string, number>();
}

class Writer {
  readonly #name: string;
  readonly #options: WritersOptions;
  readonly #board: Board;
  readonly #wire: Wire;
  readonly #random: () => number;
  readonly #keys: string[] = [];
  readonly #deeds: readonly Deed[];
  #stamps = 0;

  constructor(at: number, options: WritersOptions, board: Board) {
    this.#name = `w${String(at).padStart(2, '0')}`;
    this.#options = options;
    this.#board = board;
    this.#wire = openWire(options.target, 1);
    this.#random = seeded(options.seed * 1009 + at);
    this.#deeds = [
      [52, (writer) => writer.#put()],
      [14, (writer) => writer.#remove()],
      [10, (writer) => writer.#copy()],
      [2, (writer) => writer.#multipart()],
      [22, (writer) => writer.#readBack()],
    ];
  }

  async run(): Promise<void> {
    while (!this.#board.paused) await this.#one();
  }

  close(): void {
    this.#wire.close();
  }

  async #one(): Promise<void> {
    let ticket = this.#random() * this.#deeds.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, act] of this.#deeds) {
      ticket -= weight;
      if (ticket < 0) return await act(this);
    }
  }

  async #put(): Promise<void> {
    const stamped = this.#stamp(this.#random() * 1000 < (this.#options.bigPerMille ?? 4) ? bigBytes : this.#size());
    const headers = { [stampHeader]: nameOf(stamped) };
    const key = this.#anyKey();
    await this.#change(key, nameOf(stamped), () => this.#send('PUT', key, { headers, body: bodyOf(stamped) }));
  }

  async #remove(): Promise<void> {
    const key = this.#knownKey();
    if (key !== undefined) await this.#change(key, 'absent', () => this.#send('DELETE', key));
  }

  async #copy(): Promise<void> {
    const source = this.#knownKey();
    const state = source === undefined ? undefined : this.#onlyState(source);
    if (source === undefined || state === undefined || state === 'absent') return;
    const key = this.#anyKey();
    if (key === source) return;
    const headers = { 'x-amz-copy-source': `/${this.#options.bucket}/${uriEncode(source, true)}` };
    await this.#change(key, state, () => this.#send('PUT', key, { headers }));
  }

  /** Only the completion changes the key; what is left of one that failed is the uploads' own. */
  async #multipart(): Promise<void> {
    const stamped = this.#stamp(partBytes + this.#size());
    const key = this.#anyKey();
    const body = bodyOf(stamped);
    const headers = { [stampHeader]: nameOf(stamped) };
    const made = await this.#send('POST', key, { headers, query: { uploads: '' } }).catch(() => undefined);
    const [uploadId] = made?.status === 200 ? textsOf(made.body, 'UploadId') : [];
    if (uploadId === undefined) return;
    const tags: string[] = [];
    for (let start = 0; start < body.length; start += partBytes) {
      const query = { partNumber: String(tags.length + 1), uploadId };
      const part = body.subarray(start, start + partBytes);
      const sent = await this.#send('PUT', key, { query, body: part }).catch(() => undefined);
      if (sent?.status !== 200) return;
      tags.push(sent.headers.etag!);
    }
    const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('');
    const list = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
    await this.#change(key, nameOf(stamped), () => this.#send('POST', key, { query: { uploadId }, body: list }));
  }

  async #readBack(): Promise<void> {
    const key = this.#knownKey();
    if (key === undefined) return;
    const answer = await this.#send('GET', key).catch(() => undefined);
    if (answer === undefined || answer.status >= 500) return;
    const wrong = judgeRead(key, answer, this.#options.manifest.statesOf(key));
    if (wrong !== undefined) this.#board.broken.push(`read on the way: ${wrong.what}`);
    else this.#options.manifest.observe(key, stateOf(answer));
  }

  async #change(key: string, state: State, send: () => Promise<Answer>): Promise<void> {
    const { manifest } = this.#options;
    manifest.intend(key, state);
    try {
      const { status, body } = await send();
      // An answer of 200 may still hold an error: copies and completions answer before they are done.
      const [code] = status === 200 && body.includes('<Error>') ? ['late'] : [undefined];
      if (status < 300 && code === undefined) return manifest.acknowledge(key, state);
      const refusal = `${status} ${textsOf(body, 'Code')[0] ?? ''}`;
      this.#board.refusals.set(refusal, (this.#board.refusals.get(refusal) ?? 0) + 1);
      // 500 says that something broke, not where.
      if (status === 500 || code !== undefined) manifest.leaveOpen(key, state);
      else manifest.refuse(key, state);
      if (status >= 500) await sleep(restMs);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') manifest.refuse(key, state);
      else manifest.leaveOpen(key, state);
      await sleep(restMs);
    }
  }

  async #send(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    key: string,
    more: { query?: Record<string, string>; headers?: Record<string, string>; body?: Buffer | string } = {},
  ): Promise<Answer> {
    this.#board.inFlight += 1;
    try {
      const answer = await this.#wire.send({ method, bucket: this.#options.bucket, key, ...more });
      this.#board.answered += 1;
      return answer;
    } finally {
      this.#board.inFlight -= 1;
    }
  }

  #stamp(size: number): Stamped {
    this.#stamps += 1;
    return { stamp: `${this.#name}-${this.#stamps}`, size };
  }

  /** Log-uniform: as many below a kilobyte as above. */
  #size(): number {
    return Math.floor(Math.exp(this.#random() * Math.log(this.#options.sizeMax ?? 1024 * KiB)));
  }

  /** A new one, or one to write again. */
  #anyKey(): string {
    const { keysMax = 120 } = this.#options;
    if (this.#keys.length >= keysMax || (this.#keys.length > 4 && this.#random() < 0.4)) return this.#knownKey()!;
    const key = `${this.#name}/${this.#keys.length} ö&<'>+%.bin`;
    this.#keys.push(key);
    return key;
  }

  #knownKey(): string | undefined {
    return this.#keys[Math.floor(this.#random() * this.#keys.length)];
  }

  #onlyState(key: string): State | undefined {
    const states = this.#options.manifest.statesOf(key);
    return states.size === 1 ? [...states][0] : undefined;
  }
}
