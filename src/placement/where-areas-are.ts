// The view by partition: what each holds, and which areas are at home there. Made when first asked for: most ticks ask for nothing.
import type { AreaId, PartitionId } from '../model/ids.ts';
import type { Holding, View } from './view.ts';

export class Held {
  readonly #view: View;
  #of: Map<PartitionId, Holding[]> | undefined;

  constructor(view: View) {
    this.#view = view;
  }

  get(partition: PartitionId): readonly Holding[] | undefined {
    this.#of ??= grouped(this.#view.holdings.map((holding) => [holding.partition, holding]));
    return this.#of.get(partition);
  }
}

export class Homed {
  readonly #view: View;
  #of: Map<PartitionId, AreaId[]> | undefined;

  constructor(view: View) {
    this.#view = view;
  }

  get(partition: PartitionId): readonly AreaId[] | undefined {
    this.#of ??= grouped(
      [...this.#view.areas].flatMap(([area, { homes }]) => homes.map((home) => [home.partition, area] as const)),
    );
    return this.#of.get(partition);
  }
}

function grouped<T>(pairs: readonly (readonly [PartitionId, T])[]): Map<PartitionId, T[]> {
  const of = new Map<PartitionId, T[]>();
  for (const [partition, value] of pairs) {
    const known = of.get(partition);
    if (known === undefined) of.set(partition, [value]);
    else known.push(value);
  }
  return of;
}
