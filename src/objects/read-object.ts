// GET and HEAD: find the version, judge the conditions, choose the bytes; then stream them. HEAD and 304 touch no partition.
import { Fault } from '../base/fault.ts';
import type { ByteRange } from '../base/range.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Bucket } from '../model/bucket.ts';
import type { Version } from '../model/object.ts';
import type { ReadAbout } from './block-store.ts';
import { checkReadConditions, isStillIn } from './conditions.ts';
import { locateVersion } from './head.ts';
import { segmentsOf } from './manifest.ts';
import type { FoundObject, ReadAsk, ReadObject, Selection } from './objects.ts';
import { findPart } from './parts-of.ts';
import { selectRange } from './select-range.ts';
import type { Tools } from './story.ts';

export async function peekVersion(
  tools: Tools,
  bucket: Bucket,
  key: string,
  versionId?: string,
): Promise<Version | undefined> {
  return (await locateVersion(tools.catalog, bucket.id, key, versionId))?.version;
}

export async function findVersion(catalog: Catalog, bucket: Bucket, key: string, versionId?: string): Promise<Version> {
  return refuseMissing((await locateVersion(catalog, bucket.id, key, versionId))?.version, key, versionId);
}

/** Only objects can be read; missing ones and markers raise the fault that says which it was. */
export function refuseMissing(version: Version | undefined, key: string, versionId: string | undefined): Version {
  if (version === undefined) {
    throw new Fault(
      versionId === undefined ? { kind: 'key-missing', key } : { kind: 'version-missing', key, versionId },
    );
  }
  if (version.kind !== 'marker') return version;
  throw new Fault(
    versionId === undefined
      ? { kind: 'key-missing', key, deleteMarker: { versionId: version.versionId } }
      : { kind: 'marker-addressed', key, versionId: version.versionId, modifiedSec: version.modifiedSec },
  );
}

export async function findObject(tools: Tools, bucket: Bucket, key: string, ask: ReadAsk): Promise<FoundObject> {
  const version =
    ask.version === undefined
      ? await findVersion(tools.catalog, bucket, key, ask.versionId)
      : refuseMissing(ask.version, key, ask.versionId);
  const shownVersionId = bucket.versioning === 'unversioned' ? undefined : version.versionId;
  checkReadConditions(ask.conditions ?? {}, version, shownVersionId);
  const { partNumber, ifRange, rangeText }: Selection = ask.select ?? {};
  if (partNumber !== undefined) {
    const { part, range } = await findPart(tools.catalog, version, partNumber);
    return { version, range, partial: range.end > range.start, part };
  }
  const stale = ifRange !== undefined && !isStillIn(ifRange, version);
  const range = stale ? undefined : selectRange(rangeText, version.size);
  return { version, range: range ?? { start: 0, end: version.size }, partial: range !== undefined, part: undefined };
}

export async function readObject(
  tools: Tools,
  bucket: Bucket,
  key: string,
  ask: ReadAsk,
  patience: { readonly signal: AbortSignal },
): Promise<ReadObject> {
  // From before the look-up to the last byte: what is dropped meanwhile must outlive this read.
  const endRead = tools.blocks.beginRead?.() ?? (() => undefined);
  try {
    const { version, range, partial, part } = await findObject(tools, bucket, key, ask);
    const small = version.blocks && tools.blocks.readSmall?.(version.blocks, range);
    if (small !== undefined) {
      endRead();
      return { version, range, partial, part, body: oneBuffer(small), whole: small, copy: 'primary' };
    }
    const about: ReadAbout = { bucket: bucket.name, key };
    const body = await openBody(tools, version, range, patience.signal, endRead, about);
    return { version, range, partial, part, body, whole: undefined, copy: about.copy };
  } catch (error) {
    endRead();
    throw error;
  }
}

/** Waits for the first bytes, so that a partition that cannot deliver becomes an answer and not a broken body. */
async function openBody(
  tools: Tools,
  version: Version,
  range: ByteRange,
  signal: AbortSignal,
  end: () => void,
  about: ReadAbout,
): Promise<AsyncIterable<Buffer>> {
  const source = streamBytes(tools, version, range, signal, about);
  signal.throwIfAborted();
  const first = await source.next();
  let ended = false;
  const finish = (): void => {
    if (ended) return;
    ended = true;
    signal.removeEventListener('abort', finish);
    end();
  };
  signal.addEventListener('abort', finish, { once: true });
  if (first.done) finish();
  return continued(first, source, finish);
}

/** Written out by hand: a generator that was never started would not run its `finally` when it is given up. */
function continued(
  first: IteratorResult<Buffer>,
  source: AsyncGenerator<Buffer>,
  finish: () => void,
): AsyncIterableIterator<Buffer> {
  let waiting: IteratorResult<Buffer> | undefined = first;
  const iterator: AsyncIterableIterator<Buffer> = {
    async next() {
      const result = waiting;
      waiting = undefined;
      if (result !== undefined) return result;
      try {
        const next = await source.next();
        if (next.done) finish();
        return next;
      } catch (error) {
        finish();
        throw error;
      }
    },
    async return() {
      waiting = undefined;
      finish();
      return source.return(undefined);
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

async function* oneBuffer(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}

/** Bytes of a range of a version (or part), wherever its blocks lie by then. */
export async function* streamBytes(
  tools: Tools,
  bytes: Pick<Version, 'manifest' | 'blocks'>,
  range: ByteRange,
  signal: AbortSignal,
  about?: ReadAbout,
): AsyncGenerator<Buffer> {
  for await (const segment of segmentsOf(tools.catalog, bytes, range)) {
    yield* tools.blocks.read(segment.blocks, segment.range, signal, about);
  }
}
