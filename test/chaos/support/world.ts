// The built server with everything it keeps in one folder, for trials that end its processes: started as a user would, told apart by
// process id, and asked over the admin API what it left behind.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../support/ports.ts';
import { type RunningServer, startServer } from '../../support/server.ts';

export interface WorldOptions {
  /** Empty; the data directory is made in it. */
  readonly dir: string;
  /** Default: `dir`/data. */
  readonly data?: string;
  readonly workers?: number;
  /** Directory partitions p1 …, each a failure domain of its own. */
  readonly partitions?: number;
  /** Lines added to the configuration file, e.g. `limits: { spaceReserve: 16MiB }`. */
  readonly config?: readonly string[];
  /** For all processes of the server; names with ECHOGATE_ or AWS_ reach the supervisor alone. */
  readonly env?: NodeJS.ProcessEnv;
  readonly readyMsMax?: number;
}

export interface Status {
  readonly pid: number;
  readonly workers: readonly { readonly name: string; readonly pid: number }[];
  readonly pilot?: { readonly pid: number };
  /** A process stands by for whichever worker ends next. */
  readonly standby: boolean;
  readonly restarts: { readonly workers: number; readonly pilot: number };
}

export interface PartitionCensus {
  readonly packs: number;
  readonly packBytes: number;
  readonly liveBytes: number;
  readonly orphanPacks: number;
  readonly missingPacks: number;
}

/** As the server counts it (src/upkeep/census.ts). */
export interface Census {
  readonly partitions: Readonly<Record<string, PartitionCensus>>;
  readonly deltas: number;
  readonly dropped: number;
  readonly deadPacks: number;
  readonly abandonedPacks: number;
  readonly fencedSessions: number;
  readonly acts: number;
}

export interface World {
  readonly endpoint: string;
  readonly adminUrl: string;
  readonly port: number;
  /** The data directory: catalog in `catalog`, partitions p1 … beside it. */
  readonly data: string;
  readonly keys: { readonly accessKey: string; readonly secretKey: string };
  /** Asked of the server; rejects while nobody answers. */
  status(): Promise<Status>;
  /** Waits until the pilot and all workers are ready. */
  allServe(): Promise<Status>;
  supervisorPid(): number;
  /** False: it had gone already. */
  kill(pid: number, signal?: NodeJS.Signals): boolean;
  /** Starts it; rejects while it runs. Resolves with the time from start to ready. */
  start(): Promise<number>;
  /** After the supervisor ended or was killed: waits for its end, then starts anew. */
  restart(): Promise<number>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  call(verb: string, path: string): Promise<unknown>;
  census(): Promise<Census>;
  /** As Prometheus reads them. */
  metrics(): Promise<string>;
  /**
   * Waits until nothing is left behind any more: until there was none of each kind once, for new ones come and go (a checkpoint ends the one
   * before it). `drops`: also what lost its last reference, which takes half a minute, since reads may still be running. Resolves with what is
   * still there after `msMax`: nothing when all is well.
   */
  settled(options?: { drops?: boolean; msMax?: number }): Promise<readonly string[]>;
  /** Both streams of all starts, the newest end. */
  output(): string;
}

const keys = { accessKey: 'CHAOSTRIALKEY0000001', secretKey: 'chaos-trial-secret-key-000000000000001' };

