// A late read is asked for once more: whoever answers first is read, and nobody's failure is lost or thrown at the wrong one.
import { describe, expect, it } from 'vitest';
import { attempt, firstToAnswer } from '../../../src/objects/first-to-answer.ts';

const turn = () => new Promise(setImmediate);

/** Answers, or fails, when it is told. */
function source(name: string) {
  let settle: (outcome: Error | undefined) => void = () => {};
  const told = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  told.catch(() => {});
  const seen = { isOver: false };
  async function* bytes(): AsyncGenerator<Buffer, void> {
    try {
      await told;
      yield Buffer.from(name);
      yield Buffer.from('more');
    } finally {
      seen.isOver = true;
    }
  }
  return {
    seen,
    reading: attempt(name, bytes()),
    answer: () => settle(undefined),
    fail: () => settle(new Error(name)),
  };
}

function hedged() {
  const lead = source('lead');
  const second = source('second');
  const failures: string[] = [];
  let asked = 0;
  let isLate: () => void = () => {};
  const late = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      isLate = resolve;
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const another = async () => {
    asked += 1;
    return second.reading;
  };
  const won = firstToAnswer(lead.reading, late, another, (place, error) => failures.push(`${place}: ${error}`));
  return { lead, second, failures, won, isLate: () => isLate(), asked: () => asked };
}

describe('of two tries', () => {
  it('there is no second one when the first answers, or fails, in time', async () => {
    for (const end of ['answer', 'fail'] as const) {
      const { lead, won, asked } = hedged();
      lead[end]();
      expect((await won).place).toBe('lead');
      expect(asked()).toBe(0);
    }
  });

  it('whoever answers first is read, and the other one let go', async () => {
    for (const first of ['lead', 'second'] as const) {
      const both = hedged();
      both.isLate();
      await turn();
      both[first].answer();
      const won = await both.won;
      expect(won.place).toBe(first);
      expect(String((await won.first).value)).toBe(first);
      const other = first === 'lead' ? both.second : both.lead;
      other.answer();
      await turn();
      expect(other.seen.isOver).toBe(true);
      expect(both.failures).toEqual([]);
    }
  });

  it('one that fails is told of, and the other one waited for', async () => {
    const both = hedged();
    both.isLate();
    await turn();
    both.lead.fail();
    await turn();
    both.second.answer();
    expect((await both.won).place).toBe('second');
    await turn();
    expect(both.failures).toEqual(['lead: Error: lead']);
  });

  it('when both fail it is the first one that says so', async () => {
    const both = hedged();
    both.isLate();
    await turn();
    both.second.fail();
    both.lead.fail();
    const won = await both.won;
    expect(won.place).toBe('lead');
    await expect(won.first).rejects.toThrow('lead');
    await turn();
    expect(both.failures).toEqual(['second: Error: second']);
  });
});
