// `npm run bench:pilot-day -- [--traces DIR] [--bins 288] [--factor 40] [--reads 8] [--trees 32] [--out DIR] | --from FILE`: a day of real traces replayed at the
// running gateway with its pilot in mode auto; a report of it as text, as one HTML page, and as the JSON that `--from` makes both of again.
// Exit codes: 0 replayed, and no request failed; 1 otherwise; 2 wrong usage.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { binsPerDay, chooseDays } from './choose.ts';
import { replayDay } from './day.ts';
import { dayPage } from './page.ts';
import type { DayRecord } from './record.ts';
import { dayText } from './text.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** Counts settle in two seconds of the machine, and what is older than three minutes of the day is too old for the pilot. */
const factorMax = 60;
const binsMin = 12;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      traces: { type: 'string', default: '../shared/traces/load' },
      bins: { type: 'string', default: String(binsPerDay) },
      factor: { type: 'string', default: '40' },
      reads: { type: 'string', default: '8' },
      trees: { type: 'string', default: '32' },
      out: { type: 'string', default: '.cache/pilot-day' },
      from: { type: 'string' },
    },
  });
  const [bins, factor, reads, trees] = [values.bins, values.factor, values.reads, values.trees].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const wrong =
    wrongNumber('bins', bins, binsMin, binsPerDay) ??
    wrongNumber('factor', factor, 1, factorMax) ??
    wrongNumber('reads', reads, 1, 1000) ??
    wrongNumber('trees', trees, 0, 10_000);
  if (wrong !== undefined) {
    say(wrong);
    return 2;
  }
  let record: DayRecord;
  if (values.from === undefined) {
    const chosen = chooseDays(values.traces, bins, reads);
    if (typeof chosen === 'string') {
      say(`${chosen}; give the folder with --traces.`);
      return 1;
    }
    const dir = mkdtempSync(join(tmpdir(), 'echogate-day-'));
    say(`the server's data stays at ${dir}`);
    record = await replayDay({ ...chosen, dir, bins, factor, trees, say });
  } else record = JSON.parse(readFileSync(values.from, 'utf8')) as DayRecord;
  mkdirSync(values.out, { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(values.out, name), text);
  const text = dayText(record);
  write('pilot-day.json', JSON.stringify(record));
  write('pilot-day.txt', text);
  write('pilot-day.html', dayPage(record));
  say(text);
  say(`written to ${values.out}: pilot-day.html, .txt, .json`);
  return record.bins.some(({ requests }) => requests.failed > 0) ? 1 : 0;
}

const wrongNumber = (name: string, value: number, min: number, max: number): string | undefined =>
  Number.isInteger(value) && value >= min && value <= max
    ? undefined
    : `--${name} wants a whole number from ${min} to ${max}`;

process.exitCode = await main();
