// A null version that is not the newest of its key has a pointer, and every pointer leads to one.
import { idOf, keys, tag, textOf, versionKeyOf } from '../../../catalog/keys.ts';
import { decodeSequence, encodeSequence } from '../../../catalog/records/sequence.ts';
import { decodeVersion } from '../../../catalog/records/version.ts';
import { nullVersionId } from '../../../objects/version-ids.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';
import { versionName } from '../names.ts';

export const nullVersionsCheck: Check = {
  name: 'null-versions',
  promise: 'null versions and the rows that point to them agree',
  async run({ catalog }, findings) {
    for await (const { key, value, version } of walkKind(catalog, tag.nullVersion)) {
      findings.look();
      const sequence = decodeSequence(value);
      const row = await catalog.get(keys.version(idOf(key), textOf(key, 1), sequence));
      if (row !== undefined && decodeVersion(row.value).versionId === nullVersionId) continue;
      findings.break(`${versionName(key)}: its null version is said to be ${sequence}, which is none`, {
        checks: [[key, version]],
        writes: [[key, undefined]],
      });
    }
    for await (const { key, value } of walkKind(catalog, tag.version)) {
      if (decodeVersion(value).versionId !== nullVersionId) continue;
      findings.look();
      const { key: name, sequence } = versionKeyOf(key);
      const pointerKey = keys.nullVersion(idOf(key), name);
      const pointer = await catalog.get(pointerKey);
      if (pointer !== undefined && decodeSequence(pointer.value) === sequence) continue;
      const isAlone = pointer === undefined;
      findings.break(
        `${versionName(key)} is a null version that nothing points to`,
        isAlone ? { checks: [[pointerKey, 'absent']], writes: [[pointerKey, encodeSequence(sequence)]] } : undefined,
      );
    }
  },
};
