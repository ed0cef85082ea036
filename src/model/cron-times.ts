// When a cron expression fires in a time zone. Where the clock jumps ahead, what falls into the gap fires right after it; where it is set
// back, a fixed hour fires once and an interval at every turn.
import { Cron } from 'croner';
import { isTimeZone } from './zoned-days.ts';

/** What is wrong with a cron expression of five fields, as the rest of a sentence; undefined: nothing. */
export function cronMistake(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (cron.trim() === '' || fields.length !== 5) {
    return `must have five fields (minute hour day month weekday), such as "30 2 * * *", not "${cron}"`;
  }
  try {
    // A leap year ahead: 29 February comes within eight.
    const times = new Cron(cron.trim(), { paused: true, timezone: 'UTC' });
    return times.nextRun(new Date(0)) === null ? `never fires: there is no such day as "${cron}" asks for` : undefined;
  } catch (error) {
    return `is no cron expression: ${(error as Error).message.replace(/^CronPattern: /, '')}`;
  }
}

/**
 * Seconds since 1970 at which it fires, those in [fromSec, toSec), ascending, `countMax` at most: of an expression that fires more often, the
 * times before `toSec` that so many fill. Expression and zone must be sound, else it throws.
 */
export function cronTimes(
  cron: string,
  timeZone: string,
  span: { readonly fromSec: number; readonly toSec: number },
  countMax: number,
): number[] {
  const next = firing(cron, timeZone);
  let fromSec = span.fromSec;
  const probed = collect(next, fromSec, span.toSec, probes);
  if (probed.length === probes) {
    const everySec = (probed.at(-1)! - probed[0]!) / (probes - 1);
    fromSec = Math.max(fromSec, span.toSec - everySec * countMax);
  }
  return collect(next, fromSec, span.toSec, 2 * countMax).slice(-countMax);
}

/** When it fires next, `fromSec` included; undefined: never again. Throws as `cronTimes` does. */
export function nextCronTime(cron: string, timeZone: string, fromSec: number): number | undefined {
  const found = firing(cron, timeZone)(Math.ceil(fromSec) - 1);
  return Number.isFinite(found) ? found : undefined;
}

/** The first time behind another; infinite: never. */
function firing(cron: string, timeZone: string): (afterSec: number) => number {
  if (!isTimeZone(timeZone)) throw new RangeError(`there is no time zone ${timeZone}`);
  const times = new Cron(cron, { paused: true, timezone: timeZone });
  return (afterSec) => {
    const found = times.nextRun(new Date(afterSec * 1000));
    return found === null ? Number.POSITIVE_INFINITY : found.getTime() / 1000;
  };
}

/** So many times say how often it fires. */
const probes = 32;

function collect(next: (afterSec: number) => number, fromSec: number, toSec: number, countMax: number): number[] {
  const found: number[] = [];
  for (let at = next(Math.ceil(fromSec) - 1); at < toSec && found.length < countMax; at = next(at)) found.push(at);
  return found;
}
