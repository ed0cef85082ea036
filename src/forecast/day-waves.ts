// The time of day as sines and cosines, kept per bin of the day: worked out each time they cost a tenth of a sample, for the library
// is slow on angles that go round a million times.

const daySec = 86_400;
/** Times round in a day. */
const rounds = [1, 2, 24] as const;
export const waveCount = 2 * rounds.length;

/** By step and by how far bins begin after its multiples: in practice one. */
const tables = new Map<number, Float64Array>();

/** Writes sine and cosine of a day, half a day and an hour; `sec` begins a bin of `stepSec`. */
export function putDayWaves(sec: number, stepSec: number, into: Float32Array, at: number): void {
  const timeOfDay = sec % daySec;
  const phase = timeOfDay % stepSec;
  if (daySec % stepSec !== 0) {
    putWaves(timeOfDay, into, at);
    return;
  }
  const key = stepSec * daySec + phase;
  let table = tables.get(key);
  if (table === undefined) {
    table = new Float64Array((daySec / stepSec) * waveCount);
    for (let row = 0; row < daySec / stepSec; row++) putWaves(phase + row * stepSec, table, row * waveCount);
    tables.set(key, table);
  }
  const from = ((timeOfDay - phase) / stepSec) * waveCount;
  for (let each = 0; each < waveCount; each++) into[at + each] = table[from + each]!;
}

function putWaves(timeOfDay: number, into: Float32Array | Float64Array, at: number): void {
  for (let each = 0; each < rounds.length; each++) {
    const angle = (2 * Math.PI * rounds[each]! * timeOfDay) / daySec;
    into[at + 2 * each] = Math.sin(angle);
    into[at + 2 * each + 1] = Math.cos(angle);
  }
}
