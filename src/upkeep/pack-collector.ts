// The end of packs. A sealed pack without live bytes becomes DEAD, is removed from its partition once no running read can be
// inside it, and then its row goes. Packs that a fenced session left half-written are sealed as they are, or die.
//
// Why a total of zero can be trusted: a pack is marked sealed only after every commit that could add to it is over, and a
// fenced session cannot commit. So a pass of the folder that begins after the pack was seen sealed (or its session fenced)
// has seen every addition, and what it has not seen are only removals.
import { reached } from '../base/crash-points.ts';
import { isFault } from '../base/fault.ts';
import type { Catalog, Row } from '../catalog/catalog.ts';
import { idOf, keys, tag } from '../catalog/keys.ts';
import { decodePack, encodePack, type PackRow } from '../catalog/records/pack.ts';
import type { PackId, PartitionId, SessionId } from '../model/ids.ts';
import { type KnownSession, listSessions } from '../objects/sessions.ts';
import { eachApart } from './each-apart.ts';
import { type Folder, readUsage } from './folder.ts';
import { oldestReadMs } from './oldest-read.ts';
import type { Doer, UpkeepDeps } from './upkeep-deps.ts';
import { RollingWalk } from './walk-rows.ts';

const packsPerTick = 1000;
const commitPacks = 300;
/** Their live bytes are known; logs and checkpoints live by other rules. */
const isCounted = (holds: PackRow['holds']): boolean => holds === 'blocks' || holds === 'echo';
const firstByte = { start: 0, end: 1 };

interface SeenPack {
  readonly id: PackId;
  readonly row: Row;
  readonly pack: PackRow;
}

export class PackCollector implements Doer {
  readonly name = 'pack-collector';
  readonly everyMs = 1000;
  readonly #deps: UpkeepDeps;
  readonly #catalog: Catalog;
  readonly #folder: Folder;
  readonly #walk: RollingWalk;
  /** Fenced when the running round began, and whether it found packs that they left behind. */
  #leaving = new Map<SessionId, { found: boolean }>();

  constructor(deps: UpkeepDeps, folder: Folder) {
    this.#deps = deps;
    this.#catalog = deps.storage.catalog;
    this.#folder = folder;
    this.#walk = new RollingWalk(this.#catalog, tag.pack);
  }

  async tick(): Promise<void> {
    // Packs before sessions: whoever reserved a pack that is seen here had its session by then.
    const { rows, wrapped } = await this.#walk.page(packsPerTick);
    const sessions = await listSessions(this.#catalog);
    const live = new Set(sessions.filter(({ state }) => state === 'live').map(({ id }) => id));
    const seen = rows.map((row): SeenPack => ({ id: idOf(row.key), row, pack: decodePack(row.value) }));

    const ended: SeenPack[] = [];
    for (const one of seen) {
      const { state, session, holds } = one.pack;
      const left = state === 'reserved' && !live.has(session);
      const leaving = this.#leaving.get(session);
      if (left && leaving !== undefined) leaving.found = true;
      if (left || (state === 'sealed' && isCounted(holds) && (await this.#liveBytes(one.id)) <= 0)) ended.push(one);
    }
    if (ended.length > 0) {
      await this.#folder.tick();
      await this.#judge(ended);
    }
    if (wrapped) await this.#forgetSessions(sessions);
    await this.#remove(seen);
  }

  async #liveBytes(pack: PackId): Promise<number> {
    return (await readUsage(this.#catalog, keys.usage('pack', pack))).bytes;
  }

  /** Every addition to these packs is folded by now. */
  async #judge(ended: readonly SeenPack[]): Promise<void> {
    const changedMs = this.#deps.clock.steadyMs();
    const judged: { one: SeenPack; next: PackRow }[] = [];
    for (const one of ended) {
      const { pack } = one;
      const bytes = await this.#liveBytes(one.id);
      // Logs stay until a checkpoint covers them; what a crash cut off has no known size.
      const dies = isCounted(pack.holds) ? bytes === 0 : pack.state === 'reserved' && (await this.#isMissing(one));
      if (dies) judged.push({ one, next: { ...pack, state: 'dead', changedMs } });
      else if (pack.state === 'reserved') judged.push({ one, next: { ...pack, state: 'sealed', changedMs } });
    }
    for (let at = 0; at < judged.length; at += commitPacks) {
      const some = judged.slice(at, at + commitPacks);
      reached('packs: before some die');
      await this.#deps.control.commit({
        checks: some.map(({ one }) => [one.row.key, one.row.version]),
        writes: some.map(({ one, next }) => [one.row.key, encodePack(next)]),
      });
      reached('packs: some died');
    }
  }

  /** Reserved, and its session ended before the first byte: sealed, it would look lost. */
  async #isMissing({ id, pack }: SeenPack): Promise<boolean> {
    try {
      for await (const _ of this.#deps.partitions.get(pack.partition)?.partition.read(id, [firstByte]) ?? []) break;
      return false;
    } catch (error) {
      return isFault(error, 'pack-missing'); // of what cannot be looked at nothing is said
    }
  }

  async #remove(seen: readonly SeenPack[]): Promise<void> {
    const dead = seen.filter(({ pack }) => pack.state === 'dead');
    if (dead.length === 0) return;
    const { clock, knobs, partitions, control } = this.#deps;
    const safeMs = (await oldestReadMs(this.#catalog, clock)) - knobs.readMarginMs;
    const byPartition = new Map<PartitionId, SeenPack[]>();
    for (const one of dead) {
      if (one.pack.changedMs > safeMs) continue;
      byPartition.set(one.pack.partition, [...(byPartition.get(one.pack.partition) ?? []), one]);
    }
    await eachApart(byPartition, async ([id, packs]) => {
      const partition = partitions.get(id)?.partition;
      if (partition === undefined) return; // not configured any more: its packs wait for it
      for (let at = 0; at < packs.length; at += commitPacks) {
        const some = packs.slice(at, at + commitPacks);
        reached('packs: before files go');
        await partition.remove(some.map((one) => one.id));
        reached('packs: files gone, rows not');
        await control.commit({
          checks: some.map(({ row }) => [row.key, row.version]),
          writes: some.flatMap(({ id: pack, row }) => [
            [row.key, undefined],
            [keys.usage('pack', pack), undefined],
          ]),
        });
      }
    });
  }

  /** A whole round found no pack that these fenced sessions left: nobody needs their rows. */
  async #forgetSessions(sessions: readonly KnownSession[]): Promise<void> {
    for (const [id, { found }] of this.#leaving) {
      if (found) continue;
      await this.#deps.control.commit({
        checks: [],
        writes: [
          [keys.session(id), undefined],
          [keys.heartbeat(id), undefined],
        ],
      });
      reached('packs: session forgotten');
    }
    const fenced = sessions.filter(({ id, state }) => state === 'fenced' && !this.#leaving.has(id));
    this.#leaving = new Map(fenced.map(({ id }) => [id, { found: false }]));
  }
}
