// Clients that change their own keys without pause and note what they ask and what they are told.
import { bytesOf, type Content } from './content.ts';
import type { Effect, Event } from './promised.ts';
import { type Acked, Refused, type Store, type Where } from './store.ts';

export interface WriterOptions {
  readonly name: string;
  readonly buckets: readonly { readonly name: string; readonly versioned: boolean }[];
  readonly keysEach: number;
  readonly random: () => number;
  readonly note: (event: Event) => void;
  /** Of one object, as a rule. */
  readonly bytesMax: number;
  /** Chance that an upload has a part of full size (5 MiB) before its last. */
  readonly longUploads: number;
}

let operations = 0; // over all writers, so that ids are never twice

const partBytesMin = 5 * 1024 * 1024;

interface Known {
  /** undefined: nothing. 'unsure' until the next acknowledged change. */
  content: Content | undefined | 'unsure';
  versions: string[];
}

export class Writer {
  readonly #options: WriterOptions;
  readonly #store: Store;
  readonly #known = new Map<string, Known>();
  #stamps = 0;

  constructor(store: Store, options: WriterOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** One operation on one of its keys; failures are noted, not thrown. */
  async step(): Promise<void> {
    const { random } = this.#options;
    const { where, versioned, known } = this.#key();
    const dice = random();
    if (dice < 0.5) await this.#put(where, known);
    else if (dice < 0.65) await this.#copy(where, known);
    else if (dice < 0.8) await this.#upload(where, known);
    else if (dice < 0.9 && versioned && known.versions.length > 1) await this.#removeOld(where, known);
    else await this.#change(where, known, { does: 'remove' }, () => this.#store.remove(where));
  }

  async #put(where: Where, known: Known): Promise<void> {
    const content = [this.#stamp(where, this.#size())];
    await this.#change(where, known, { does: 'put', content }, () => this.#store.put(where, bytesOf(content)));
  }

  async #copy(where: Where, known: Known): Promise<void> {
    const source = this.#key();
    const { content } = source.known;
    if (content === undefined || content === 'unsure' || source.known === known) return;
    await this.#change(where, known, { does: 'put', content }, () => this.#store.copy(source.where, where));
  }

  async #removeOld(where: Where, known: Known): Promise<void> {
    const [versionId] = known.versions.splice(0, 1); // never the newest
    const effect: Effect = { does: 'remove-version', versionId: versionId! };
    await this.#ask(where, effect, () => this.#store.remove(where, versionId));
  }

  async #upload(where: Where, known: Known): Promise<void> {
    const { random, longUploads } = this.#options;
    const created = await this.#ask(where, { does: 'create-upload' }, async () => ({
      uploadId: await this.#store.createUpload(where),
    }));
    if (created === 'refused' || created === 'unknown') return;
    const { uploadId } = created;
    const sizes = [...(random() < longUploads ? [partBytesMin] : []), 1 + this.#size()];
    const parts: { part: number; etag: string; content: Content }[] = [];
    for (const [at, size] of sizes.entries()) {
      const content = [this.#stamp(where, size)];
      const sent = await this.#ask(where, { does: 'part', uploadId, part: at + 1, content }, async () => ({
        etag: await this.#store.uploadPart(where, uploadId, at + 1, bytesOf(content)),
      }));
      if (sent === 'refused' || sent === 'unknown') return;
      parts.push({ part: at + 1, etag: sent.etag, content });
    }
    const dice = random();
    if (dice < 0.1) return; // left open
    if (dice < 0.2) {
      await this.#ask(where, { does: 'abort', uploadId }, async () => {
        await this.#store.abortUpload(where, uploadId);
        return {};
      });
      return;
    }
    const content = parts.flatMap((part) => part.content);
    const etags = parts.map(({ part, etag }) => [part, etag] as const);
    await this.#change(where, known, { does: 'complete', uploadId, content }, () =>
      this.#store.completeUpload(where, uploadId, etags),
    );
  }

  /** Something that changes what the key shows. */
  async #change(where: Where, known: Known, effect: Effect, act: () => Promise<Acked>): Promise<void> {
    const before = known.content;
    known.content = 'unsure';
    const answer = await this.#ask(where, effect, act);
    if (answer === 'refused') known.content = before;
    if (answer === 'refused' || answer === 'unknown') return;
    known.content = 'content' in effect ? effect.content : undefined;
    if (answer.versionId !== undefined && 'content' in effect) known.versions.push(answer.versionId);
  }

  async #ask<Answer extends object>(
    where: Where,
    effect: Effect,
    act: () => Promise<Answer>,
  ): Promise<Answer | 'refused' | 'unknown'> {
    const { note } = this.#options;
    operations += 1;
    const id = operations;
    note({ on: 'begin', id, where, effect });
    try {
      const answer = await act();
      note({ on: 'end', id, outcome: 'acked', ...answer });
      return answer;
    } catch (error) {
      const outcome = error instanceof Refused ? 'refused' : 'unknown';
      note({ on: 'end', id, outcome });
      return outcome;
    }
  }

  #key(): { where: Where; versioned: boolean; known: Known } {
    const { buckets, keysEach, random, name } = this.#options;
    const bucket = buckets[Math.floor(random() * buckets.length)]!;
    const where = { bucket: bucket.name, key: `${name}/${Math.floor(random() * keysEach)}` };
    const id = `${where.bucket}/${where.key}`;
    const known = this.#known.get(id) ?? { content: undefined, versions: [] };
    this.#known.set(id, known);
    return { where, versioned: bucket.versioned, known };
  }

  #stamp({ bucket, key }: Where, size: number) {
    this.#stamps += 1;
    return { name: `${bucket}/${key} #${this.#stamps}`, size };
  }

  /** Many small, a few at the upper end, some empty. */
  #size(): number {
    const { random, bytesMax } = this.#options;
    return Math.floor(bytesMax * random() ** 4);
  }
}
