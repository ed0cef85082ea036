// The moves that are under way: a few at a time, so that what they ask of partitions stays small beside what clients ask. What cannot begin now is
// refused with its reason; whoever plans thinks again at the next tick.
import { reached } from '../../base/crash-points.ts';
import { Fault, isFault } from '../../base/fault.ts';
import { MiB } from '../../base/units.ts';
import type { Change } from '../../catalog/catalog.ts';
import type { MoveRow } from '../../catalog/records/act.ts';
import type { AreaId, PartitionId } from '../../model/ids.ts';
import type { Move, UnderWay } from '../placement.ts';
import { type ActName, MoveJournal } from './move-journal.ts';
import { Mover, type MoverDeps } from './mover.ts';
import { begun, type Outcome, refused } from './outcome.ts';

export interface MoversDeps extends MoverDeps {
  /** Under the right of who leads; logged. */
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
  /** Of all moves together. One may always be under way, however large. */
  readonly bytesInFlightMax: () => Promise<number>;
  readonly nowSec: () => number;
  readonly onEnded: (end: MoveEnd) => void;
}

export interface MoveEnd extends ActName {
  readonly to: PartitionId;
  readonly bytesMoved: number;
  /** False: it could not go on. What it moved until then stays moved. */
  readonly isDone: boolean;
  readonly because: string;
}

export interface MoveProgress extends ActName {
  readonly to: PartitionId;
  readonly bytesMoved: number;
  readonly bytesLeft: number;
  readonly startedSec: number;
  readonly isPaused: boolean;
  readonly because: string;
}

const outOfOneMax = 2;

export class Movers {
  readonly #deps: MoversDeps;
  readonly #running = new Map<string, { readonly mover: Mover; readonly ended: Promise<void> }>();
  /** By name: what they are to be moved from. */
  readonly #beginning = new Map<string, PartitionId>();
  readonly #stopping = new AbortController();

  constructor(deps: MoversDeps) {
    this.#deps = deps;
  }

