// Arrays of computed numbers, where they are made in every tick: plain ones, since a typed array costs ten times as much to make as to fill.

export function filled(length: number, valueAt: (at: number) => number): number[] {
  const values = new Array<number>(length);
  for (let at = 0; at < length; at++) values[at] = valueAt(at);
  return values;
}

export const zeros = (length: number): number[] => filled(length, zero);
const zero = (): number => 0;
