// I2: where several rows hold one manifest a reference row says how many, and only there.
import type { Write } from '../../../catalog/catalog.ts';
import { idOf, keys, tag } from '../../../catalog/keys.ts';
import { decodeReference, encodeReference } from '../../../catalog/records/reference.ts';
import { decodeVersion } from '../../../catalog/records/version.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';

export const referencesCheck: Check = {
  name: 'references',
  promise: 'reference counts equal a recount of the holders',
  async run(ground, findings) {
    const { catalog } = ground;
    const { holders } = await ground.holdings();
    const mend = (manifest: string, count: number) => {
      const write: Write = [keys.reference(manifest), count > 1 ? encodeReference(count) : undefined];
      return { checks: [], writes: [write] };
    };
    for await (const { key, value } of walkKind(catalog, tag.reference)) {
      findings.look();
      const [manifest, counted] = [idOf(key), decodeReference(value)];
      const held = holders.get(manifest);
      if (counted === held && counted > 1) continue;
      findings.break(`manifest ${manifest} is held by ${held}, its count says ${counted}`, mend(manifest, held));
    }
    const told = new Set<string>();
    for (const kind of [tag.current, tag.version] as const) {
      for await (const { value } of walkKind(catalog, kind)) {
        const { manifest } = decodeVersion(value);
        if (manifest === undefined || holders.get(manifest) < 2 || told.has(manifest)) continue;
        findings.look();
        if ((await catalog.get(keys.reference(manifest))) !== undefined) continue;
        told.add(manifest);
        const held = holders.get(manifest);
        findings.break(`manifest ${manifest} is held by ${held}, without a count`, mend(manifest, held));
      }
    }
  },
};