  async begin(step: Omit<Move, 'kind'>): Promise<Outcome> {
    const name = nameOf(step);
    const wrong = this.#wrongWith(step);
    if (wrong !== undefined) return refused(wrong);
    this.#beginning.set(name, step.from);
    try {
      const { area, from, to, bytes } = step;
      const late = (await this.#noRoomFor(to)) ?? (await this.#tooMuch(bytes)) ?? (await this.#noSuch(area));
      if (late !== undefined) return refused(late);
      const { readShare, isWhole, because } = step;
      const startedSec = Math.floor(this.#deps.nowSec());
      const wanted = Math.ceil(bytes);
      const row: MoveRow = {
        kind: 'move',
        ...{ to, bytes: wanted, bytesMoved: 0, readShare, isWhole, startedSec, because: because.text },
      };
      const journal = new MoveJournal(this.#deps.commit, { area, from }, row);
      await journal.write();
      reached('move: journalled');
      this.#run(journal);
      return begun(`${isWhole ? 'all' : mib(bytes)} of ${area} moves from ${from} to ${to}`);
    } finally {
      this.#beginning.delete(name);
    }
  }

  /** What stands in the journal was within the bounds when it began. */
  resume(name: ActName, row: MoveRow): void {
    if (!this.#running.has(nameOf(name))) this.#run(new MoveJournal(this.#deps.commit, name, row));
  }

  underWay(): readonly UnderWay[] {
    return this.#movers.map(({ journal, bytesLeft, readShareLeft }) => ({
      kind: 'move',
      ...{ ...journal.name, to: journal.row.to, bytesLeft, readShareLeft },
    }));
  }

  progress(): readonly MoveProgress[] {
    const isPaused = this.#deps.isPaused();
    return this.#movers.map(({ journal, bytesLeft }) => {
      const { to, bytesMoved, startedSec, because } = journal.row;
      return { ...journal.name, to, bytesMoved, bytesLeft, startedSec, isPaused, because };
    });
  }

  isMoved(area: AreaId): boolean {
    return this.#movers.some(({ journal }) => journal.name.area === area);
  }

  /** When those that run now have ended, whatever became of them. */
  async settled(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** Their rows stay: whoever leads next goes on with them. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.settled();
  }

  get #movers(): readonly Mover[] {
    return [...this.#running.values()].map(({ mover }) => mover);
  }

  #wrongWith(step: Omit<Move, 'kind'>): string | undefined {
    const { area, from, to, bytes, isWhole, startInSec } = step;
    const { partitions } = this.#deps;
    if (this.#stopping.signal.aborted) return 'the pilot is stopping';
    if (startInSec > 0) return `it is to start in ${Math.ceil(startInSec)} s, not now`;
    if (from === to) return `source and target are both ${from}`;
    if (!(bytes >= 0 && Number.isFinite(bytes)) || (bytes === 0 && !isWhole)) return `${bytes} bytes cannot be moved`;
    for (const id of [from, to]) if (!partitions.has(id)) return `there is no partition ${id}`;
    if (partitions.get(to)?.online?.() === false) return `${to} takes no new blocks`;
    for (const id of [from, to]) if (partitions.get(id)?.health?.state === 'down') return `${id} is down`;
    if (this.#beginning.has(nameOf(step)) || this.#running.has(nameOf(step)))
      return `${area} is on its way out of ${from} already`;
    if (this.#running.has(nameOf({ area, from: to }))) return `${area} is on its way out of ${to}: it would come back`;
    const sources = [...this.#movers.map(({ journal }) => journal.name.from), ...this.#beginning.values()];
    const out = sources.filter((id) => id === from).length;
    if (out >= outOfOneMax) return `${out} moves out of ${from} are under way`;
    return undefined;
  }

  async #noRoomFor(to: PartitionId): Promise<string | undefined> {
    return (await this.#deps.roomy()).includes(to) ? undefined : `${to} has no room`;
  }

  async #tooMuch(bytes: number): Promise<string | undefined> {
    if (this.#running.size === 0) return undefined;
    const inFlight = this.#movers.reduce((sum, { bytesLeft }) => sum + bytesLeft, 0);
    const bytesMax = await this.#deps.bytesInFlightMax();
    return inFlight + bytes <= bytesMax
      ? undefined
      : `${mib(inFlight)} are under way, and ${mib(bytesMax)} may be at once`;
  }

  async #noSuch(area: AreaId): Promise<string | undefined> {
    return (await this.#deps.areas.find(area)) === undefined ? `there is no area ${area}` : undefined;
  }

  #run(journal: MoveJournal): void {
    const mover = new Mover(this.#deps, journal, this.#stopping.signal);
    const name = nameOf(journal.name);
    const ended = this.#end(mover).finally(() => this.#running.delete(name));
    this.#running.set(name, { mover, ended });
  }

  /** Never rejects. */
  async #end(mover: Mover): Promise<void> {
    const { journal } = mover;
    const end = (isDone: boolean, because: string): void => {
      const { to, bytesMoved } = journal.row;
      this.#deps.onEnded({ ...journal.name, to, bytesMoved, isDone, because });
    };
    try {
      const said = await mover.run();
      reached('move: before its end');
      await journal.remove();
      end(true, said);
    } catch (error) {
      // Whoever leads next goes on with it.
      if (this.#stopping.signal.aborted || isFault(error, 'session-fenced')) return;
      await journal.remove().catch(() => {}); // else it goes on after the next start
      end(false, reasonOf(error));
    }
  }
}

const mib = (bytes: number): string => `${(bytes / MiB).toFixed(1)} MiB`;
const nameOf = ({ area, from }: ActName): string => `${from} ${area}`;

function reasonOf(error: unknown): string {
  if (!(error instanceof Fault)) return (error as Error).message;
  const { fault } = error as Fault;
  switch (fault.kind) {
    case 'partition-full':
      return `${fault.partition} has no room`;
    case 'partition-down':
      return `${fault.partition} is down: ${fault.message}`;
    case 'partition-busy':
      return `${fault.partition} is busy, and stays so`;
    default:
      return error.message;
  }
}