/** Started and ready. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { dir, workers = 3, partitions = 2 } = options;
  const data = options.data ?? join(dir, 'data');
  const [port = 0, adminPort = 0] = await freePorts(2);
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const file = join(dir, 'echogate.yaml');
  mkdirSync(dir, { recursive: true });
  writeFileSync(
    file,
    [
      `listen: 127.0.0.1:${port}`,
      `admin: 127.0.0.1:${adminPort}`,
      `data: ${data}`,
      `workers: ${workers}`,
      'users:',
      `  - { name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }`,
      'partitions:',
      ...Array.from(
        { length: partitions },
        (_, at) => `  - { id: p${at + 1}, directory: ${join(data, `p${at + 1}`)}, failureDomain: domain${at + 1} }`,
      ),
      ...(options.config ?? []),
      '',
    ].join('\n'),
  );

  let server: RunningServer | undefined;
  let earlier = '';
  const hasEnded = ({ process: { exitCode, signalCode } }: RunningServer): boolean =>
    exitCode !== null || signalCode !== null;

  const start = async (): Promise<number> => {
    if (server !== undefined && !hasEnded(server)) throw new Error('the server runs already');
    if (server !== undefined) earlier = (earlier + server.output()).slice(-4_000_000);
    const startedMs = performance.now();
    server = await startServer({
      args: ['serve', '--config', file],
      adminUrl,
      env: { ...withoutOurs, ...options.env },
      readyMsMax: options.readyMsMax ?? 60_000,
      lookEveryMs: 10,
    });
    return performance.now() - startedMs;
  };

  const ask = async (verb: string, path: string): Promise<Response> => {
    const token = readFileSync(join(data, 'admin-token'), 'utf8').trim();
    const answer = await fetch(`${adminUrl}${path}`, {
      method: verb,
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(35_000),
    });
    if (answer.status !== 200) throw new Error(`${verb} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const call = async (verb: string, path: string): Promise<unknown> => await (await ask(verb, path)).json();
  const census = async (): Promise<Census> => (await call('GET', '/v1/census')) as Census;

  const status = async (): Promise<Status> => (await call('GET', '/v1/status')) as Status;

  await start();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    adminUrl,
    port,
    data,
    keys,
    status,
    async allServe() {
      let now: Status | undefined;
      await untilTrue(
        async () => {
          now = await status();
          return now.workers.length === workers && now.pilot !== undefined;
        },
        'all processes',
        90_000,
      );
      return now!;
    },
    supervisorPid: () => server!.process.pid!,
    kill(pid, signal = 'SIGKILL') {
      try {
        return process.kill(pid, signal);
      } catch {
        return false;
      }
    },
    start,
    async restart() {
      await untilTrue(() => hasEnded(server!), 'the end of the supervisor', 30_000);
      return await start();
    },
    stop: async () => (server === undefined ? null : await server.stop()),
    call,
    census,
    metrics: async () => await (await ask('GET', '/metrics')).text(),
    async settled({ drops = true, msMax = 120_000 } = {}) {
      const deadlineMs = Date.now() + msMax;
      let left: readonly Leftover[] | undefined;
      for (;;) {
        const found = leftovers(await census(), drops);
        left = found.filter(({ what }) => left === undefined || left.some((before) => before.what === what));
        if (left.length === 0 || Date.now() > deadlineMs) return left.map(shown);
        await sleep(500);
      }
    },
    output: () => earlier + (server?.output() ?? ''),
  };
}

export const leftBehind = (census: Census, drops = true): readonly string[] => leftovers(census, drops).map(shown);

interface Leftover {
  readonly what: string;
  readonly count: number;
}

const shown = ({ what, count }: Leftover): string => `${count} ${what}`;

function leftovers(census: Census, drops: boolean): readonly Leftover[] {
  const { dropped, deadPacks, deltas, abandonedPacks, fencedSessions, acts } = census;
  const counts: Record<string, number> = {
    'packs reserved by ended sessions': abandonedPacks,
    'sessions that ended': fencedSessions,
    'moves and divisions that nobody ends': acts,
    ...(drops ? { 'dropped manifests': dropped, 'dead packs': deadPacks, 'deltas not folded': deltas } : {}),
  };
  for (const [id, { orphanPacks, missingPacks }] of Object.entries(census.partitions)) {
    counts[`packs on ${id} that the catalog does not know`] = orphanPacks;
    counts[`packs missing on ${id}`] = missingPacks;
  }
  return Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [] : [{ what, count }]));
}

/** What the machine's own environment must not decide. */
const withoutOurs: NodeJS.ProcessEnv = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(ECHOGATE|AWS)_/.test(name))
    .map((name) => [name, undefined]),
);

/** Asks until it is so; a rejection is a no. */
export async function untilTrue(ask: () => boolean | Promise<boolean>, what: string, msMax = 20_000): Promise<void> {
  const deadlineMs = Date.now() + msMax;
  for (;;) {
    if (
      await Promise.resolve()
        .then(ask)
        .catch(() => false)
    )
      return;
    if (Date.now() > deadlineMs) throw new Error(`waited in vain: ${what}`);
    await sleep(10);
  }
}

/** Also true for a stopped one; false for one that ended and waits to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
