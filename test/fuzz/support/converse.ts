// Says bytes on a connection of its own, in pieces, and hears everything that comes back until the server closes. What no honest client
// would do is told apart from what no server may do: keeping silent.
import { setTimeout as sleep } from 'node:timers/promises';
import { type RawAnswer, RawClient } from '../../unit/gateway/raw-client.ts';

export interface Heard {
  /** Final ones, in order. */
  readonly answers: readonly RawAnswer[];
  /** Behind the last whole answer. */
  readonly rest: string;
  /** The server neither closed nor answered within `hangMs` after the sender had finished. */
  readonly hung: boolean;
}

export interface Saying {
  /** In order, so that an answer to HEAD is known to have no body. */
  readonly methods: readonly string[];
  /** So many answers are waited for before the sender closes its half; unknown: until it is quiet. */
  readonly answers?: number;
}

const hangMs = 5_000;
const quietMs = 150;
const moreMs = 25;

export async function converse(port: number, pieces: readonly Buffer[], saying: Saying): Promise<Heard> {
  const client = await RawClient.open(port);
  client.socket.setNoDelay(true);
  const answers: RawAnswer[] = [];
  let heardOne: () => void = () => undefined;
  let closed = false;
  const hearing = (async () => {
    for (;;) {
      const answer = await client.answer(saying.methods[answers.length] ?? 'GET');
      if (answer.status >= 200) answers.push(answer);
      heardOne();
    }
  })().catch(() => {
    closed = true;
    heardOne();
  });
  const next = (withinMs: number): Promise<unknown> => {
    const patience = new AbortController();
    const heard = new Promise<void>((done) => {
      heardOne = done;
    });
    return Promise.race([
      heard,
      sleep(withinMs, undefined, { signal: patience.signal }).catch(() => undefined),
    ]).finally(() => patience.abort());
  };

  try {
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) await sleep(1);
      client.send(piece);
    }
    if (saying.answers !== undefined) {
      const deadline = Date.now() + hangMs;
      while (!closed && answers.length < saying.answers && Date.now() < deadline) await next(deadline - Date.now());
      // One too many would follow at once.
      if (!closed) await next(moreMs);
    } else {
      for (let before = -1; !closed && answers.length !== before; ) {
        before = answers.length;
        await next(before === 0 ? quietMs : moreMs);
      }
    }
    client.socket.end();
    const deadline = Date.now() + hangMs;
    while (!closed && Date.now() < deadline) await next(deadline - Date.now());
    const hung = !closed;
    client.destroy();
    await hearing;
    return { answers, rest: client.unread, hung };
  } finally {
    client.destroy();
  }
}

/** Cut at up to `cuts` places. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places)].filter((at) => at > 0 && at < bytes.length).sort((a, b) => a - b);
  return [0, ...sorted].map((at, index) => bytes.subarray(at, sorted[index] ?? bytes.length));
}
