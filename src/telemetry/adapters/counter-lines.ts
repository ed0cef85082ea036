// What a file of the file counter store holds: a batch per line, in the order in which they were added. A line begins with its line feed:
// one that ends too early (a full disk, a power cut) is no JSON, and does no harm to those before and after it.
import type { CounterBatch } from '../counter-store.ts';

export const lineOf = (batch: CounterBatch): Buffer => Buffer.from(`\n${JSON.stringify(batch)}`);

/** What is no batch is left out. */
export function batchesIn(text: string): CounterBatch[] {
  return text.split('\n').flatMap((line) => {
    const batch = parsed(line);
    return isBatch(batch) ? [batch] : [];
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isBatch(value: unknown): value is CounterBatch {
  const { process, timeSec, seconds, demand, served, blocks } = (value ?? {}) as Partial<CounterBatch>;
  const areLists = [demand, served, blocks].every(Array.isArray);
  return areLists && typeof process === 'string' && Number.isFinite(timeSec) && Number.isFinite(seconds);
}
