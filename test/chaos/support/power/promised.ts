// What clients asked of a store and what it answered, in one order: enough to say which states it may be in if it keeps its word.
// Each key has one writer, which does one thing at a time.
import type { Content } from './content.ts';
import type { Where } from './store.ts';

export type Effect =
  | { readonly does: 'put'; readonly content: Content }
  | { readonly does: 'remove' }
  | { readonly does: 'remove-version'; readonly versionId: string }
  | { readonly does: 'create-upload' }
  | { readonly does: 'part'; readonly uploadId: string; readonly part: number; readonly content: Content }
  | { readonly does: 'complete'; readonly uploadId: string; readonly content: Content }
  | { readonly does: 'abort'; readonly uploadId: string };

export type Event =
  | { readonly on: 'begin'; readonly id: number; readonly where: Where; readonly effect: Effect }
  | { readonly on: 'end'; readonly id: number; readonly outcome: 'refused' | 'unknown' }
  | {
      readonly on: 'end';
      readonly id: number;
      readonly outcome: 'acked';
      readonly versionId?: string;
      readonly uploadId?: string;
      readonly etag?: string;
    };

/** undefined: nothing to be read. */
type Current = Content | undefined;

export interface ExpectedKey {
  readonly where: Where;
  /** What may be read; one unless an answer is missing. */
  readonly current: readonly Current[];
  readonly versions: readonly (readonly [versionId: string, Content])[];
  /** Versions whose removal was acknowledged. */
  readonly gone: readonly string[];
}

export interface ExpectedUpload {
  readonly where: Where;
  readonly uploadId: string;
  readonly parts: readonly (readonly [part: number, etag: string, Content])[];
}

interface Book {
  readonly where: Where;
  settled: Current;
  /** Without an answer since the last acknowledged change: what each would leave. */
  open: Map<number, Current>;
  readonly versions: Map<string, Content>;
  readonly gone: Set<string>;
}

interface UploadBook {
  readonly where: Where;
  readonly parts: Map<number, readonly [etag: string, Content]>;
}

export class Promised {
  readonly #books = new Map<string, Book>();
  readonly #uploads = new Map<string, UploadBook>();
  readonly #begun = new Map<number, { where: Where; effect: Effect }>();
  /** Changes that were acknowledged. */
  acknowledged = 0;

  add(event: Event): void {
    if (event.on === 'begin') this.#begin(event.id, event.where, event.effect);
    else this.#end(event);
  }

  keys(): ExpectedKey[] {
    return [...this.#books.values()].map(({ where, settled, open, versions, gone }) => ({
      where,
      current: [settled, ...open.values()],
      versions: [...versions],
      gone: [...gone],
    }));
  }

  uploads(): ExpectedUpload[] {
    return [...this.#uploads].map(([uploadId, { where, parts }]) => ({
      where,
      uploadId,
      parts: [...parts].sort(([one], [other]) => one - other).map(([part, [etag, content]]) => [part, etag, content]),
    }));
  }

  #begin(id: number, where: Where, effect: Effect): void {
    this.#begun.set(id, { where, effect });
    const book = this.#book(where);
    if (effect.does === 'put' || effect.does === 'complete') book.open.set(id, effect.content);
    if (effect.does === 'remove') book.open.set(id, undefined);
    if (effect.does === 'remove-version') book.versions.delete(effect.versionId); // gone or not until the answer
    if (effect.does === 'complete' || effect.does === 'abort') this.#uploads.delete(effect.uploadId);
  }

  #end(event: Event & { on: 'end' }): void {
    const { where, effect } = this.#begun.get(event.id)!;
    this.#begun.delete(event.id);
    const book = this.#book(where);
    if (event.outcome === 'refused') book.open.delete(event.id);
    if (event.outcome !== 'acked') return;
    this.acknowledged += 1;
    const { versionId, uploadId, etag } = event;
    switch (effect.does) {
      case 'put':
      case 'complete':
        book.open.clear();
        book.settled = effect.content;
        if (versionId !== undefined) book.versions.set(versionId, effect.content);
        break;
      case 'remove':
        book.open.clear();
        book.settled = undefined;
        break;
      case 'remove-version':
        book.gone.add(effect.versionId);
        break;
      case 'create-upload':
        this.#uploads.set(uploadId!, { where, parts: new Map() });
        break;
      case 'part':
        this.#uploads.get(effect.uploadId)?.parts.set(effect.part, [etag!, effect.content]);
        break;
      case 'abort':
        break;
    }
  }

  #book(where: Where): Book {
    const name = `${where.bucket}/${where.key}`;
    const found = this.#books.get(name) ?? {
      where,
      settled: undefined,
      open: new Map(),
      versions: new Map(),
      gone: new Set(),
    };
    this.#books.set(name, found);
    return found;
  }
}
