// Things by the place that their partition has in the list: what is there, and how often it changed.
export type ByPlace<T> = readonly (readonly T[] | undefined)[];

export function byPlace<T extends { readonly place: number }>(all: readonly T[]): ByPlace<T> {
  const found: T[][] = [];
  for (const each of all) {
    found[each.place] ??= [];
    found[each.place]!.push(each);
  }
  return found;
}

export class Versions {
  readonly #versions: number[] = [];

  at(place: number): number {
    return this.#versions[place] ?? 0;
  }

  raise(place: number): void {
    this.#versions[place] = this.at(place) + 1;
  }
}
