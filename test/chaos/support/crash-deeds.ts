// What a lane of crashes does to its server, and what it knows of the outcome: every deed notes what was acknowledged, what was refused,
// and what nobody knows. Where a client would ask again (a Complete, an Abort, a bucket's deletion), so does the lane.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { uriEncode } from '../../../src/base/sigv4.ts';
import { KiB } from '../../../src/base/units.ts';
import { seeded } from '../../support/trial.ts';
import { Manifest, type State } from './manifest.ts';
import { bodyOf, nameOf, type Stamped, stampHeader } from './stamps.ts';
import { type Answer, type Asked, textsOf, type Wire } from './wire.ts';

const keyCount = 32;
const taggedCount = 4;
const askAgainMax = 120;
const askAgainMs = 250;

/** A bucket and what is known of its keys. */
export interface Shelf {
  readonly bucket: string;
  readonly manifest: Manifest;
}

export class CrashDeeds {
  readonly objects: Shelf;
  readonly versions: Shelf;
  /** Read when every upload has come to its end, not before. */
  readonly uploads: Shelf;
  readonly random: () => number;
  readonly #wire: Wire;
  readonly #tags: Manifest;
  readonly #busy = new Set<string>();
  readonly #wrong: string[] = [];
  readonly #unfinished: Promise<void>[] = [];
  #bigs: string[] = [];
  #names = 0;

  constructor(wire: Wire, dir: string, seed: number) {
    this.#wire = wire;
    this.random = seeded(seed);
    const shelf = (bucket: string): Shelf => ({ bucket, manifest: new Manifest(join(dir, `${bucket}.manifest`)) });
    this.objects = shelf('objects');
    this.versions = shelf('versions');
    this.uploads = shelf('uploads');
    this.#tags = new Manifest(join(dir, 'tags.manifest'));
  }

  get shelves(): readonly Shelf[] {
    return [this.objects, this.versions, this.uploads];
  }

  get acknowledged(): number {
    return this.#manifests.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  get open(): number {
    return this.#manifests.reduce((sum, { open }) => sum + open, 0);
  }

  get #manifests(): Manifest[] {
    return [...this.shelves.map(({ manifest }) => manifest), this.#tags];
  }

  async prepare(): Promise<void> {
    const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
    await this.ask({ method: 'PUT', bucket: this.versions.bucket, query: { versioning: '' }, body });
    for (let at = 0; at < taggedCount; at++) await this.put(`tagged/${at}`);
    for (let at = 0; at < keyCount; at += 8) await this.puts(8);
  }

  /** PUTs side by side, each to another key. */
  async puts(count: number): Promise<void> {
    await this.#with(count, (keys) => Promise.all(keys.map((key) => this.put(key))));
  }

  async put(key: string, size = this.#size(), shelf = this.objects): Promise<Answer | undefined> {
    const stamped = this.stamp(size);
    const headers = { [stampHeader]: nameOf(stamped) };
    return await this.change(shelf, key, nameOf(stamped), { method: 'PUT', headers, body: bodyOf(stamped) });
  }

