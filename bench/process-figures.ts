// What the kernel tells of a process: anonymous memory and processor time. Linux only; elsewhere these figures are left out.
import { readdirSync, readFileSync } from 'node:fs';

const KiBPerMiB = 1024;
const clockTickMicros = 10_000; // USER_HZ is 100 on every Linux that Node runs on

/** Memory that is the process's own; mapped pages of the catalog are page cache. */
export function rssAnonMiB(pid: number): number | undefined {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
  return kib === undefined ? undefined : Number(kib) / KiBPerMiB;
}

/** User and system time of all its threads so far. */
export function cpuMicros(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * clockTickMicros;
}

/** The process and those that it started. */
export function familyOf(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim();
  return [pid, ...(children === '' ? [] : children.split(' ').map(Number))];
}

/** Main thread and others apart, for a process that does part of its work in native threads. */
export function mainThreadMicros(pid: number): number {
  return threads(pid).includes(String(pid)) ? cpuMicrosOfThread(pid, pid) : 0;
}

function cpuMicrosOfThread(pid: number, thread: number): number {
  const fields = read(`/proc/${pid}/task/${thread}/stat`).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * clockTickMicros;
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
