// I1, from the object down: every block that a version or a part names has a row of the same length, and together they are as
// long as the object says.
import type { Catalog } from '../../../catalog/catalog.ts';
import { idOf, keys, tag } from '../../../catalog/keys.ts';
import { decodeBlock } from '../../../catalog/records/block.ts';
import { decodePart } from '../../../catalog/records/part.ts';
import { decodeVersion } from '../../../catalog/records/version.ts';
import { type Bytes, segmentsOf } from '../../../objects/manifest.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check, Findings } from '../check.ts';
import { partName, versionName } from '../names.ts';

type Sized = Bytes & { readonly size: number };

export const bytesCheck: Check = {
  name: 'bytes',
  promise: 'every block of every version and part has a row, and they add up to its size',
  async run(ground, findings) {
    const { catalog } = ground;
    for (const kind of [tag.current, tag.version] as const) {
      for await (const { key, value } of walkKind(catalog, kind))
        await judge(catalog, versionName(key), decodeVersion(value), findings);
    }
    const { uploads } = await ground.holdings();
    for await (const { key, value } of walkKind(catalog, tag.manifestPart)) {
      const part = decodePart(value);
      if (uploads.has(idOf(key))) await judge(catalog, partName(idOf(key), part.partNumber), part, findings);
    }
  },
};

async function judge(catalog: Catalog, name: string, sized: Sized, findings: Findings): Promise<void> {
  findings.look();
  let bytes = 0;
  try {
    for await (const { blocks } of segmentsOf(catalog, sized, { start: 0, end: sized.size })) {
      for (const { id, length } of blocks) {
        bytes += length;
        const row = await catalog.get(keys.block(id));
        if (row === undefined) return findings.break(`${name}: block ${id} has no row`);
        const there = decodeBlock(row.value).length;
        if (there !== length) return findings.break(`${name}: block ${id} has ${there} bytes, not ${length}`);
      }
    }
  } catch (error) {
    return findings.break(`${name}: ${(error as Error).message}`);
  }
  if (bytes !== sized.size) findings.break(`${name}: its blocks have ${bytes} bytes, its size is ${sized.size}`);
}
