// What the admin API asks of the pilot's planning: what it would do, to do it, to be still, and what it did.
import { gzipSync } from 'node:zlib';
import { type Pilot, PlanRefused } from '../pilot/pilot.ts';
import { Refusal } from './refusal.ts';

type Params = Readonly<Record<string, unknown>>;

const decisionsMax = 1000;
const decisionsUsually = 50;

export async function answerPilot(pilot: Pilot, method: string, params: Params): Promise<object> {
  const { planning } = pilot;
  try {
    switch (method) {
      case 'pilot.status':
        return await planning.status();
      case 'pilot.pause':
      case 'pilot.resume':
        await planning.pause(method === 'pilot.pause');
        return await planning.status();
      case 'plans.make':
        return await shownPlan(pilot, params.rebalance === true ? 'rebalance' : 'asked');
      case 'plans.apply':
        return { decision: await planning.apply(idOf(params)) };
      case 'journal.list':
        return { decisions: await planning.journal(countOf(params)) };
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

async function shownPlan({ planning, forecasting }: Pilot, cause: 'asked' | 'rebalance'): Promise<object> {
  const [plan, status] = [await planning.plan(cause), await planning.status()];
  const { forecast, because } = forecasting();
  return { ...plan, status, forecast: { isThere: forecast !== undefined, because } };
}

async function shownDecision({ planning }: Pilot, params: Params): Promise<object> {
  const id = idOf(params);
  const decision = await planning.decision(id);
  if (decision === undefined) throw new Refusal('not-found', `there is no decision ${id}`);
  const input = params.input === undefined ? undefined : await planning.inputOf(id);
  return { decision, ...(input !== undefined && { input: gzipSync(input).toString('base64') }) };
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
