// Manifest rows and part rows have somebody who holds them; parts of a finished upload are as many, and as long, as its version says.
import { idOf, keys, tag } from '../../../catalog/keys.ts';
import { encodeDropped } from '../../../catalog/records/dropped.ts';
import { decodePart } from '../../../catalog/records/part.ts';
import { decodeVersion } from '../../../catalog/records/version.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check, Findings } from '../check.ts';
import type { Ground } from '../ground.ts';
import { versionName } from '../names.ts';

export const manifestsCheck: Check = {
  name: 'manifests',
  promise: 'every manifest and every part has a holder, and parts add up to their object',
  async run(ground, findings) {
    await judgeHolders(ground, findings);
    for (const kind of [tag.current, tag.version] as const) await judgeParts(ground, kind, findings);
  },
};

async function judgeHolders(ground: Ground, findings: Findings): Promise<void> {
  const { nowMs } = ground.deps;
  const { holders, dropped, uploads } = await ground.holdings();
  let last = '';
  for (const kind of [tag.manifest, tag.manifestPart] as const) {
    for await (const { key } of walkKind(ground.catalog, kind)) {
      const manifest = idOf(key);
      if (manifest === last) continue;
      last = manifest;
      findings.look();
      const isHeld = holders.has(manifest) || dropped.has(manifest);
      if (isHeld || (kind === tag.manifestPart && uploads.has(manifest))) continue;
      const what = kind === tag.manifest ? 'manifest' : 'parts of';
      findings.break(`${what} ${manifest}: nobody holds it`, {
        checks: [],
        writes: [[keys.dropped(nowMs, manifest), encodeDropped({ manifest })]],
      });
    }
  }
}

async function judgeParts(ground: Ground, kind: typeof tag.current | typeof tag.version, findings: Findings) {
  for await (const { key, value } of walkKind(ground.catalog, kind)) {
    const { manifest, partCount, size } = decodeVersion(value);
    if (partCount === undefined || manifest === undefined) continue;
    findings.look();
    let count = 0;
    let bytes = 0;
    for await (const part of walkKind(ground.catalog, tag.manifestPart, manifest)) {
      count += 1;
      bytes += decodePart(part.value).size;
    }
    if (count !== partCount || bytes !== size)
      findings.break(`${versionName(key)}: ${count} parts of ${bytes} bytes, not ${partCount} of ${size}`);
  }
}
