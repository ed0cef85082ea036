// Buffers on loan: used again only when they came back whole and once; never more than so many out at a time.
import { expect, test } from 'vitest';
import { chunkBytes, giveChunk, takeChunk } from '../../../src/base/chunk-pool.ts';

test('a chunk that came back is used again, one that is out never', () => {
  const first = takeChunk()!;
  expect(first.length).toBe(chunkBytes);
  const second = takeChunk()!;
  expect(second.buffer).not.toBe(first.buffer);
  giveChunk(first);
  expect(takeChunk()!.buffer).toBe(first.buffer);
  giveChunk(first);
  giveChunk(second);
});

test('given back twice, it is lent to one taker', () => {
  const chunk = takeChunk()!;
  giveChunk(chunk);
  giveChunk(chunk);
  const [one, other] = [takeChunk()!, takeChunk()!];
  expect(one.buffer).not.toBe(other.buffer);
  giveChunk(one);
  giveChunk(other);
});

test('parts of a chunk, and buffers from elsewhere, are left alone', () => {
  const chunk = takeChunk()!;
  giveChunk(chunk.subarray(1));
  giveChunk(Buffer.alloc(chunkBytes));
  const next = takeChunk()!;
  expect(next.buffer).not.toBe(chunk.buffer);
  giveChunk(next);
  giveChunk(chunk);
});

test('no more are lent than may be', () => {
  const taken: Buffer[] = [];
  for (let chunk = takeChunk(); chunk !== undefined; chunk = takeChunk()) taken.push(chunk);
  expect(taken.length).toBeLessThanOrEqual(48);
  expect(new Set(taken.map(({ buffer }) => buffer)).size).toBe(taken.length);
  for (const chunk of taken) giveChunk(chunk);
  expect(takeChunk()).toBeDefined();
});
