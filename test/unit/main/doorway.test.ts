// One at a time through the doorway, under the barrier's hold; who dies or lingers in it blocks nobody.
import { describe, expect, it } from 'vitest';
import { type CommitBarrier, Doorway, type Entrant } from '../../../src/main/doorway.ts';

class Guest implements Entrant {
  hasEnded = false;
  lastFailure: string | undefined;
  isOpening = false;
  killed = false;
  leave: () => void = () => {};

  async letOpen(): Promise<void> {
    this.isOpening = true;
    await new Promise<void>((resolve) => {
      this.leave = resolve;
    });
  }
  kill(): void {
    this.killed = true;
    this.hasEnded = true;
    this.leave();
  }
}

/** As the catalog: one after the other. */
function oneByOne(): CommitBarrier & { held: number } {
  let last = Promise.resolve();
  const barrier = {
    held: 0,
    withoutCommits(act: () => Promise<void>) {
      last = last.then(async () => {
        barrier.held += 1;
        await act();
        barrier.held -= 1;
      });
      return last;
    },
  };
  return barrier;
}

const patient = {
  sleep: (_: number, signal?: AbortSignal) => new Promise<void>((_, no) => signal?.addEventListener('abort', no)),
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Doorway', () => {
  it('lets one after the other open, each under a hold', async () => {
    const barrier = oneByOne();
    const doorway = new Doorway({ open: async () => barrier, clock: patient });
    const [first, second] = [new Guest(), new Guest()];
    const admitted = [doorway.admit(first), doorway.admit(second)];
    await turn();
    expect([first.isOpening, second.isOpening, barrier.held]).toEqual([true, false, 1]);
    first.leave();
    await admitted[0];
    await turn();
    expect([second.isOpening, barrier.held]).toEqual([true, 1]);
    second.leave();
    await admitted[1];
    expect(barrier.held).toBe(0);
  });

  it('passes over who has ended meanwhile', async () => {
    const doorway = new Doorway({ open: async () => oneByOne(), clock: patient });
    const gone = new Guest();
    gone.hasEnded = true;
    await doorway.admit(gone);
    expect(gone.isOpening).toBe(false);
  });

  it('ends who takes too long, so that the others can commit again', async () => {
    const barrier = oneByOne();
    const doorway = new Doorway({ open: async () => barrier, clock: { sleep: async () => {} } });
    const slow = new Guest();
    await doorway.admit(slow);
    expect([slow.killed, slow.lastFailure, barrier.held]).toEqual([true, 'the catalog not opened within 10 s', 0]);
  });

  it('ends who comes while the catalog cannot be opened, says why, and tries again with the next', async () => {
    let attempts = 0;
    const doorway = new Doorway({
      open: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('damaged');
        return oneByOne();
      },
      clock: patient,
    });
    const [first, second] = [new Guest(), new Guest()];
    await doorway.admit(first);
    expect([first.killed, first.lastFailure]).toEqual([true, 'damaged']);
    const admitted = doorway.admit(second);
    await turn();
    second.leave();
    await admitted;
    expect([second.killed, attempts]).toEqual([false, 2]);
  });
});
