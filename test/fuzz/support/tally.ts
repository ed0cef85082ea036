// Counts what a fuzzer did and keeps the first of each kind of failure with the bytes that made it.

export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #failures = new Map<string, { count: number; first: string }>();

  add(what: string, by = 1): void {
    this.#counts.set(what, this.of(what) + by);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** `kind` is what went wrong, `detail` the one case. */
  fail(kind: string, detail: string): void {
    const known = this.#failures.get(kind);
    if (known) known.count += 1;
    else this.#failures.set(kind, { count: 1, first: detail.slice(0, 1_500) });
  }

  failed(kind: string): number {
    return this.#failures.get(kind)?.count ?? 0;
  }

  get broken(): string[] {
    return [...this.#failures].map(([kind, { count, first }]) => `${kind}: ${count}, the first: ${first}`);
  }

  /** Of a group such as `status `, most frequent first: `403 1,200 · 400 800`. */
  listed(prefix: string, most = 12): string {
    return [...this.#counts]
      .filter(([name]) => name.startsWith(prefix))
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, count]) => `${name.slice(prefix.length)} ${count.toLocaleString('en')}`)
      .join(' · ');
  }
}

/** Runs `work` on so many lanes until `count` turns are taken; says how far it is every ten seconds. */
export async function inLanes(
  lanes: number,
  count: number,
  work: (turn: number, lane: number) => Promise<void>,
  say: (line: string) => void,
): Promise<void> {
  let next = 0;
  const timer = setInterval(() => say(`${next} of ${count}`), 10_000);
  try {
    await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        while (next < count) await work(next++, lane);
      }),
    );
  } finally {
    clearInterval(timer);
  }
}

export const ofMany = (some: number, all: number): string =>
  `${some.toLocaleString('en')} of ${all.toLocaleString('en')}`;
