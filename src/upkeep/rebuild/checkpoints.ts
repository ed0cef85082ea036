// Which checkpoints lie on the partitions, and which of them are whole: all frames up to the last one, none damaged.
import { decodeSetting } from '../../catalog/records/setting.ts';
import { compareRedo, type RedoEntry } from '../../objects/redo-frame.ts';
import { type CheckpointNote, type FrameNote, noteKey } from '../checkpoint.ts';
import type { FoundPack } from './find-packs.ts';
import { type FrameReader, readFrames } from './read-frames.ts';

export interface FoundCheckpoint {
  readonly note: CheckpointNote;
  readonly packs: readonly FoundPack[];
}

interface Gathered {
  readonly first: FrameNote;
  readonly frames: Set<number>;
  readonly packs: Set<FoundPack>;
  last: number | undefined;
}

export interface FoundCheckpoints {
  readonly newest: FoundCheckpoint | undefined;
  /** Newer than it, but not whole. */
  readonly passedOver: number;
}

export async function findCheckpoints(reader: FrameReader, packs: readonly FoundPack[]): Promise<FoundCheckpoints> {
  const gathered = new Map<string, Gathered>();
  for (const pack of packs) {
    if (pack.holds !== 'checkpoint') continue;
    for await (const entries of readFrames(reader, pack)) {
      const note = noteIn(entries);
      if (note === undefined) continue;
      const one = gathered.get(note.id) ?? { first: note, frames: new Set(), packs: new Set(), last: undefined };
      gathered.set(note.id, one);
      one.frames.add(note.frame);
      one.packs.add(pack);
      if (note.last) one.last = note.frame;
    }
  }
  const newestFirst = [...gathered.values()].sort((a, b) => compareRedo(b.first.from, a.first.from));
  const at = newestFirst.findIndex(({ last, frames }) => last !== undefined && frames.size === last + 1);
  if (at < 0) return { newest: undefined, passedOver: newestFirst.length };
  const { first, frames, packs: own } = newestFirst[at]!;
  const { id, from, startedMs } = first;
  const note = { id, from, startedMs, frames: frames.size, packs: [...own].map(({ pack }) => pack) };
  return { newest: { note, packs: [...own] }, passedOver: at };
}

export function noteIn([entry]: readonly RedoEntry[]): FrameNote | undefined {
  const [key, value] = entry?.writes[0] ?? [];
  if (key === undefined || value === undefined || !key.equals(noteKey)) return undefined;
  return JSON.parse(decodeSetting(value)) as FrameNote;
}
