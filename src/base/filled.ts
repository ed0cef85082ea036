// A typed array of computed values. Float64Array.from with a function walks an iterator: ten times the time, where it is done in every tick.
export function filled(length: number, valueAt: (at: number) => number): Float64Array {
  const values = new Float64Array(length);
  for (let at = 0; at < length; at++) values[at] = valueAt(at);
  return values;
}
