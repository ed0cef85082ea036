// What the admin API does with echoes: shows what the map holds, says of an object what its reads would do and why, and pins and drops for an
// operator. Any worker answers: what it changes all others see in the map.
import type { Clock } from '../base/clock.ts';
import type { Catalog, Check } from '../catalog/catalog.ts';
import type { Objects } from '../objects/objects.ts';
import type { SeatMap } from '../objects/seats.ts';
import { type Doomed, dropEchoes } from './drop-echoes.ts';
import { explainEchoes } from './explain-echoes.ts';
import { listEchoes } from './list-echoes.ts';
import type { Counters } from './open-counters.ts';
import type { OpenEchoes } from './open-echoes.ts';
import { pinObject } from './pin-object.ts';
import { Refusal } from './refusal.ts';
import type { SpaceWatch } from './watch-space.ts';

export interface EchoTools {
  /** Commits to it stand in the redo log. */
  readonly catalog: Catalog;
  readonly sessionCheck: () => Check;
  readonly clock: Clock;
  readonly space: SpaceWatch;
  readonly partitions: SeatMap;
  readonly objects: Pick<Objects, 'bucket' | 'peek'>;
  readonly counters: Pick<Counters, 'store' | 'clock'>;
  /** Undefined: partitions share their domains, and there are none. */
  readonly echoes: OpenEchoes | undefined;
}

/** Where there are echoes. */
export interface OpenEchoTools extends EchoTools {
  readonly echoes: OpenEchoes;
}

type Params = Readonly<Record<string, unknown>>;

const noEchoes =
  'all partitions share one capacity and failure domain, so there are no echoes; give them domains of their own in the configuration';
const listedMax = 10_000;
const listedUsually = 1_000;

export async function answerEchoes(given: EchoTools, method: string, params: Params): Promise<object> {
  const { echoes } = given;
  if (echoes === undefined) {
    if (method === 'echoes.list') return { echoes: [], total: 0, bytes: 0, note: noEchoes };
    throw new Refusal('conflict', noEchoes);
  }
  const tools: OpenEchoTools = { ...given, echoes };
  switch (method) {
    case 'echoes.list':
      return await listEchoes(tools, {
        bucket: optionalText(params, 'bucket'),
        limit: params.limit === undefined ? listedUsually : wholeParam(params, 'limit', 1, listedMax),
      });
    case 'echoes.pin':
      return await pinObject(tools, { ...objectParams(params), count: wholeParam(params, 'count', 0, 4) });
    case 'echoes.drop':
      return await dropEchoes(tools, doomedOf(params));
    default:
      return await explainEchoes(tools, objectParams(params));
  }
}

function doomedOf(params: Params): Doomed {
  const [block, partition] = [optionalText(params, 'block'), optionalText(params, 'partition')];
  const isAll = params.all === true || params.all === 'true';
  const isObject = params.bucket !== undefined || params.key !== undefined;
  if (Number(isAll) + Number(isObject) + Number(block !== undefined) !== 1) {
    throw new Refusal('bad-request', 'name what is to be dropped: bucket and key, or block, or all');
  }
  if (partition !== undefined && !isAll) throw new Refusal('bad-request', 'partition goes with all');
  if (block !== undefined) {
    if (!/^[0-9a-f]{8,32}$/.test(block)) throw new Refusal('bad-request', 'block must be 8 to 32 hexadecimal digits');
    return { kind: 'block', block };
  }
  return isAll ? { kind: 'all', partition } : { kind: 'object', ...objectParams(params) };
}

function objectParams(params: Params): { bucket: string; key: string } {
  const [bucket, key] = [optionalText(params, 'bucket'), optionalText(params, 'key')];
  if (bucket === undefined) throw new Refusal('bad-request', 'bucket is required');
  if (key === undefined) throw new Refusal('bad-request', 'key is required');
  return { bucket, key };
}

function optionalText(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw new Refusal('bad-request', `${name} must be a text`);
  return value;
}

function wholeParam(params: Params, name: string, min: number, max: number): number {
  const raw = params[name];
  const value = typeof raw === 'string' && /^\d{1,9}$/.test(raw) ? Number(raw) : raw;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new Refusal('bad-request', `${name} must be a whole number between ${min} and ${max}`);
}
