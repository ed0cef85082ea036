// Turns: stories of this process that would commit to the same rows go one after the other, so that only other processes can
// make their commits conflict. First come, first served; held only while a story decides, never while a body streams.
export interface Turns {
  /** Runs `act` while holding every name; names are taken in one order, so stories cannot wait for each other in a ring. */
  take<T>(names: readonly string[], act: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();

  async function hold<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = last.get(name);
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    last.set(name, finished);
    await before;
    try {
      return await act();
    } finally {
      if (last.get(name) === finished) last.delete(name);
      finish();
    }
  }

  return {
    take(names, act) {
      if (names.length === 1) return hold(names[0]!, act);
      const inOrder = [...new Set(names)].sort();
      return inOrder.reduceRight((inner, name) => () => hold(name, inner), act)();
    },
  };
}
