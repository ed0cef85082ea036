// I4: the areas of a bucket tile its keys. Each reaches from its own key to the next one's, so all that can be missing is the start;
// and no two may have one id, since bytes are counted by it.
import { idOf, tag, textOf } from '../../../catalog/keys.ts';
import { decodeArea } from '../../../catalog/records/area.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';

export const areasCheck: Check = {
  name: 'areas',
  promise: 'the areas of a bucket tile its keys, each with an id of its own and a home',
  async run({ catalog }, findings) {
    const ids = new Set<string>();
    let bucket = '';
    for await (const { key, value } of walkKind(catalog, tag.area)) {
      findings.look();
      const { id, homes } = decodeArea(value);
      const from = textOf(key, 1);
      if (idOf(key) !== bucket && from !== '')
        findings.break(`bucket ${idOf(key)}: no area holds the keys before ${JSON.stringify(from)}`);
      bucket = idOf(key);
      if (ids.has(id)) findings.break(`area ${id} of bucket ${bucket}: another one has the same id`);
      ids.add(id);
      if (homes.length === 0) findings.break(`area ${id} of bucket ${bucket} has no home`);
    }
  },
};
