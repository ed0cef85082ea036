// What clients ask of every area in every minute, under one seed: the same for all policies. Loads are in capacities of a partition: 1 is all the
// reads and writes, in the scenario's proportion, that a partition of capacity 1 can do.
import type { HeatProfile, World } from '../world.ts';
import { Dice } from './dice.ts';

export interface SimArea {
  readonly id: string;
  readonly heat: HeatProfile;
  readonly bytes: number;
  /** Index of its series and where in it the first minute is, in bins; undefined: a flash, which has no past. */
  readonly source:
    | { readonly series: number; readonly phaseBins: number; readonly scale: number; readonly peakMax: number }
    | undefined;
  /** Partition that the hash says. */
  readonly home: number;
}

/** One run of a declared job, or what nobody declared. */
export interface JobRun {
  readonly name: string;
  readonly isDeclared: boolean;
  /** What is declared over what comes. */
  readonly factor: number;
  readonly fromMinute: number;
  /** Exclusive. */
  readonly toMinute: number;
  readonly areas: readonly number[];
  /** Added to each of them. */
  readonly reads: number;
  readonly writes: number;
}

export interface FleetLoad {
  readonly areas: readonly SimArea[];
  /** At minute × areas + area. */
  readonly reads: Float32Array;
  readonly writes: Float32Array;
  readonly runs: readonly JobRun[];
  readonly minutes: number;
  /** Scoring begins here. */
  readonly fromMinute: number;
  readonly areaBytes: number;
}

const minutesPerDay = 1440;
const blockBytes = 8 * 1024 * 1024;

export function fleetLoad(world: World, seed: number): FleetLoad {
  const { scenario } = world;
  const { days, readShare } = scenario;
  const minutes = (days.warmUp + days.scored) * minutesPerDay;
  const fromMinute = days.warmUp * minutesPerDay;
  const areaBytes = scenario.blocksPerArea * blockBytes;
  const placed = placeAreas(world, seed, areaBytes);
  const areas = scaled(placed, world, fromMinute, minutes);
  const flashes = drawFlashes(world, seed, fromMinute, minutes);
  const count = areas.length + flashes.length;
  const reads = new Float32Array(minutes * count);
  const writes = new Float32Array(minutes * count);
  areas.forEach(({ source }, at) => {
    const { series, phaseBins, scale, peakMax } = source!;
    const values = world.series[series]!.minutes;
    let from = (phaseBins * 5) % values.length;
    for (let minute = 0; minute < minutes; minute++) {
      const level = Math.min(peakMax, values[from]! * scale);
      reads[minute * count + at] = level * readShare;
      writes[minute * count + at] = level * (1 - readShare);
      if (++from === values.length) from = 0;
    }
  });
  const runs = drawRuns(world, seed, areas.length, minutes);
  for (const run of runs) {
    for (let minute = run.fromMinute; minute < Math.min(run.toMinute, minutes); minute++) {
      for (const area of run.areas) {
        const at = minute * count + area;
        reads[at] = reads[at]! + run.reads;
        writes[at] = writes[at]! + run.writes;
      }
    }
  }
  const share = scenario.flash?.readShareOfAll ?? 0;
  flashes.forEach(({ minute: first, length }, at) => {
    for (let minute = first; minute < Math.min(first + length, minutes); minute++) {
      let sum = 0;
      for (let area = 0; area < areas.length; area++) {
        const each = minute * count + area;
        sum += reads[each]!;
        reads[each] = reads[each]! * (1 - share);
      }
      reads[minute * count + areas.length + at] = sum * share;
    }
  });
  const all = [...areas, ...flashes.map(({ area }) => area)];
  return { areas: all, reads, writes, runs, minutes, fromMinute, areaBytes };
}

type Placed = Omit<SimArea, 'source'> & { readonly source: NonNullable<SimArea['source']> };

function placeAreas({ scenario, groups, series, heat }: World, seed: number, bytes: number): Placed[] {
  const dice = new Dice(seed, 'areas');
  const homes = new Dice(seed, 'hash');
  const whole = heat.map((profile) => wholeBlocks(profile, scenario.blocksPerArea));
  return groups.flatMap((group, at) => {
    const fixed = dice.fraction();
    return Array.from({ length: group.areas }, (_, index): Placed => {
      const own = group.series[index % group.series.length]!;
      const bins = series[own]!.bins.length;
      const drawn = dice.fraction();
      const part = group.phase === 'one' ? fixed : drawn;
      const phaseBins =
        group.phase === 'given' ? group.shiftBins[index % group.shiftBins.length]! % bins : Math.floor(part * bins);
      const scale = Math.exp(group.sizeDeviation * dice.normal());
      return {
        id: `a${at}-${index}`,
        heat: whole[index % whole.length]!,
        bytes,
        source: { series: own, phaseBins, scale, peakMax: group.peakMax },
        home: byCapacity(scenario.partitions, homes.fraction()),
      };
    });
  });
}

