// One process's whole share of the storage: its session, the block store, the redo log, the catalog that its stories commit to
// and the heartbeat. Every worker opens one; so does the pilot.
import type { Clock } from '../base/clock.ts';
import { reached } from '../base/crash-points.ts';
import { isFault } from '../base/fault.ts';
import type { Random } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { DemandRecorder } from '../telemetry/telemetry.ts';
import type { Copies } from './copies.ts';
import { startHeartbeat } from './heartbeat.ts';
import { LoggedCatalog } from './logged-catalog.ts';
import { type OpenBlockStore, openBlockStore } from './open-block-store.ts';
import { PackLedger } from './pack-ledger.ts';
import { RedoLog, type RedoStatus } from './redo-log.ts';
import { currentRun } from './runs.ts';
import { isOnline, type SeatMap } from './seats.ts';
import { fenceSession, openSession, type Session } from './session.ts';
import type { SharedReads } from './shared-reads.ts';

export interface StorageDeps {
  readonly catalog: Catalog;
  readonly partitions: SeatMap;
  readonly clock: Clock;
  readonly random: Random;
  readonly pid: number;
  readonly bytesInFlightMax?: number;
  readonly reserveBytes?: number;
  /** Told of what clients want; absent where nobody serves clients. */
  readonly demand?: DemandRecorder;
  readonly copies?: Pick<Copies, 'inTurn' | 'hedge' | 'replica'>;
  readonly shared?: SharedReads;
  /** The session was fenced or the catalog failed: this process can do no more good and must exit. */
  readonly onFailed: (error: unknown) => void;
}

export interface Storage {
  readonly session: Session;
  /** What stories read from and commit to. Closing it closes the catalog below. */
  readonly catalog: Catalog;
  readonly blocks: OpenBlockStore;
  readonly ledger: PackLedger;
  readonly run: number;
  redoStatus(): RedoStatus;
  /** After the last request: seals packs, flushes the log, ends the session. The catalog stays open. */
  close(): Promise<void>;
}

export async function openStorage(deps: StorageDeps): Promise<Storage> {
  const { catalog, clock, random, partitions, onFailed } = deps;
  const session = await openSession(catalog, deps);
  const ledger = new PackLedger({ catalog, session, clock, random });
  const run = await currentRun(catalog);
  const redo = new RedoLog({ partitions, ledger, clock, random, run });
  const logged: Catalog = new LoggedCatalog(catalog, {
    session,
    stamp: () => redo.stamp(),
    onCommitted: (change, stamp) => redo.committed(change, stamp),
    onFailed,
  });
  const blocks = openBlockStore({ ...deps, catalog: logged, session, ledger });
  const { oldestReadMs } = blocks;
  const onBeat = (): void => {
    blocks.tidy();
    redo.tidy();
    for (const id of ledger.waitingFor()) {
      const seat = partitions.get(id);
      if (seat !== undefined && !isOnline(seat)) ledger.handBack(id).catch(() => {}); // tried again with the next beat
    }
  };
  const heartbeat = startHeartbeat({ catalog, session, clock, oldestReadMs, onBeat }, onFailed);
  return {
    session,
    catalog: logged,
    blocks,
    ledger,
    run,
    redoStatus: () => redo.status(),
    async close() {
      await heartbeat.stop();
      await blocks.close();
      await redo.close();
      await ledger.close().catch((error) => {
        if (!isFault(error, 'session-fenced')) throw error; // the rows are the collector's by then
      });
      reached('session: before its own end');
      await fenceSession(catalog, session.id);
    },
  };
}
