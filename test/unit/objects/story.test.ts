// What a story read twice with two results, no commit may accept, whichever reading came first.
import { expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import type { Check } from '../../../src/catalog/catalog.ts';
import { runStory, type Tools } from '../../../src/objects/story.ts';
import { createTurns } from '../../../src/objects/turns.ts';

const session: Check = [Buffer.from('session'), 7];

async function checksOf(...checks: Check[]): Promise<readonly Check[]> {
  let committed: readonly Check[] = [];
  const tools = {
    catalog: {
      async commit(change) {
        committed = change.checks;
        return 'done';
      },
    } satisfies Partial<Tools['catalog']>,
    blocks: { sessionCheck: () => session } satisfies Partial<Tools['blocks']>,
    clock: systemClock,
    random: systemRandom,
    turns: createTurns(),
  } as unknown as Tools;
  await runStory(tools, { turns: [] }, async () => ({ change: { checks, writes: [] }, result: undefined }));
  return committed;
}

const row = Buffer.from('row');

it('a row that was read twice alike is checked once, beside the session', async () => {
  expect(await checksOf([row, 1], [Buffer.from('row'), 1], session)).toEqual([session, [row, 1]]);
});

it('a row that changed between two readings is checked as both, so the commit conflicts', async () => {
  expect(await checksOf([row, 2], [row, 1])).toEqual([session, [row, 2], [row, 1]]);
  expect(await checksOf([row, 'absent'], [row, 1])).toEqual([session, [row, 'absent'], [row, 1]]);
});
