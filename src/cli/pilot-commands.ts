// What `echogate plan`, `apply`, `pause`, `resume`, `rebalance` and `moves` ask the running server, and how the answers are shown.
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision, PlanningStatus } from '../pilot/pilot.ts';
import type { Score, UnderWay } from '../placement/placement.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { type AreaNames, decisionText, scoresText, underWayText } from './plan-text.ts';
import { hint, say, sayJson } from './print.ts';
import { type AdminClient, adminClient } from './server-access.ts';

type Options = { readonly data?: string; readonly config?: string; readonly json?: boolean } & Readonly<
  Record<string, unknown>
>;

interface Made {
  readonly decision: Decision;
  readonly areas: AreaNames;
  readonly scores: readonly Score[];
  readonly status: PlanningStatus;
  readonly forecast: { readonly isThere: boolean; readonly because: string };
}

type Status = PlanningStatus & { readonly areas: AreaNames };

export async function plan(options: Options): Promise<void> {
  const made = await make(adminClient(options), {});
  if (options.json) return sayJson(made);
  if (made.scores.length > 0) say(`${scoresText(made.scores)}\n`);
  else hint('no partition has a capacity that is known well enough to plan by; give them quotas in the configuration');
  if (!made.forecast.isThere) hint(`nothing is foreseen (${made.forecast.because}): it goes by what is measured`);
  sayMade(made);
}

const make = async (client: AdminClient, what: object): Promise<Made> =>
  (await client.request('POST', '/v1/plans', what)) as unknown as Made;

function sayMade({ decision, areas, status }: Made): void {
  say(decisionText(decision, areas));
  for (const note of status.notes) hint(`note: ${note}`);
  hint(decision.steps.length === 0 ? modeText(status) : `${modeText(status)}${applyText(decision, status)}`);
}

const modeText = ({ mode, isPaused }: PlanningStatus): string =>
  `the pilot is ${isPaused ? 'paused' : 'awake'}, in mode ${mode}: ${modes[mode]}`;
const modes = {
  off: 'it plans only when asked',
  shadow: 'it only shows its plans',
  plan: 'its plans wait to be applied',
  auto: 'it carries out what its ticks plan',
} as const;
const applyText = ({ id }: Decision, { mode }: PlanningStatus): string =>
  mode === 'plan' || mode === 'auto' ? `; this one by: echogate apply ${id}` : '; pilot.mode plan or auto lets it act';

export async function apply(id: string, options: Options): Promise<void> {
  const { decision, areas } = await applied(adminClient(options), id);
  if (options.json) sayJson({ decision, areas });
  else say(decisionText(decision, areas));
  if (decision.results.every(({ outcome }) => outcome === 'refused'))
    throw new CommandError(`no step of plan ${id} could be carried out`);
}

const applied = async (client: AdminClient, id: string): Promise<Pick<Made, 'decision' | 'areas'>> =>
  (await client.request('POST', `/v1/plans/${encodeURIComponent(id)}/apply`)) as unknown as Made;

export async function pause(isPaused: boolean, options: Options): Promise<void> {
  const path = isPaused ? '/v1/pilot/pause' : '/v1/pilot/resume';
  const status = (await adminClient(options).request('POST', path)) as unknown as Status;
  if (options.json) return sayJson(status);
  say(isPaused ? 'the pilot is paused, also over restarts, until echogate resume' : modeText(status));
}

export async function rebalance(options: Options): Promise<void> {
  const client = adminClient(options);
  const made = await make(client, { rebalance: true });
  const { decision } = made;
  const isShown = options.dryRun === true || decision.steps.length === 0;
  if (options.json && isShown) return sayJson(made);
  if (!options.json) sayMade(made);
  if (isShown || (options.yes !== true && !(await isConfirmed(decision)))) return;
  const done = await applied(client, String(decision.id));
  if (options.json) sayJson(done);
  else say(decisionText(done.decision, done.areas));
}

async function isConfirmed({ steps }: Decision): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CommandError('nobody is there to confirm it', {
      exitCode: exitCodes.usage,
      next: 'Give --yes to carry it out, or --dry-run to see it only.',
    });
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asked.question(
      `carry out ${steps.length === 1 ? 'this step' : `these ${steps.length} steps`}? [y/N] `,
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asked.close();
  }
}

const drawnEveryMs = 1000;

/** On a terminal with --watch it draws until nothing is under way. */
export async function moves(options: Options): Promise<void> {
  const client = adminClient(options);
  for (let lines = 0; ; await sleep(drawnEveryMs)) {
    const status = (await client.request('GET', '/v1/pilot')) as unknown as Status;
    if (options.json) return sayJson({ underWay: status.underWay, moved: status.moved, areas: status.areas });
    const text = status.underWay.map((each) => underWayText(each, status.areas, totalOf(each, status)));
    const isDrawn = options.watch === true && process.stdout.isTTY;
    if (isDrawn && lines > 0) process.stdout.write(`\x1b[${lines}A\x1b[J`);
    say(text.length === 0 ? 'nothing is under way' : text.join('\n'));
    lines = text.length;
    if (options.watch !== true || text.length === 0) return;
  }
}

function totalOf(each: UnderWay, { moved }: Status): number | undefined {
  if (each.kind !== 'move') return undefined;
  const bytesMoved = moved.find(({ area, from }) => area === each.area && from === each.from)?.bytesMoved ?? 0;
  return each.bytesLeft + bytesMoved;
}

/** For `echogate status`; undefined where the pilot is away, or nothing is counted. */
export async function pilotStatus(client: AdminClient): Promise<PlanningStatus | undefined> {
  try {
    return (await client.request('GET', '/v1/pilot')) as unknown as Status;
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

export function pilotStatusText(status: PlanningStatus): string {
  const { lastTickSec, tookMs, underWay, notes } = status;
  const ticked =
    lastTickSec === undefined
      ? 'no tick yet'
      : `last tick ${new Date(lastTickSec * 1000).toISOString().slice(0, 19)}Z, ${Math.round(tookMs)} ms`;
  return [`${modeText(status)}; ${ticked}; ${underWay.length} under way`, ...notes].join('\n               ');
}
