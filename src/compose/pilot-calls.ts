// What the admin API asks of the pilot's planning: what it would do, to do it, to be still, and what it did.
import { gzipSync } from 'node:zlib';
import { type Decision, type Pilot, PlanRefused } from '../pilot/pilot.ts';
import { Refusal } from './refusal.ts';

type Params = Readonly<Record<string, unknown>>;

const decisionsMax = 1000;
const decisionsUsually = 50;

export async function answerPilot(pilot: Pilot, method: string, params: Params): Promise<object> {
  const { planning } = pilot;
  try {
    switch (method) {
      case 'map.area':
        return await shownArea(pilot, params);
      case 'pilot.status':
        return await shownStatus(pilot);
      case 'pilot.pause':
      case 'pilot.resume':
        await planning.pause(method === 'pilot.pause');
        return await shownStatus(pilot);
      case 'plans.make':
        return await shownPlan(pilot, params.rebalance === true ? 'rebalance' : 'asked');
      case 'plans.apply':
        return await withNames(pilot, await planning.apply(idOf(params)));
      case 'journal.list': {
        const decisions = await planning.journal(countOf(params));
        return { decisions, ...(await named(pilot, decisions)) };
      }
      case 'journal.show':
        return await shownDecision(pilot, params);
      default:
        throw new Refusal('not-found', `the pilot has no call ${method}`);
    }
  } catch (error) {
    if (error instanceof PlanRefused) throw new Refusal('conflict', error.message);
    throw error;
  }
}

async function shownStatus(pilot: Pilot): Promise<object> {
  const status = await pilot.planning.status();
  const moved = new Set(status.underWay.flatMap((each) => (each.kind === 'move' ? [each.area] : [])));
  return { ...status, areas: Object.fromEntries(await pilot.areaNames(moved)) };
}

async function shownArea(pilot: Pilot, { area }: Params): Promise<object> {
  if (typeof area !== 'string' || area === '') throw new Refusal('bad-request', 'area is required');
  const found = await pilot.area(area);
  if (typeof found === 'string') throw new Refusal('not-found', found);
  return found;
}

async function shownPlan(pilot: Pilot, cause: 'asked' | 'rebalance'): Promise<object> {
  const plan = await pilot.planning.plan(cause);
  const { forecast, because } = pilot.forecasting();
  return {
    ...plan,
    ...(await named(pilot, [plan.decision])),
    status: await pilot.planning.status(),
    forecast: { isThere: forecast !== undefined, because },
  };
}

/** Ids of areas say nothing to people. */
async function named(pilot: Pilot, decisions: readonly Decision[]): Promise<{ readonly areas: object }> {
  const areas = decisions.flatMap(({ steps, refusals }) => [
    ...steps.flatMap((step) => ('area' in step ? [step.area] : [])),
    ...refusals.flatMap(({ area }) => area ?? []),
  ]);
  return { areas: Object.fromEntries(await pilot.areaNames(new Set(areas))) };
}

const withNames = async (pilot: Pilot, decision: Decision) => ({ decision, ...(await named(pilot, [decision])) });

async function shownDecision(pilot: Pilot, params: Params): Promise<object> {
  const { planning } = pilot;
  const id = idOf(params);
  const decision = await planning.decision(id);
  if (decision === undefined) throw new Refusal('not-found', `there is no decision ${id}`);
  const input = params.input === undefined ? undefined : await planning.inputOf(id);
  return {
    ...(await withNames(pilot, decision)),
    ...(input !== undefined && { input: gzipSync(input).toString('base64') }),
  };
}

function idOf({ id }: Params): number {
  if (typeof id === 'string' && /^\d{1,15}$/.test(id)) return Number(id);
  throw new Refusal('bad-request', `a plan is named by its number, not ${String(id)}`);
}

function countOf({ limit }: Params): number {
  if (limit === undefined) return decisionsUsually;
  const count = typeof limit === 'string' && /^\d{1,6}$/.test(limit) ? Number(limit) : Number.NaN;
  if (count >= 1 && count <= decisionsMax) return count;
  throw new Refusal('bad-request', `limit must be a whole number between 1 and ${decisionsMax}`);
}
