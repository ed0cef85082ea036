// Bytes of one block from whichever copy of it has them. Its location is looked up when its turn comes, and once more when its pack is gone or
// its bytes are wrong, because compaction may have moved it meanwhile. Where there are echoes, a copy that fails is followed by the next one, from
// the byte that was reached. Wrong bytes are never let through.
import { Fault, isFault } from '../base/fault.ts';
import { type ByteRange, intersect } from '../base/range.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeBlock } from '../catalog/records/block.ts';
import type { BlockRow } from '../model/block.ts';
import type { BlockId, PartitionId } from '../model/ids.ts';
import type { Partition } from '../partition/partition.ts';
import type { DemandRecorder } from '../telemetry/telemetry.ts';
import type { ReadAbout } from './block-store.ts';
import { type Copies, type CopyPlace, isNotThere } from './copies.ts';
import { type Attempt, attempt, firstToAnswer } from './first-to-answer.ts';
import type { Origin } from './shared-reads.ts';
import { SliceVerifier, sliceRange } from './verify-slices.ts';

export interface CopyDeps {
  readonly catalog: Catalog;
  readonly partition: (id: PartitionId) => Partition | undefined;
  /** Which copies there are, in order of trial; without it there is the primary alone. */
  readonly copies?: Pick<Copies, 'inTurn' | 'hedge'>;
  /** Told of every block that is wanted, once for each who wants it, however often it has to be looked for. */
  readonly demand?: DemandRecorder;
}

export async function* readCopies(
  deps: CopyDeps,
  { id, range }: { readonly id: BlockId; readonly range: ByteRange },
  signal: AbortSignal | undefined,
  origin: Origin,
  about: ReadAbout | undefined,
): AsyncGenerator<Buffer, void> {
  let at = range.start;
  let retried: BlockRow | undefined;
  for (;;) {
    const row = await locate(deps.catalog, id);
    if (retried === undefined) {
      origin.joined = () => deps.demand?.read(row.area, row.partition, id, range.end - range.start);
      origin.joined();
    }
    let failure: unknown;
    const notePlace = (place: CopyPlace, error: unknown): void => {
      if (!isNotThere(error) && !isOutOfReach(error)) throw error;
      if (place.partition === row.partition || failure === undefined) failure = error;
      place.failed?.(error);
    };
    const begin = (place: CopyPlace): Attempt<CopyPlace> =>
      attempt(place, verifiedBytes(deps, id, { ...row, ...place }, { start: at, end: range.end }, signal));
    const places = placesOf(deps, id, row, origin, about);
    try {
      for (let turn = await places.next(); !turn.done; turn = await places.next()) {
        let reading = begin(turn.value);
        try {
          const isHedged = await hedged(deps, reading, places, begin, notePlace);
          if (isHedged !== undefined) reading = isHedged;
          for (let step = await reading.first; !step.done; step = await reading.bytes.next()) {
            origin.copy ??= isHedged === undefined ? reading.place.copy : 'hedge';
            at += step.value.length;
            yield step.value;
          }
          return;
        } catch (error) {
          notePlace(reading.place, error);
        } finally {
          await reading.bytes.return();
        }
      }
    } finally {
      await places.return?.(undefined);
    }
    // Once at one place; a block that was moved meanwhile deserves a try at the new place.
    if (!isNotThere(failure) || (retried !== undefined && retried.generation === row.generation)) throw failure;
    retried = row;
  }
}

const isOutOfReach = (error: unknown): boolean => isFault(error, 'partition-down') || isFault(error, 'partition-busy');

type Places = AsyncGenerator<CopyPlace, void>;

const placesOf = (deps: CopyDeps, id: BlockId, row: BlockRow, origin: Origin, about: ReadAbout | undefined): Places =>
  deps.copies?.inTurn(id, row, origin, about) ?? only({ ...row, copy: 'primary' });

async function* only(place: CopyPlace): Places {
  yield place;
}

/** Another place that answered while `lead` was late; undefined: `lead` is to be read. */
async function hedged(
  { copies }: CopyDeps,
  lead: Attempt<CopyPlace>,
  places: Places,
  begin: (place: CopyPlace) => Attempt<CopyPlace>,
  failed: (place: CopyPlace, error: unknown) => void,
): Promise<Attempt<CopyPlace> | undefined> {
  const hedge = copies?.hedge(lead.place.partition);
  if (hedge === undefined) return undefined;
  const another = async () => {
    const next = await places.next();
    return next.done || !hedge.take() ? undefined : begin(next.value);
  };
  const won = await firstToAnswer(lead, hedge.wait, another, failed);
  return won === lead ? undefined : won;
}

export async function locate(catalog: Catalog, id: BlockId): Promise<BlockRow> {
  const row = await catalog.get(keys.block(id));
  if (row === undefined) throw new Fault({ kind: 'pack-missing', partition: '*', pack: `of the removed block ${id}` });
  return decodeBlock(row.value);
}

/** `range` of one block at the place that `row` says. */
export async function* verifiedBytes(
  { partition }: Pick<CopyDeps, 'partition'>,
  id: BlockId,
  row: BlockRow,
  range: ByteRange,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void> {
  const from = partition(row.partition);
  if (from === undefined)
    throw new Fault({ kind: 'partition-down', partition: row.partition, message: 'this partition is not configured' });
  const slices = sliceRange(row, range);
  const verifier = new SliceVerifier(id, row, slices.start);
  const inPack = { start: row.offset + slices.start, end: row.offset + slices.end };
  let position = slices.start;
  for await (const chunk of from.read(row.pack, [inPack], signal)) {
    for (const good of verifier.push(chunk)) {
      const wanted = intersect(range, position, good.length);
      position += good.length;
      if (wanted !== undefined) yield good.subarray(wanted.start, wanted.end);
    }
  }
  verifier.assertDone(slices.end);
}
