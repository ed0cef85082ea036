// Identical reads as one: everybody gets all the bytes, and nobody waits for a slower one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedReads, sharedBytesMax } from '../../../src/objects/shared-reads.ts';

const turn = () => new Promise(setImmediate);

/** A source whose chunks come when they are given. */
function source() {
  const waiting: (() => void)[] = [];
  const given: (Buffer | Error | 'end')[] = [];
  const signals: AbortSignal[] = [];
  return {
    signals,
    give(...more: (string | Error | 'end')[]) {
      given.push(...more.map((each) => (typeof each === 'string' && each !== 'end' ? Buffer.from(each) : each)));
      for (const wake of waiting.splice(0)) wake();
    },
    async *start(signal: AbortSignal): AsyncIterable<Buffer> {
      signals.push(signal);
      for (let at = 0; ; at++) {
        while (given.length <= at) {
          if (signal.aborted) throw signal.reason;
          await new Promise<void>((resolve) => {
            waiting.push(resolve);
            signal.addEventListener('abort', () => resolve());
          });
        }
        const next = given[at]!;
        if (next === 'end') return;
        if (next instanceof Error) throw next;
        yield next;
      }
    },
  };
}

async function taken(bytes: AsyncIterable<Buffer>): Promise<string> {
  let all = '';
  for await (const chunk of bytes) all += chunk;
  return all;
}

describe('identical reads', () => {
  it('are one, also for who joins in the middle; who comes after the end asks anew', async () => {
    const reads = new SharedReads();
    const from = source();
    const first = taken(reads.read('a', 10, from.start));
    from.give('one ');
    await turn();
    const second = taken(reads.read('a', 10, from.start));
    const other = source();
    const third = taken(reads.read('b', 10, other.start));
    other.give('other', 'end');
    from.give('two', 'end');
    expect(await Promise.all([first, second, third])).toEqual(['one two', 'one two', 'other']);
    expect(from.signals.length).toBe(1);
    expect(reads.running).toBe(0);
    await taken(reads.read('a', 10, from.start));
    expect(from.signals.length).toBe(2);
  });

  it('fail together, after the bytes that came', async () => {
    const reads = new SharedReads();
    const from = source();
    const both = [0, 1].map(async () => {
      const got: string[] = [];
      try {
        for await (const chunk of reads.read('a', 10, from.start)) got.push(chunk.toString());
      } catch (error) {
        got.push((error as Error).message);
      }
      return got;
    });
    await turn();
    from.give('one', new Error('it broke'));
    expect(await Promise.all(both)).toEqual([
      ['one', 'it broke'],
      ['one', 'it broke'],
    ]);
  });

  it('go on when one leaves, and end when the last one does', async () => {
    const reads = new SharedReads();
    const from = source();
    const leaver = new AbortController();
    const left = taken(reads.read('a', 10, from.start, leaver.signal)).catch((error: Error) => error.message);
    const stays = reads.read('a', 10, from.start)[Symbol.asyncIterator]();
    from.give('one');
    expect(String((await stays.next()).value)).toBe('one');
    leaver.abort(new Error('gone'));
    expect(await left).toBe('gone');
    expect(from.signals[0]!.aborted).toBe(false);
    await stays.return?.();
    expect(from.signals[0]!.aborted).toBe(true);
    expect(reads.running).toBe(0);
  });

  it('a slow one holds up nobody', async () => {
    const reads = new SharedReads();
    const from = source();
    const slow = reads.read('a', 10, from.start)[Symbol.asyncIterator]();
    const fast = taken(reads.read('a', 10, from.start));
    from.give('one ', 'two ', 'three', 'end');
    await slow.next();
    expect(await fast).toBe('one two three');
    expect(String((await slow.next()).value)).toBe('two ');
    await slow.return?.();
  });

  it('that are long go alone, and so do those beyond the budget', async () => {
    const reads = new SharedReads();
    const from = source();
    from.give('x', 'end');
    await Promise.all([0, 1].map(() => taken(reads.read('a', sharedBytesMax + 1, from.start))));
    expect(from.signals.length).toBe(2);
    const held = source();
    const many = Array.from({ length: 200 }, (_, at) => reads.read(`held ${at}`, sharedBytesMax, held.start).next());
    await turn();
    expect(reads.running).toBe(128);
    held.give('x');
    await Promise.all(many);
  });
});

it('whoever comes and goes whenever, each gets the bytes of its name', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ name: fc.nat(3), after: fc.nat(4), leaves: fc.boolean() }), { maxLength: 30 }),
      async (takers) => {
        const reads = new SharedReads();
        const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(9));
        const start = (name: number) =>
          async function* (): AsyncIterable<Buffer> {
            for (let at = 0; at < 3; at++) {
              await turn();
              yield Buffer.from(texts[name]!.slice(3 * at, 3 * at + 3));
            }
          };
        const got = takers.map(async ({ name, after, leaves }) => {
          for (let turns = 0; turns < after; turns++) await turn();
          if (!leaves) return (await taken(reads.read(String(name), 9, start(name)))) === texts[name];
          for await (const chunk of reads.read(String(name), 9, start(name)))
            return texts[name]!.includes(String(chunk));
        });
        expect(await Promise.all(got)).toEqual(takers.map(() => true));
        expect(reads.running).toBe(0);
      },
    ),
    { numRuns: 100 },
  );
});
