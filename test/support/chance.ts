// Picks and coin flips out of a source of random numbers in [0, 1): what generators of trials and tests are made of.

export interface Chance {
  /** A whole number in [0, bound). */
  below(bound: number): number;
  pick<T>(list: readonly T[]): T;
  flip(chance: number): boolean;
  bytes(size: number): Buffer;
}

export function chanceOf(random: () => number): Chance {
  const below = (bound: number): number => Math.floor(random() * bound);
  return {
    below,
    pick: (list) => list[below(list.length)]!,
    flip: (chance) => random() < chance,
    bytes: (size) => Buffer.from(Array.from({ length: size }, () => below(256))),
  };
}
