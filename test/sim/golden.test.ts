// Golden scenarios: each opens with the expected outcome in words; `NAME.expect.yaml` beside it holds the bounds that say so in figures.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeWorld } from '../../src/sim/make-world.ts';
import type { PolicyResult } from '../../src/sim/result.ts';
import { readScenario } from '../../src/sim/scenario.ts';
import { simulate } from '../../src/sim/simulate.ts';
import { median } from '../../src/sim/statistics.ts';

const folder = 'test/sim';
const cache = '.cache/simulate';

interface Bound {
  readonly policy: string;
  /** A path within a result, as `moves.undone`; medians over seeds. */
  readonly figure: string;
  readonly least?: number;
  readonly most?: number;
  /** What `timesMost` and `timesLeast` are times of. */
  readonly against?: string;
  readonly timesMost?: number;
  readonly timesLeast?: number;
}

const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml') && !name.endsWith('.expect.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));

describe.each(names)('%s', (name) => {
  it('opens with the expected outcome', () => {
    expect(readFileSync(`${folder}/${name}.yaml`, 'utf8')).toMatch(/^# Expected: /);
  });

  it('comes out as expected', async () => {
    const { seeds, bounds } = parse(readFileSync(`${folder}/${name}.expect.yaml`, 'utf8')) as {
      seeds: number[];
      bounds: Bound[];
    };
    const { world } = await makeWorld(readScenario(`${folder}/${name}.yaml`), { cache, threads: 1 });
    const { results } = await simulate(world, { seeds, threads: 1 });
    const broken = bounds.flatMap((bound) => {
      const value = figureOf(results, bound.policy, bound.figure);
      const other = bound.against === undefined ? Number.NaN : figureOf(results, bound.against, bound.figure);
      const { least, most, timesMost, timesLeast } = bound;
      const isRight =
        (least === undefined || value >= least) &&
        (most === undefined || value <= most) &&
        (timesMost === undefined || value <= timesMost * other) &&
        (timesLeast === undefined || value >= timesLeast * other);
      return isRight ? [] : [{ ...bound, value, ...(bound.against === undefined ? {} : { other }) }];
    });
    expect(broken).toEqual([]);
  }, 300_000);
});

function figureOf(results: readonly PolicyResult[], policy: string, path: string): number {
  const own = results.filter((each) => each.policy === policy);
  const values = own.map((each) =>
    path.split('.').reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], each),
  );
  if (own.length === 0 || values.some((value) => typeof value !== 'number')) {
    throw new Error(`no run of ${policy} has the figure ${path}`);
  }
  return median(values as number[]);
}
