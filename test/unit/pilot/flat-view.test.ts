// What is written down of a view is all of it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromCanonical, toCanonical } from '../../../src/pilot/canonical.ts';
import { type FlatView, flatten, unflattenView } from '../../../src/pilot/flat-view.ts';
import type { View } from '../../../src/placement/placement.ts';

const id = fc.stringMatching(/^[a-z0-9-]{1,6}$/);
const load = fc.double({ min: 0, max: 1e12, noNaN: true });
const flows = fc.record({ readOps: load, writeOps: load, readBytes: load, writeBytes: load });
const home = fc.record({ partition: id, weight: fc.constantFrom(1, 0.25, 3) });
const area = fc.record({ demand: flows, homes: fc.array(home, { maxLength: 3 }), isDivisible: fc.boolean() });
const part = fc.constantFrom(1, 0.5, 0);
const holding = fc.record({
  ...{ area: id, partition: id, readShare: part, bytes: load },
  heat: fc.array(fc.record({ reads: part, bytes: part }), { minLength: 1, maxLength: 3 }),
});

it('comes back as it was, through the text too', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(id, area)), fc.array(holding), (areas, holdings) => {
      const view: View = {
        ...{ nowSec: 1_800_000_000, partitions: [], pools: [], hasEchoes: false, echoed: new Map(), underWay: [] },
        ...{ areas: new Map(areas), holdings },
      };
      const flat = flatten(view);
      expect(unflattenView(flat)).toEqual(view);
      expect([...unflattenView(flat).areas.keys()]).toEqual([...view.areas.keys()]);
      expect(unflattenView(fromCanonical(toCanonical(flat)) as FlatView)).toEqual(view);
    }),
  );
});
