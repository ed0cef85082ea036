// Which echoes go first when others are wanted more: those with the fewest reads per byte. Ranked once a minute, when somebody asks.
import type { Echoed } from './echo-sums.ts';
import type { SimFleet } from './sim-fleet.ts';

export interface RankedEcho {
  /** Its key. */
  readonly at: number;
  /** Reads per byte. */
  readonly heat: number;
}

export class ColdestEchoes {
  readonly #fleet: SimFleet;
  readonly #echoes: ReadonlyMap<number, Echoed>;
  #ranked: RankedEcho[] = [];
  #minute = -1;

  constructor(fleet: SimFleet, echoes: ReadonlyMap<number, Echoed>) {
    this.#fleet = fleet;
    this.#echoes = echoes;
  }

  /** Those that there were when a minute was first asked about, the coldest last; they are taken off as they go. */
  of(minute: number): RankedEcho[] {
    if (this.#minute === minute) return this.#ranked;
    this.#minute = minute;
    const ranked = [...this.#echoes].map(([at, echo]) => ({ at, heat: this.#heatOf(echo) }));
    this.#ranked = ranked.sort((a, b) => b.heat - a.heat || b.at - a.at);
    return this.#ranked;
  }

  #heatOf({ area, group }: Echoed): number {
    const { heat, bytes } = this.#fleet.load.areas[area]!;
    return (this.#fleet.readsOf(area) * heat.groups[group]!.reads) / (heat.groups[group]!.bytes * bytes);
  }
}
