// I3: what waits for the collector is wanted by nobody, and waits once.
import { keys, tag } from '../../../catalog/keys.ts';
import { decodeDropped } from '../../../catalog/records/dropped.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';

export const droppedCheck: Check = {
  name: 'dropped',
  promise: 'nothing that was dropped is still held',
  async run(ground, findings) {
    const { holders } = await ground.holdings();
    const seen = new Set<string>();
    for await (const { key, value, version } of walkKind(ground.catalog, tag.dropped)) {
      findings.look();
      const { manifest } = decodeDropped(value);
      if (manifest === undefined) continue;
      const takeBack = { checks: [[key, version] as const], writes: [[key, undefined] as const] };
      const held = holders.get(manifest);
      if (held > 0) findings.break(`manifest ${manifest} was dropped, but ${held} hold it`, takeBack);
      else if (seen.has(manifest)) findings.break(`manifest ${manifest} was dropped twice`, takeBack);
      else if ((await ground.catalog.get(keys.reference(manifest))) !== undefined)
        findings.break(`manifest ${manifest} was dropped, but has a reference count`);
      seen.add(manifest);
    }
  },
};
