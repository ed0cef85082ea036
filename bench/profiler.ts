// Profiles echogate's workers while a load runs, and tells where their time went per request.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicros, mainThreadMicros } from './process-figures.ts';
import { type CpuProfile, type Spent, sumProfiles } from './sum-profiles.ts';

export interface Profiler {
  /** Where workers write theirs; the hook finds it in its environment. */
  readonly dir: string;
  /** Profiles the processes while `act` runs; returns what it returned. */
  around<T extends { requests: number }>(label: string, pids: readonly number[], act: () => Promise<T>): Promise<T>;
  /** Everything gathered under the labels, the most expensive first; `short`: what a page has room for. */
  report(short?: boolean): string[];
}

interface Gathered {
  readonly profiles: CpuProfile[];
  requests: number;
  mainMicros: number;
  otherMicros: number;
}

const shown = { functions: 45, files: 25 };
const shownShort = { functions: 15, files: 15 };
const writeMsMax = 30_000;

export function createProfiler(dir: string): Profiler {
  const gathered = new Map<string, Gathered>();

  const collect = async (count: number): Promise<CpuProfile[]> => {
    for (const deadline = Date.now() + writeMsMax; Date.now() < deadline; await sleep(50)) {
      const files = readdirSync(dir).filter((name) => name.endsWith('.cpuprofile'));
      if (files.length < count) continue;
      return files.map((name) => {
        const path = join(dir, name);
        const profile = JSON.parse(readFileSync(path, 'utf8')) as CpuProfile;
        rmSync(path);
        return profile;
      });
    }
    throw new Error(`not all of ${count} workers wrote their profiles`);
  };
  const time = (pids: readonly number[]) => ({
    main: sum(pids.map(mainThreadMicros)),
    all: sum(pids.map(cpuMicros)),
  });

  return {
    dir,
    async around(label, pids, act) {
      const one = gathered.get(label) ?? { profiles: [], requests: 0, mainMicros: 0, otherMicros: 0 };
      gathered.set(label, one);
      for (const pid of pids) process.kill(pid, 'SIGUSR2');
      const before = time(pids);
      const result = await act();
      const after = time(pids);
      for (const pid of pids) process.kill(pid, 'SIGUSR2');
      one.profiles.push(...(await collect(pids.length)));
      one.requests += result.requests;
      one.mainMicros += after.main - before.main;
      one.otherMicros += after.all - before.all - (after.main - before.main);
      return result;
    },
    report: (short = false) =>
      [...gathered].flatMap(([label, one]) => reportOf(label, one, short ? shownShort : shown)),
  };
}

function reportOf(
  label: string,
  { profiles, requests, mainMicros, otherMicros }: Gathered,
  most: typeof shown,
): string[] {
  const { functions, files, busyMicros, idleMicros } = sumProfiles(profiles);
  const each = (micros: number): string => (micros / Math.max(1, requests)).toFixed(2).padStart(9);
  const share = (micros: number): string => `${((100 * micros) / busyMicros).toFixed(1)} %`.padStart(7);
  const line = ({ name, selfMicros, totalMicros }: Spent): string =>
    `${share(selfMicros)} ${each(selfMicros)} ${each(totalMicros)}  ${name}`;
  return [
    '',
    `profile of ${label}: ${requests} requests; processor time per request: main threads ${each(mainMicros).trim()} µs, other threads ${each(otherMicros).trim()} µs`,
    `  sampled: busy ${each(busyMicros).trim()} µs per request, idle ${((100 * idleMicros) / (busyMicros + idleMicros)).toFixed(0)} % of the time`,
    `   self    self µs  with callees (per request)`,
    ...functions.slice(0, most.functions).map(line),
    '',
    `   self    self µs  with callees (per request), by file`,
    ...files.slice(0, most.files).map(line),
  ];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
