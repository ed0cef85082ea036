// Who may lead: a row with an epoch that only grows. Every control write checks the row, so a leader that was replaced can
// change nothing any more, however late it wakes up.
import type { Clock } from '../base/clock.ts';
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import { secondMs } from '../base/units.ts';
import type { Catalog, Check } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeLease, encodeLease } from '../catalog/records/lease.ts';
import { fenceSession } from '../objects/session.ts';

const leaseMs = 30 * secondMs;

export interface LeaseDeps {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** The holder's session: fenced by whoever takes the lease from it. */
  readonly session: string;
}

export class Lease {
  readonly epoch: number;
  readonly #deps: LeaseDeps;
  #version: number;

  constructor(deps: LeaseDeps, epoch: number, version: number) {
    this.#deps = deps;
    this.epoch = epoch;
    this.#version = version;
  }

  check(): Check {
    return [leaseKey, this.#version];
  }

  async renew(): Promise<void> {
    const { catalog, clock, session } = this.#deps;
    const lease = encodeLease({ holder: session, epoch: this.epoch, expiresMs: clock.wallMs() + leaseMs });
    if ((await catalog.commit({ checks: [this.check()], writes: [[leaseKey, lease]] })) === 'conflict')
      throw new Fault({ kind: 'session-fenced' });
    await this.refresh();
  }

  /** Takes in a renewal that changed the row; throws when somebody else leads now. */
  async refresh(): Promise<void> {
    const row = await this.#deps.catalog.get(leaseKey);
    if (row === undefined || decodeLease(row.value).epoch !== this.epoch) throw new Fault({ kind: 'session-fenced' });
    this.#version = row.version;
  }
}

const leaseKey = keys.lease('pilot');

/**
 * Takes the lease, at once: there is one pilot per supervisor, so whoever held it before is dead or about to be. Its session
 * is fenced first, so that nothing it still does can be committed.
 */
export async function acquireLease(deps: LeaseDeps): Promise<Lease> {
  const { catalog, clock, session } = deps;
  for (;;) {
    const row = await catalog.get(leaseKey);
    const held = row && decodeLease(row.value);
    if (held !== undefined && held.holder !== session) await fenceSession(catalog, held.holder);
    reached('lease: before it is taken');
    const epoch = (held?.epoch ?? 0) + 1;
    const lease = encodeLease({ holder: session, epoch, expiresMs: clock.wallMs() + leaseMs });
    const change = {
      checks: [[leaseKey, row?.version ?? 'absent'] as const],
      writes: [[leaseKey, lease] as const],
    };
    if ((await catalog.commit(change)) === 'conflict') continue;
    reached('lease: taken');
    const taken = await catalog.get(leaseKey);
    if (taken !== undefined && decodeLease(taken.value).epoch === epoch) return new Lease(deps, epoch, taken.version);
  }
}
