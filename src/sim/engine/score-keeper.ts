// What a policy came to, minute by minute of the scored days.
import type { JobRun } from './fleet-load.ts';
import { ReadLatency } from './read-latency.ts';
import type { SimFleet } from './sim-fleet.ts';

/** Above capacity by more than rounding. */
const over = 1 + 1e-9;

export class ScoreKeeper {
  readonly #fleet: SimFleet;
  readonly #latency: ReadLatency;
  #violatingMinutes = 0;
  #shortMinutes = 0;
  #excess = 0;
  #partitionMinutes = 0;
  #maxOverMean = 0;
  #minutes = 0;
  /** Runs of declared jobs that were begun, and those of them in which no partition with areas of theirs was over. */
  readonly #harmed = new Set<JobRun>();
  readonly #runs = new Set<JobRun>();

  constructor(fleet: SimFleet) {
    this.#fleet = fleet;
    this.#latency = new ReadLatency(fleet.partitions[0]!);
  }

  /** What partitions are asked in a minute after echoes, own work included. */
  count(reads: readonly number[], writes: readonly number[]): void {
    const fleet = this.#fleet;
    let most = 0;
    let sum = 0;
    let present = 0;
    for (let place = 0; place < fleet.partitions.length; place++) {
      if (fleet.partitions[place]!.duty === 'retired') continue;
      const read = part(reads[place]!, fleet.readBound(place));
      const used = Math.max(read, part(writes[place]!, fleet.writeBound(place)));
      if (used > over) {
        this.#violatingMinutes++;
        this.#excess += (used - 1) * fleet.partitions[place]!.capacity;
      }
      most = Math.max(most, used);
      sum += used;
      present++;
      this.#latency.add(reads[place]!, read);
    }
    this.#partitionMinutes += present;
    if (this.#isShort(reads, writes)) this.#shortMinutes += present;
    this.#watchJobs(reads, writes);
    this.#maxOverMean += sum > 0 ? most / (sum / present) : 1;
    this.#minutes++;
  }

  /** All of them together, whoever could take what. */
  #isShort(reads: readonly number[], writes: readonly number[]): boolean {
    const fleet = this.#fleet;
    const asked = { reads: 0, writes: 0 };
    const able = { reads: 0, writes: 0 };
    for (let place = 0; place < fleet.partitions.length; place++) {
      if (fleet.partitions[place]!.duty === 'retired') continue;
      asked.reads += reads[place]!;
      asked.writes += writes[place]!;
      able.reads += fleet.readBound(place);
      able.writes += fleet.writeBound(place);
    }
    return asked.reads > able.reads * over || asked.writes > able.writes * over;
  }

  #watchJobs(reads: readonly number[], writes: readonly number[]): void {
    const fleet = this.#fleet;
    const isOver = (place: number): boolean =>
      reads[place]! > fleet.readBound(place) * over || writes[place]! > fleet.writeBound(place) * over;
    for (const run of fleet.load.runs) {
      if (!run.isDeclared || fleet.minute < run.fromMinute || fleet.minute >= run.toMinute) continue;
      this.#runs.add(run);
      if (run.areas.some((area) => fleet.partsOf(area).some(({ place }) => isOver(place)))) this.#harmed.add(run);
    }
  }

  result() {
    return {
      jobs: { runs: this.#runs.size, unharmed: this.#runs.size - this.#harmed.size },
      violatingMinutes: this.#violatingMinutes,
      shortMinutes: this.#shortMinutes,
      excess: this.#excess,
      partitionHours: this.#partitionMinutes / 60,
      maxOverMean: this.#maxOverMean / Math.max(1, this.#minutes),
      readP50Ms: this.#latency.quantile(0.5),
      readP99Ms: this.#latency.quantile(0.99),
    };
  }
}

const part = (load: number, bound: number): number => (bound > 0 ? load / bound : 0);
