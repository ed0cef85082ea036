// A scenario: what fleet is simulated, with what load, under which policies. Read from YAML, every mistake told with its line, all defaults filled in.
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { ConfigError, didYouMean, type Mistake, readChecked } from '../config/config.ts';
import { type PolicyName, policyNames, scenarioSchema } from './scenario-schema.ts';

export interface Scenario extends Readonly<Omit<Written, 'loads' | 'partitions' | 'skew' | 'batch'>> {
  readonly loads: readonly AreaGroup[];
  readonly skew: { readonly files: readonly string[]; readonly zipf: readonly number[] };
  readonly partitions: readonly ScenarioPartition[];
  readonly batch: readonly BatchJob[];
  readonly policies: PolicyName[];
}

type Written = z.output<typeof scenarioSchema>;

/** Areas of one kind: they take the files in turn. */
export interface AreaGroup {
  readonly files: readonly { readonly path: string; readonly aggregate: 'sum' | 'mean' }[];
  readonly areas: number;
  readonly phase: 'random' | 'one' | 'given';
  /** Phase given: of the areas in turn. */
  readonly shiftMinutes: readonly number[];
  readonly sizeDeviation: number;
  /** In capacities of a partition; infinite where nothing bounds it. */
  readonly peakMax: number;
}

export interface ScenarioPartition {
  readonly id: string;
  /** Relative to the others. */
  readonly capacity: number;
  /** For writes, over that for reads. */
  readonly writeCapacity: number;
  readonly capacityDomain: string;
  readonly failureDomain: string;
  /** Mean of exponential service times; `concurrency` of them at once are the capacity. */
  readonly serviceMs: number;
  readonly concurrency: number;
}

export interface BatchJob {
  readonly name: string;
  readonly areas: number;
  /** Of the day; undefined: by the seed. */
  readonly startMinute: number | undefined;
  readonly minutes: number;
  readonly partitionsWorth: number;
  readonly readShare: number;
  readonly declared: boolean;
  readonly declaredFactor: number;
}

const zipfByDefault = 0.9;

export interface ReadScenario {
  readonly scenario: Scenario;
  /** What its paths are relative to. */
  readonly folder: string;
}

/** Throws ConfigError with all mistakes. */
export function readScenario(path: string): ReadScenario {
  const full = resolve(path);
  let text: string;
  try {
    text = readFileSync(full, 'utf8');
  } catch (error) {
    throw new ConfigError([{ key: 'file', source: path, message: `cannot be read: ${(error as Error).message}` }]);
  }
  return { scenario: scenarioOf(basename(path), text), folder: dirname(full) };
}

/** Throws ConfigError with all mistakes. */
export function scenarioOf(name: string, text: string): Scenario {
  const { value, mistakes, report } = readChecked(name, text, scenarioSchema);
  if (value !== undefined) crossCheck(value, report);
  if (value === undefined || mistakes.length > 0) throw new ConfigError(mistakes, 'scenario');
  const { count, list, ...alike } = value.partitions;
  const { files, zipf } = value.skew;
  return {
    ...value,
    loads: value.loads.map(
      ({ files: those, aggregate, shiftMinutes, peakMax = Number.POSITIVE_INFINITY, ...group }) => ({
        ...group,
        peakMax,
        shiftMinutes: shiftMinutes ?? [],
        files: those.map((file) =>
          typeof file === 'string'
            ? { path: file, aggregate }
            : { path: file.path, aggregate: file.aggregate ?? aggregate },
        ),
      }),
    ),
    skew: {
      files: files ?? [],
      zipf: zipf === undefined ? (files === undefined ? [zipfByDefault] : []) : [zipf],
    },
    partitions: (list ?? Array.from({ length: count }, (_, at) => ({ id: `p${at + 1}` }))).map((each) => ({
      ...alike,
      capacityDomain: each.id,
      failureDomain: each.id,
      ...withoutUndefined(each),
    })),
    batch: value.batch.map((job, at) => ({
      ...job,
      name: job.name ?? `job-${at + 1}`,
      startMinute: job.startMinute,
      readShare: job.readShare ?? value.readShare,
    })),
  };
}

/** The same under other policies. Throws ConfigError for unknown ones. */
export function withPolicies(read: ReadScenario, policies: readonly string[]): ReadScenario {
  const mistakes = policies.flatMap((policy) => {
    if ((policyNames as readonly string[]).includes(policy)) return [];
    const near = didYouMean(policy, policyNames);
    const message = `there is no policy ${policy}${near === undefined ? `; there are ${policyNames.join(', ')}` : `; did you mean ${near}?`}`;
    return [{ key: 'policies', source: 'command line', message }];
  });
  if (mistakes.length > 0) throw new ConfigError(mistakes, 'scenario');
  return { ...read, scenario: { ...read.scenario, policies: [...new Set(policies)] as PolicyName[] } };
}

function crossCheck({ loads, partitions, batch, forecast, policies }: Written, report: Report): void {
  loads.forEach(({ phase, shiftMinutes }, at) => {
    if (phase === 'given' && shiftMinutes === undefined) report(`loads[${at}].phase`, 'given wants shiftMinutes');
    if (phase !== 'given' && shiftMinutes !== undefined) {
      report(`loads[${at}].shiftMinutes`, `is only for phase given, not ${phase}`);
    }
  });
  const twice = (values: readonly (string | undefined)[]): number =>
    values.findIndex((value, at) => value !== undefined && values.indexOf(value) < at);
  const samePartition = twice((partitions.list ?? []).map((each) => each.id));
  if (samePartition >= 0) report(`partitions.list[${samePartition}].id`, 'is there twice');
  const sameJob = twice(batch.map((each) => each.name));
  if (sameJob >= 0) report(`batch[${sameJob}].name`, 'is there twice');
  const samePolicy = twice(policies);
  if (samePolicy >= 0) report(`policies[${samePolicy}]`, 'is there twice');
  if (forecast.aheadMinutes.some((each, at, all) => at > 0 && each <= all[at - 1]!)) {
    report('forecast.aheadMinutes', 'must ascend');
  }
}

type Report = (key: Mistake['key'], message: string) => void;

const withoutUndefined = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
