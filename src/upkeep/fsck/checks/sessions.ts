// I8: whoever holds something in the catalog (the lease, reserved packs, a heartbeat) has a session row, so it can be fenced.
import { idOf, tag } from '../../../catalog/keys.ts';
import { decodeLease } from '../../../catalog/records/lease.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';

export const sessionsCheck: Check = {
  name: 'sessions',
  promise: 'the lease, reserved packs and heartbeats belong to sessions that are known',
  async run(ground, findings) {
    const { catalog } = ground;
    const known = new Set<string>();
    for await (const { key } of walkKind(catalog, tag.session)) {
      findings.look();
      known.add(idOf(key));
    }
    for await (const { key, value } of walkKind(catalog, tag.lease)) {
      findings.look();
      const { epoch, holder } = decodeLease(value);
      if (!known.has(holder)) findings.break(`lease ${key.toString('utf8', 1)} (epoch ${epoch}): no session ${holder}`);
    }
    for await (const { key, version } of walkKind(catalog, tag.heartbeat)) {
      findings.look();
      if (known.has(idOf(key))) continue;
      const forget = { checks: [[key, version] as const], writes: [[key, undefined] as const] };
      findings.break(`a heartbeat of ${idOf(key)}, which is no session`, forget);
    }
    for (const [pack, { state, session }] of await ground.packs()) {
      if (state !== 'reserved') continue;
      findings.look();
      if (!known.has(session)) findings.break(`pack ${pack} is reserved by ${session}, which is no session`);
    }
  },
};
