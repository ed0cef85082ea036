// Reads what a scenario points at: load series and block traces. What cannot be used is a mistake in the scenario; all are told at once.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ConfigError, type Mistake } from '../config/config.ts';
import { parseSamples } from '../forecast/forecast.ts';
import { binMinutes, type MeasuredSeries, measureSeries } from './base-series.ts';
import { type HeatProfile, profileOfTrace, zipfProfile } from './heat-profile.ts';
import type { AreaGroup, Scenario } from './scenario.ts';

export interface Sources {
  readonly series: readonly MeasuredSeries[];
  readonly groups: readonly SourceGroup[];
  readonly heat: readonly HeatProfile[];
  /** What somebody should know of the data. */
  readonly notes: readonly string[];
}

export interface SourceGroup extends Omit<AreaGroup, 'files' | 'shiftMinutes'> {
  /** Indices of `series`: the areas take them in turn. */
  readonly series: readonly number[];
  /** Phase given: of the areas in turn, in bins. */
  readonly shiftBins: readonly number[];
}

/** A file of more is not read by accident. */
const bytesMax = 1024 ** 3;

/** Throws ConfigError with all mistakes. */
export function readSources(scenario: Scenario, folder: string): Sources {
  const mistakes: Mistake[] = [];
  const notes: string[] = [];
  const series: MeasuredSeries[] = [];
  const known = new Map<string, number | undefined>();
  const tried = <T>(key: string, path: string, work: (full: string) => T): T | undefined => {
    try {
      return work(resolve(folder, path));
    } catch (error) {
      mistakes.push({ key, source: path, message: (error as Error).message });
      return undefined;
    }
  };
  const seriesAt = (key: string, path: string, aggregate: 'sum' | 'mean'): number | undefined => {
    const id = JSON.stringify([path, aggregate]);
    if (known.has(id)) return known.get(id);
    const name = basename(path).replace(/(\.csv)?(\.gz)?$/, '');
    const measured = tried(key, path, (full) => {
      const samples = parseSamples(
        bytesOf(full)
          .toString('utf8')
          .replace(/^\uFEFF/, ''),
        path,
      );
      if (samples.every(({ value }) => !(value > 0))) return undefined;
      return measureSeries(name, samples, aggregate);
    });
    if (measured === undefined) notes.push(`${name}: nothing in it is above zero; it is left out`);
    else {
      notes.push(...measured.notes);
      series.push(measured);
    }
    known.set(id, measured && series.length - 1);
    return known.get(id);
  };
  const groups = scenario.loads.map((group, at) => {
    const own = group.files.map(({ path, aggregate }, file) =>
      seriesAt(`loads[${at}].files[${file}]`, path, aggregate),
    );
    const used = own.filter((each) => each !== undefined);
    if (used.length === 0 && mistakes.length === 0) {
      mistakes.push({ key: `loads[${at}].files`, source: 'scenario', message: 'no file asks for anything' });
    }
    return groupOf(group, used);
  });
  const heat = [
    ...scenario.skew.files.flatMap(
      (path, at) => tried(`skew.files[${at}]`, path, (full) => profileOfTrace(basename(path), blockIds(full))) ?? [],
    ),
    ...scenario.skew.zipf.map((exponent) => zipfProfile(exponent, scenario.blocksPerArea)),
  ];
  if (mistakes.length > 0) throw new ConfigError(mistakes, 'scenario');
  return { series, groups, heat, notes };
}

export function groupOf({ files: _, shiftMinutes, ...group }: AreaGroup, series: readonly number[]): SourceGroup {
  return { ...group, series, shiftBins: shiftMinutes.map((minutes) => minutes / binMinutes) };
}

function bytesOf(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: bytesMax }) : bytes;
}

function blockIds(path: string): Uint32Array {
  const bytes = bytesOf(path);
  if (bytes.length % 4 !== 0) throw new RangeError(`${bytes.length} bytes are no list of 32-bit block ids`);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32LE(at * 4));
}

export function digestOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 32);
}
