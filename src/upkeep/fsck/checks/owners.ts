// I2: a block belongs to one manifest. Blocks of nobody only waste space: they are handed to the collector.
import { randomId } from '../../../base/random.ts';
import { idOf, keys, tag } from '../../../catalog/keys.ts';
import { decodeBlock } from '../../../catalog/records/block.ts';
import { encodeDropped } from '../../../catalog/records/dropped.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';

export const ownersCheck: Check = {
  name: 'owners',
  promise: 'every block belongs to one manifest',
  async run(ground, findings) {
    const { random, nowMs } = ground.deps;
    const { owners } = await ground.holdings();
    for await (const { key, value } of walkKind(ground.catalog, tag.block)) {
      findings.look();
      const id = idOf(key);
      const count = owners.get(id);
      if (count > 1) findings.break(`block ${id} belongs to ${count} manifests`);
      if (count > 0) continue;
      const dropped = encodeDropped({ blocks: [{ id, length: decodeBlock(value).length }] });
      findings.break(`block ${id} belongs to nobody`, {
        checks: [],
        writes: [[keys.dropped(nowMs, randomId(random)), dropped]],
      });
    }
  },
};