  /** Put and removed again: something for the collector, and a gone head. */
  async removeOne(): Promise<void> {
    await this.#with(1, async ([key = '']) => {
      await this.put(key);
      await this.change(this.objects, key, 'absent', { method: 'DELETE' });
    });
  }

  /** Put and removed, and never written again: its head goes once it is old enough. */
  async leaveGone(): Promise<void> {
    const key = this.name('gone');
    await this.put(key);
    await this.change(this.objects, key, 'absent', { method: 'DELETE' });
  }

  /** Of several blocks; it goes before the next one comes, so that not all of them are read back for ever. */
  async putBig(bytes: number): Promise<void> {
    await this.#removeBigs();
    const key = this.name('big');
    this.#bigs.push(key);
    await this.put(key, bytes);
  }

  async #removeBigs(): Promise<void> {
    for (const key of this.#bigs.splice(0)) await this.change(this.objects, key, 'absent', { method: 'DELETE' });
  }

  async copy(algorithm?: string): Promise<void> {
    await this.#with(2, async ([source = '', key = '']) => {
      const state = this.#certain(source);
      if (state === undefined) return void (await this.put(source));
      const headers = {
        'x-amz-copy-source': this.#sourceOf(source),
        ...(algorithm !== undefined && { 'x-amz-checksum-algorithm': algorithm }),
      };
      await this.change(this.objects, key, state, { method: 'PUT', headers });
    });
  }

  /** For a copy of its bytes into a part: an object that stays as it is. */
  stillSource(): { readonly source: string; readonly state: State } {
    const key = `tagged/${Math.floor(this.random() * taggedCount)}`;
    return { source: this.#sourceOf(key), state: this.#certain(key)! };
  }

  async tag(): Promise<void> {
    const key = `tagged/${Math.floor(this.random() * taggedCount)}`;
    const value = this.name('tag');
    const body = `<Tagging><TagSet><Tag><Key>t</Key><Value>${value}</Value></Tag></TagSet></Tagging>`;
    const shelf = { bucket: this.objects.bucket, manifest: this.#tags };
    await this.change(shelf, key, value, { method: 'PUT', query: { tagging: '' }, body });
  }

  async verifyTags(): Promise<string[]> {
    const wrong: string[] = [];
    for (const key of this.#tags.keys()) {
      const { bucket } = this.objects;
      const { status, body } = await this.again({ method: 'GET', bucket, key, query: { tagging: '' } });
      const [value = 'absent'] = textsOf(body, 'Value');
      const states = this.#tags.statesOf(key);
      if (status === 200 && states.has(value)) this.#tags.observe(key, value);
      else wrong.push(`the tag of ${key} is ${value} (${status}): it should be ${[...states].join(' or ')}`);
    }
    return wrong;
  }

  /** A version on top of another, and with or without its id taken away again. */
  async removeVersion(how: 'marker' | 'version'): Promise<void> {
    const { versions } = this;
    const key = `v${Math.floor(this.random() * 8)}`;
    const below = await this.put(key, this.#size(), versions);
    const [state] = versions.manifest.statesOf(key);
    if (below?.status !== 200 || state === undefined) return;
    if (how === 'marker') return void (await this.change(versions, key, 'absent', { method: 'DELETE' }));
    const above = await this.put(key, this.#size(), versions);
    const versionId = above?.headers['x-amz-version-id'];
    if (above?.status !== 200 || typeof versionId !== 'string') return;
    await this.change(versions, key, state, { method: 'DELETE', query: { versionId } });
  }

  /** Notes what became of it; undefined when the answer was lost. */
  async change(
    { bucket, manifest }: Shelf,
    key: string,
    state: State,
    asked: Omit<Asked, 'bucket' | 'key'>,
  ): Promise<Answer | undefined> {
    manifest.intend(key, state);
    const answer = await this.ask({ ...asked, bucket, key });
    // Copies and completions answer 200 before they are done, and may hold an error.
    const isLate = answer?.status === 200 && answer.body.includes('<Error>');
    if (answer === undefined || answer.status >= 500 || isLate) manifest.leaveOpen(key, state);
    else if (answer.status < 300) manifest.acknowledge(key, state);
    else {
      manifest.refuse(key, state);
      this.#wrong.push(
        `${asked.method} ${bucket}/${key} was refused: ${answer.status} ${textsOf(answer.body, 'Code')}`,
      );
    }
    return answer;
  }

  /** Undefined when the answer was lost. */
  async ask(asked: Asked): Promise<Answer | undefined> {
    return await this.#wire.send(asked).catch(() => undefined);
  }

  /** Until it is answered: a lost answer tells nothing, nor does a server that cannot serve just now. */
  async again(asked: Asked): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      const answer = await this.ask(asked);
      if (answer !== undefined && answer.status < 500) return answer;
      if (tries >= askAgainMax) throw new Error(`${asked.method} ${asked.key}: no answer after ${tries} tries`);
      await sleep(askAgainMs);
    }
  }

  /** What a client does who lost an answer; it goes on beside the crashes that follow. */
  later(deed: () => Promise<string | undefined>): void {
    const done = deed().then(
      (wrong) => wrong !== undefined && this.#wrong.push(wrong),
      (error: Error) => this.#wrong.push(error.message),
    );
    this.#unfinished.push(done.then(() => {}));
  }

  async finishOpen(): Promise<void> {
    await this.#removeBigs();
    while (this.#unfinished.length > 0) await Promise.all(this.#unfinished.splice(0));
  }

  takeWrong(): string[] {
    return this.#wrong.splice(0);
  }

  close(): void {
    for (const manifest of this.#manifests) manifest.close();
  }

  stamp(size: number): Stamped {
    return { stamp: this.name('s'), size };
  }

  name(kind: string): string {
    this.#names += 1;
    return `${kind}-${this.#names}`;
  }

  /** Keys that no other deed touches meanwhile. */
  async #with(count: number, deed: (keys: string[]) => Promise<unknown>): Promise<void> {
    const first = Math.floor(this.random() * keyCount);
    const all = Array.from({ length: keyCount }, (_, at) => `k${(first + at) % keyCount}`);
    const keys = all.filter((key) => !this.#busy.has(key)).slice(0, count);
    for (const key of keys) this.#busy.add(key);
    await deed(keys);
    for (const key of keys) this.#busy.delete(key);
  }

  /** The key's state where it is known and not `absent`. */
  #certain(key: string): State | undefined {
    const [state, ...others] = this.objects.manifest.statesOf(key);
    return state === 'absent' || others.length > 0 ? undefined : state;
  }

  #sourceOf(key: string): string {
    return `/${this.objects.bucket}/${uriEncode(key, true)}`;
  }

  #size(): number {
    return this.random() < 0.05 ? 0 : Math.floor(this.random() ** 2 * 40 * KiB);
  }
}
