// Series for the tests: a seeded source of chance, and daily cycles with noise, drawn from it.

/** Mulberry32: numbers in [0, 1), always the same for a seed. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Load around 100 with a daily cycle of ± 40 and noise of 5, one value per `stepSec` seconds. */
export function dailyLoad(bins: number, stepSec: number, seed = 1, noise = 5): Float64Array {
  const random = chance(seed);
  return Float64Array.from({ length: bins }, (_, at) =>
    Math.max(0, 100 + 40 * Math.sin((2 * Math.PI * at * stepSec) / 86_400) + noise * normal(random)),
  );
}