/** Groups of less than a block are one with the next. */
function wholeBlocks({ name, groups }: HeatProfile, blocks: number): HeatProfile {
  const merged: { reads: number; bytes: number }[] = [];
  for (const group of groups) {
    const last = merged.at(-1);
    if (last === undefined || last.bytes * blocks >= 1) merged.push({ ...group });
    else {
      last.reads += group.reads;
      last.bytes += group.bytes;
    }
  }
  return { name, groups: merged };
}

function byCapacity(partitions: readonly { readonly capacity: number }[], fraction: number): number {
  const sum = partitions.reduce((all, { capacity }) => all + capacity, 0);
  let left = fraction * sum;
  for (let at = 0; at < partitions.length; at++) {
    left -= partitions[at]!.capacity;
    if (left < 0) return at;
  }
  return partitions.length - 1;
}

/** So that the mean of the scored days is the wanted utilisation, what is cut off included. */
function scaled(areas: readonly Placed[], { scenario, series }: World, fromMinute: number, minutes: number): Placed[] {
  const capacity = scenario.partitions.reduce((sum, each) => sum + each.capacity, 0);
  const wanted = scenario.utilisation * capacity;
  let factor = 1;
  for (let round = 0; round < scaleRounds; round++) {
    const mean = areas.reduce((sum, { source }) => {
      const { minutes: values } = series[source.series]!;
      const first = source.phaseBins * 5 + fromMinute;
      return sum + meanOf(values, first, minutes - fromMinute, source.scale * factor, source.peakMax);
    }, 0);
    factor *= wanted / mean;
  }
  return areas.map((area) => ({ ...area, source: { ...area.source, scale: area.source.scale * factor } }));
}

const scaleRounds = 6;

function meanOf(values: Float32Array, from: number, length: number, scale: number, peakMax: number): number {
  let sum = 0;
  for (let at = 0; at < length; at += 5) sum += Math.min(peakMax, scale * values[(from + at) % values.length]!);
  return (sum * 5) / length;
}

function drawRuns({ scenario }: World, seed: number, areaCount: number, minutes: number): JobRun[] {
  return scenario.batch.flatMap((job): JobRun[] => {
    const dice = new Dice(seed, `job ${job.name}`);
    const areas = dice.draw(Math.max(1, Math.round(job.areas * areaCount)), areaCount);
    const start = job.startMinute ?? dice.below(minutesPerDay);
    const each = job.partitionsWorth / areas.length;
    const loads = { reads: each * job.readShare, writes: each * (1 - job.readShare) };
    return Array.from({ length: Math.ceil(minutes / minutesPerDay) }, (_, day) => ({
      name: job.name,
      isDeclared: job.declared,
      factor: job.declaredFactor,
      fromMinute: day * minutesPerDay + start,
      toMinute: day * minutesPerDay + start + job.minutes,
      areas,
      ...loads,
    }));
  });
}

interface Flash {
  readonly area: SimArea;
  readonly minute: number;
  readonly length: number;
}

/** Objects that nobody asked for before, all on one partition, and asked for alike. */
function drawFlashes({ scenario }: World, seed: number, fromMinute: number, minutes: number): Flash[] {
  const { flash, partitions } = scenario;
  if (flash === undefined) return [];
  const dice = new Dice(seed, 'flash');
  const part = (minutes - fromMinute) / flash.times;
  const group = { reads: 1 / flash.objects, bytes: 1 / flash.objects };
  const heat = {
    name: 'flash',
    groups: Array.from({ length: Math.min(16, flash.objects) }, () =>
      flash.objects <= 16 ? group : { reads: 1 / 16, bytes: 1 / 16 },
    ),
  };
  return Array.from({ length: flash.times }, (_, at) => ({
    area: {
      id: `flash-${at}`,
      heat,
      bytes: flash.objects * blockBytes,
      source: undefined,
      home: dice.below(partitions.length),
    },
    minute: fromMinute + Math.floor(at * part + dice.fraction() * Math.max(1, part - flash.minutes)),
    length: flash.minutes,
  }));
}
