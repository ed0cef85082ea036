// What `npm run bench -- …` was asked for.
import { parseArgs } from 'node:util';
import { type Outside, parseOutside } from './arms/outside.ts';
import { parseStartable, type Startable } from './arms/started.ts';
import type { Bench } from './bench.ts';

export interface Asked {
  readonly benches: readonly Bench[];
  /** Baselines of ours, echogate among them; all when left out. */
  readonly arms: readonly string[] | undefined;
  readonly outside: readonly Outside[];
  readonly startables: readonly Startable[];
  readonly rounds: number;
  readonly seconds: number;
  readonly objects: number;
  readonly minutes: number;
  readonly profile: boolean;
  /** Write pages from less than full volume too. */
  readonly write: boolean;
  readonly isFull: boolean;
  readonly json: string | undefined;
  /** The command without secrets and paths, as pages quote it. */
  readonly command: string;
}

/** What is published; with less nothing is written unless by --write. */
const fullVolume = { rounds: 5, seconds: 8, objects: 1_000_000, minutes: 20 };
type Volume = keyof typeof fullVolume;

const usage = (benches: readonly Bench[]): string =>
  [
    'npm run bench -- [--only NAME]… [--arms echogate,bare,nginx] [--against name=url,accessKey,secretKey]…',
    '  [--start minio=PATH] [--start versitygw=PATH] [--rounds 5] [--seconds 8] [--objects 1000000] [--minutes 20]',
    '  [--write] [--profile] [--json FILE]',
    ...benches.map(({ name, headline }) => `  ${name.padEnd(12)} ${headline}`),
  ].join('\n');

/** A sentence for who asked wrongly. */
export function readArguments(args: readonly string[], known: readonly Bench[]): Asked | string {
  const wrong = (why: string): string => `${why}\n${usage(known)}`;
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return wrong((error as Error).message);
  }
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.filter((name) => !known.some((bench) => bench.name === name));
  if (unknown.length > 0) return wrong(`no bench ${unknown.join(', ')}`);
  const counts = Object.fromEntries(
    Object.keys(fullVolume).map((name) => [name, Number(values[name as Volume])]),
  ) as Record<Volume, number>;
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < 1) return wrong(`--${name} wants a whole number of at least 1`);
  }
  const outside = values.against.map(parseOutside);
  const startables = values.start.map(parseStartable);
  const mistake = [...outside, ...startables].find((one) => typeof one === 'string');
  if (mistake !== undefined) return wrong(mistake);
  return {
    benches: known.filter(({ name }) => only.length === 0 || only.includes(name)),
    arms: values.arms?.split(','),
    outside: outside as Outside[],
    startables: startables as Startable[],
    ...counts,
    profile: values.profile,
    write: values.write,
    isFull: Object.entries(fullVolume).every(([name, value]) => counts[name as Volume] >= value),
    json: values.json,
    command: quotable(args),
  };
}

const many = { type: 'string', multiple: true, default: [] as string[] } as const;
const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      only: many,
      against: many,
      start: many,
      arms: { type: 'string' },
      rounds: { type: 'string', default: String(fullVolume.rounds) },
      seconds: { type: 'string', default: String(fullVolume.seconds) },
      objects: { type: 'string', default: String(fullVolume.objects) },
      minutes: { type: 'string', default: String(fullVolume.minutes) },
      profile: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  }).values;

function quotable(args: readonly string[]): string {
  const words = args
    .filter((word, at) => !/^--json/.test(word) && args[at - 1] !== '--json')
    .map((word) =>
      word.replace(/((?:^|=)[\w-]+=https?:[^,]+),.*/, '$1,KEY,SECRET').replace(/(minio|versitygw)=[^,]+$/, '$1=PATH'),
    );
  return ['npm run bench', ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
}
