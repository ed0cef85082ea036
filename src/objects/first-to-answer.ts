// The tail of reads: where the first bytes are late, the same bytes are asked for at one more place, and whoever answers first is read (Dean and
// Barroso, "The Tail at Scale", 2013).

export interface Attempt<Place> {
  readonly place: Place;
  readonly bytes: AsyncGenerator<Buffer, void>;
  readonly first: Promise<IteratorResult<Buffer, void>>;
}

/** Begins at once. */
export function attempt<Place>(place: Place, bytes: AsyncGenerator<Buffer, void>): Attempt<Place> {
  const first = bytes.next();
  first.catch(() => {}); // told to who reads it
  return { place, bytes, first };
}

/**
 * `lead`, or, when it has not answered by the time that `late` resolves, the first of it and `another` to answer. The one that is not read is let
 * go; `failed` is told when it could not be read. Where both fail it is `lead`, and says so when it is read.
 */
export async function firstToAnswer<Place>(
  lead: Attempt<Place>,
  late: (signal: AbortSignal) => Promise<void>,
  another: () => Promise<Attempt<Place> | undefined>,
  failed: (place: Place, error: unknown) => void,
): Promise<Attempt<Place>> {
  if (!(await isLate(lead, late))) return lead;
  const second = await another();
  if (second === undefined) return lead;
  const one = (each: Attempt<Place>) => each.first.then(() => each);
  const won = await Promise.any([one(lead), one(second)]).catch(() => undefined);
  const lost = won === second ? lead : second;
  lost.first.catch((error: unknown) => failed(lost.place, error)).catch(() => {});
  // Not waited for: it ends when its answer comes.
  lost.bytes.return().catch(() => {});
  return won ?? lead;
}

async function isLate<Place>(lead: Attempt<Place>, late: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const stop = new AbortController();
  const answered = lead.first.then(
    () => false,
    () => false,
  );
  const over = late(stop.signal).then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answered, over]);
  } finally {
    stop.abort();
  }
}
