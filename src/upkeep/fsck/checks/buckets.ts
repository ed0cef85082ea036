// Versions and uploads lie in buckets that exist; a bucket's row stands under its own name and no id is used twice.
import { idOf, tag, textOf, uploadKeyOf } from '../../../catalog/keys.ts';
import { decodeBucket } from '../../../catalog/records/bucket.ts';
import { listViewOf } from '../../../catalog/records/version.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';
import { versionName } from '../names.ts';

export const bucketsCheck: Check = {
  name: 'buckets',
  promise: 'every version and every upload lies in a bucket that exists',
  async run({ catalog }, findings) {
    const buckets = new Set<string>();
    for await (const { key, value } of walkKind(catalog, tag.bucket)) {
      findings.look();
      const { id, name } = decodeBucket(value);
      const stands = textOf(key, 0);
      if (stands !== name) findings.break(`bucket ${name} stands under the name ${stands}`);
      if (buckets.has(id)) findings.break(`bucket ${name} has the id of another one: ${id}`);
      buckets.add(id);
    }
    for (const kind of [tag.current, tag.version] as const) {
      for await (const { key, value } of walkKind(catalog, kind)) {
        // Heads of deleted keys outlive their bucket for a while.
        if (buckets.has(idOf(key)) || listViewOf(value).kind === 'gone') continue;
        findings.break(`${versionName(key)}: there is no such bucket`);
      }
    }
    for await (const { key } of walkKind(catalog, tag.upload)) {
      if (buckets.has(idOf(key))) continue;
      findings.break(`upload ${uploadKeyOf(key).uploadId}: there is no bucket ${idOf(key)}`);
    }
  },
};
