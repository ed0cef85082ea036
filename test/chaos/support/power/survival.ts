// Which parts of unsynced writes a power cut leaves: by chance, in whole writes, sectors of 512 bytes or pages of 4 KiB.
import type { Survival } from '../../../unit/partition/fake-disk.ts';

export type Mood = 'nothing' | 'everything' | 'whole writes' | 'torn sectors' | 'torn pages';
export const moods: readonly Mood[] = ['nothing', 'everything', 'whole writes', 'torn sectors', 'torn pages'];

export function survivalOf(mood: Mood, random: () => number): Survival {
  const chance = mood === 'nothing' ? 0 : mood === 'everything' ? 1 : random();
  const unit = mood === 'torn sectors' ? 512 : mood === 'torn pages' ? 4096 : Number.POSITIVE_INFINITY;
  return {
    entry: () => random() < chance,
    pieces: (position, length) => {
      const pieces: { start: number; end: number }[] = [];
      for (let start = 0; start < length; ) {
        const end = Math.min(length, Number.isFinite(unit) ? start + unit - ((position + start) % unit) : length);
        if (random() < chance) pieces.push({ start, end });
        start = end;
      }
      return pieces;
    },
  };
}
