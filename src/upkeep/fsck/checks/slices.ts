// I1, down to the bytes: every slice of every block has its CRC.
import { idOf, tag } from '../../../catalog/keys.ts';
import { decodeBlock } from '../../../catalog/records/block.ts';
import { damageOf } from '../../scrub/verify-block.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';

export const slicesCheck: Check = {
  name: 'slices',
  promise: 'every slice of every block has its CRC',
  deep: true,
  async run({ catalog, deps }, findings) {
    for await (const { key, value } of walkKind(catalog, tag.block)) {
      findings.look();
      const row = decodeBlock(value);
      const wrong = await damageOf(deps.partitions, idOf(key), row);
      if (wrong === undefined) continue;
      findings.break(`block ${idOf(key)} at ${row.offset} in pack ${row.pack} on ${row.partition}: ${wrong.said}`);
    }
  },
};
