// One run: all parts of a simulation put together, and its minutes one after the other.
import { filled } from '../../base/filled.ts';
import { quantileLevels, type Rules, usualRules } from '../../placement/placement.ts';
import type { PolicyResult } from '../result.ts';
import type { Scenario, World } from '../world.ts';
import { servedReads } from './echo-sums.ts';
import type { FleetLoad } from './fleet-load.ts';
import { Foresight } from './foresight.ts';
import { Hindsight } from './hindsight.ts';
import { Judge } from './judge.ts';
import type { Policy } from './policies.ts';
import { ScoreKeeper } from './score-keeper.ts';
import { SimEchoes } from './sim-echoes.ts';
import { SimFleet } from './sim-fleet.ts';
import { SimMover } from './sim-mover.ts';
import { SimPilot } from './sim-pilot.ts';
import { SimPool } from './sim-pool.ts';
import type { Watch } from './watch.ts';

/** Reads find their partition busy, and the keeper hears of it. */
const noticedSec = 2;
const [median, q90] = [quantileLevels.indexOf(0.5), quantileLevels.indexOf(0.9)];

export class SimRun {
  readonly #scenario: Scenario;
  readonly #policy: Policy;
  readonly #fleet: SimFleet;
  readonly #mover: SimMover;
  readonly #pool: SimPool;
  readonly #echoes: SimEchoes | undefined;
  readonly #seer: Foresight | Hindsight | undefined;
  readonly #judge: Judge;
  readonly #pilot: SimPilot;
  readonly #score: ScoreKeeper;
  readonly #watch: Watch;

  constructor(world: World, policy: Policy, load: FleetLoad, watch: Watch) {
    const { scenario } = world;
    const fleet = new SimFleet(scenario, load);
    const allBytes = load.areas.reduce((sum, { bytes }) => sum + bytes, 0);
    const bytesPerMinute = load.areaBytes / scenario.move.minutes;
    const budgetBytes = scenario.echo.budgetShare * allBytes;
    const echoes =
      policy.echoes === 'none' ? undefined : new SimEchoes(fleet, { count: scenario.echo.count, budgetBytes });
    const mover = new SimMover(fleet, {
      bytesPerMinute,
      loadShare: scenario.move.loadShare,
      perSource: scenario.move.perSource,
      inFlightBytesMax: scenario.move.inFlightShare * allBytes,
      onSwitched: (area, groups) => echoes?.moved(area, groups),
      echoedAt: (area, group, place) => echoes?.heldAt(area, group, place) ?? 0,
    });
    const pool = new SimPool(scenario, fleet);
    const judge = new Judge(fleet, scenario.forecast.aheadMinutes.at(-1)!);
    const rules = rulesOf(scenario, policy, bytesPerMinute / 60);
    this.#scenario = scenario;
    this.#policy = policy;
    this.#fleet = fleet;
    this.#mover = mover;
    this.#pool = pool;
    this.#echoes = echoes;
    this.#judge = judge;
    this.#watch = watch;
    this.#seer = seerOf(world, policy, fleet);
    this.#pilot = new SimPilot({ scenario, policy, rules, fleet, mover, pool, echoes, judge, watch });
    this.#score = new ScoreKeeper(fleet);
  }

  all(): Omit<PolicyResult, 'policy' | 'seed' | 'wallMs'> {
    for (let minute = 0; minute < this.#fleet.load.minutes; minute++) this.#minute(minute);
    return {
      ...this.#score.result(),
      bytesMoved: this.#mover.bytesMoved,
      bytesByCause: this.#mover.bytesByCause,
      moves: this.#judge.counts,
      echo: { bytes: this.#echoes?.bytesMax ?? 0, fills: this.#echoes?.fills ?? 0 },
      journalDigest: this.#pilot.digest(),
    };
  }

  #minute(minute: number): void {
    const fleet = this.#fleet;
    this.#pool.advance(minute);
    this.#mover.advance(minute);
    fleet.advance(minute);
    const work = this.#mover.work();
    this.#echoes?.tidy(minute);
    const served = this.#serve(minute, work.reads);
    const count = fleet.partitions.length;
    const asked = filled(count, (place) => fleet.reads[place]! + work.reads[place]!);
    const writes = filled(count, (place) => fleet.writes[place]! + work.writes[place]!);
    this.#judge.look(minute, asked, writes);
    if (minute >= fleet.load.fromMinute) this.#score.count(served, writes);
    this.#show(minute, served);
    if (this.#policy.moves && minute % this.#scenario.tickMinutes === 0)
      this.#pilot.tick(minute, this.#seer?.at(minute));
  }

  /** What finds its partition busy makes echoes within seconds: the rest of the minute is theirs. */
  #serve(minute: number, own: readonly number[]): number[] {
    const fleet = this.#fleet;
    const links = this.#echoes?.sums.links() ?? [];
    const served = servedReads(fleet, links, own);
    if (this.#echoes?.relieve(minute, served) !== true) return served;
    const more = this.#echoes.sums.links();
    const late = Math.min(1, (noticedSec + this.#scenario.echo.fillSeconds) / 60);
    const relieved = servedReads(fleet, more, own);
    return filled(relieved.length, (place) => late * served[place]! + (1 - late) * relieved[place]!);
  }

  #show(minute: number, served: readonly number[]): void {
    const { minute: tell } = this.#watch;
    if (tell === undefined) return;
    const fleet = this.#fleet;
    const prediction = this.#seer?.at(minute);
    fleet.partitions.forEach(({ id, capacity }, place) => {
      const row = prediction?.partitions.get(id)?.readOps?.at(-1);
      const [reads, writes] = [fleet.reads[place]!, fleet.writes[place]!];
      const quantiles = row === undefined ? {} : { q50: row[median]!, q90: row[q90]! };
      tell({ minute, partition: id, reads, writes, servedReads: served[place]!, capacity, ...quantiles });
    });
  }
}

function rulesOf({ move, tickMinutes }: Scenario, { remedies, thresholds }: Policy, moveBytesPerSec: number): Rules {
  const bounds = { movesOutMax: move.perSource, inFlightShareMax: move.inFlightShare, inFlightBytesMin: 0 };
  const horizonSec = Math.max(900, 2 * move.minutes * 60);
  const tickSec = tickMinutes * 60;
  return { ...usualRules, ...bounds, horizonSec, moveBytesPerSec, tickSec, remedies, ...thresholds };
}

function seerOf(world: World, { sees, knowsJobs }: Policy, fleet: SimFleet): Foresight | Hindsight | undefined {
  if (sees === 'nothing') return undefined;
  if (sees === 'truth') return new Hindsight(world, fleet);
  return new Foresight(world, fleet, knowsJobs ? fleet.load.runs.filter(({ isDeclared }) => isDeclared) : []);
}
