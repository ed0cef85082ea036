// I6: a key's versions lie in the order of their commits, the newest in its own row, and every row carries the sequence that it
// stands under.
import { idOf, keys, tag, versionKeyOf } from '../../../catalog/keys.ts';
import { decodeVersion } from '../../../catalog/records/version.ts';
import type { Version } from '../../../model/object.ts';
import { nullVersionId, sequenceOf } from '../../../objects/version-ids.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';
import { versionName } from '../names.ts';

export const sequencesCheck: Check = {
  name: 'sequences',
  promise: 'sequences fall strictly from the newest version of a key to its oldest',
  async run({ catalog }, findings) {
    for await (const { key, value } of walkKind(catalog, tag.current)) {
      findings.look();
      const version = decodeVersion(value);
      if (!isNamedRight(version)) findings.break(`${versionName(key)}: version id ${version.versionId} is not its own`);
    }
    for await (const { key, value } of walkKind(catalog, tag.version)) {
      findings.look();
      const version = decodeVersion(value);
      const stands = versionKeyOf(key);
      if (version.sequence !== stands.sequence)
        findings.break(`${versionName(key)} carries the sequence ${version.sequence}`);
      if (!isNamedRight(version)) findings.break(`${versionName(key)}: version id ${version.versionId} is not its own`);
      const head = await catalog.get(keys.current(idOf(key), stands.key));
      if (head === undefined) {
        findings.break(`${versionName(key)}: the key has no newest version`);
        continue;
      }
      const newest = decodeVersion(head.value);
      if (newest.kind === 'gone') findings.break(`${versionName(key)} lies below a key that is gone`);
      if (newest.sequence <= version.sequence)
        findings.break(`${versionName(key)} is not older than ${newest.sequence}, the newest of its key`);
    }
  },
};

/** An id holds the sequence that its version was made with. */
function isNamedRight({ versionId, sequence }: Version): boolean {
  if (versionId === nullVersionId) return true;
  try {
    return sequenceOf(versionId) === sequence;
  } catch {
    return false;
  }
}
