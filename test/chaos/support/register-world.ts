// A server in a hurry with its upkeep, a mixed load on it, and the verdict: what both trials of linearizability have in common.
import type { TrialTools, Verdict, Volumes } from '../../support/trial.ts';
import { checkVersions } from './check-versions.ts';
import { Connection } from './connection.ts';
import { buckets, MixedLoad } from './mixed-load.ts';
import { createSigner, type Signer } from './presigned.ts';
import { startWorld, untilTrue, type World } from './world.ts';

export interface Meanwhile {
  readonly world: World;
  readonly signer: Signer;
  /** Of the operations, in [0, 1]. */
  share(): number;
  isEnough(): boolean;
}

export interface RegisterTrial {
  readonly mayLose: boolean;
  readonly env?: NodeJS.ProcessEnv;
  meanwhile(tools: Meanwhile): Promise<void>;
  /** Broken promises of its own, looked for when the load is over. */
  afterwards?(tools: Meanwhile): Promise<readonly string[]>;
  figures(): Verdict['figures'];
}

/** Everything that usually takes minutes or hours, every second or so: a run of minutes sees it all many times. */
const upkeep = {
  everyMsMax: 500,
  settledMs: 500,
  readMarginMs: 1_000,
  dropMarginMs: 20_000,
  areaBytesMin: 256 * 1024,
  areaBytesMax: 4 * 1024 * 1024,
  checkpointEveryMs: 3_000,
};
const reportEveryMs = 10_000;

export async function runRegisters(volumes: Volumes, tools: TrialTools, trial: RegisterTrial): Promise<Verdict> {
  const { operations = 0, clients = 1, keys = 1, workers = 2 } = volumes;
  const env = { ...trial.env, ECHOGATE_TRIAL: JSON.stringify({ upkeep }) };
  const world = await startWorld({ dir: tools.dir, workers, partitions: 4, env });
  try {
    await untilTrue(async () => (await world.status()).workers.length === workers, 'all workers');
    const signer = createSigner({ host: `127.0.0.1:${world.port}`, ...world.keys });
    await makeBuckets(world.port, signer);
    const { random, seed, say } = tools;
    const load = new MixedLoad({ port: world.port, signer, random, seed, clients, keys, mayLose: trial.mayLose });
    const { book, tally } = load;
    const startedMs = performance.now();
    const startedCpu = process.cpuUsage();
    const rate = (): string => `${Math.round(tally.answered / ((performance.now() - startedMs) / 1000))} per s`;
    const progress = setInterval(() => say(`${tally.answered} operations, ${rate()}`), reportEveryMs);
    const isEnough = (): boolean => tally.answered >= operations || book.broken.length >= 20;
    const meanwhile: Meanwhile = { world, signer, share: () => tally.answered / operations, isEnough };
    await Promise.all([load.run(isEnough), trial.meanwhile(meanwhile)]).finally(() => clearInterval(progress));
    const perSecond = rate();
    const cpu = process.cpuUsage(startedCpu);
    const cpuMs = (cpu.user + cpu.system) / 1000;
    const own = (await trial.afterwards?.(meanwhile)) ?? [];
    const judged = [...load.leftAlone, ...load.registers].filter(({ isBroken }) => !isBroken);
    const versions = await checkVersions(
      { port: world.port, signer },
      judged.filter((one) => one.versioned),
    );
    const plain = judged.filter((one) => one.plain).reduce((sum, { history }) => sum + history.length, 0);
    const broken = [...book.broken, ...versions.broken, ...own];
    if (tally.servers.size < workers) broken.push(`only ${tally.servers.size} of ${workers} workers answered`);
    if (tally.acrossProcesses === 0) broken.push('no read was answered by another process than the write before it');
    return {
      broken,
      figures: [
        [
          'answers',
          `${tally.answered} (${perSecond}): ${[...tally.requests].map(([kind, n]) => `${kind} ${n}`).join(', ')}`,
        ],
        ['processor time of the driver', `${(cpuMs / tally.answered).toFixed(2)} ms per answer`],
        ['judged operations on single keys', `${book.judged}`],
        ['contradictions', `${broken.length}`],
        ['clients, keys', `${clients}, ${keys}`],
        ['answers by each worker process', [...tally.servers.values()].join(', ')],
        ['reads of what another process had taken', `${tally.acrossProcesses}`],
        ['refused by their condition', `${tally.refused}`],
        ['told to try again (409, 503)', `${tally.turnedAway}`],
        [
          'changes without an answer',
          `${book.lost} (${tally.hangUps} clients hung up, ${tally.cutOff} requests were cut off)`,
        ],
        ['most operations at once on a key', `${book.mostOpen}`],
        ['operations judged a second time, by zones', `${plain}`],
        ['versions listed in order, uncovered one by one', `${versions.versions}, ${versions.uncovered}`],
        ...trial.figures(),
        ...(await upkeepFigures(world)),
      ],
    };
  } finally {
    await world.stop();
    const failures = world
      .output()
      .split('\n')
      .filter((line) => /"level":(50|60)/.test(line));
    for (const line of failures.slice(-20)) tools.say(line);
  }
}

async function makeBuckets(port: number, signer: Signer): Promise<void> {
  const connection = await Connection.open(port);
  const enabled = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  const requests = [
    { target: signer.target({ method: 'PUT', bucket: buckets.plain }), body: Buffer.alloc(0) },
    { target: signer.target({ method: 'PUT', bucket: buckets.versioned }), body: Buffer.alloc(0) },
    {
      target: signer.target({ method: 'PUT', bucket: buckets.versioned, query: [['versioning', '']] }),
      body: Buffer.from(enabled),
    },
  ];
  for (const request of requests) {
    const answer = await connection.request({ method: 'PUT', ...request });
    if (answer?.status !== 200) throw new Error(`a bucket was answered ${answer?.status} ${answer?.body}`);
  }
  connection.close();
}

/** That upkeep was at work: how many blocks it moved under the load, and how often each job ran. */
async function upkeepFigures(world: World): Promise<[string, string][]> {
  const text = await world.metrics();
  const counted = (metric: RegExp): string =>
    [...text.matchAll(metric)].map(([, label, count]) => `${label} ${Number(count).toLocaleString('en')}`).join(', ');
  return [
    [
      'blocks that compaction rewrote meanwhile',
      counted(/echogate_compacted_blocks_total\{result="([^"]+)"[^}]*\} (\d+)/g) || 'none',
    ],
    ['rounds of upkeep', counted(/echogate_upkeep_ticks\{doer="([^"]+)"[^}]*\} (\d+)/g)],
  ];
}
