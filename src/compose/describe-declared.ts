// How declared things are shown: as they were declared, with where they stand, when they come next, and what an operator may have overlooked.
import type { DeclaredKind } from '../config/config.ts';
import { touched } from '../forecast/expand-declared.ts';
import type { AreaRange } from '../forecast/forecast.ts';
import { settleHints } from '../forecast/settle-declared.ts';
import { cronTimes, nextCronTime } from '../model/cron-times.ts';
import type { Calendar, DeclaredJob, HotSpotHint, Metadata } from '../model/metadata.ts';
import { zonedDays } from '../model/zoned-days.ts';

const iso = (timeSec: number): string => new Date(timeSec * 1000).toISOString().replace('.000Z', 'Z');

export interface DeclaredAll {
  readonly configured: Metadata;
  readonly rows: Metadata;
}

export function describeDeclared(
  kind: DeclaredKind,
  { configured, rows }: DeclaredAll,
  areas: readonly AreaRange[],
  nowSec: number,
): object[] {
  const hints = [...configured.hints, ...rows.hints];
  const shown = (value: DeclaredJob | HotSpotHint | Calendar, from: 'file' | 'api'): object => {
    const { bucket } = value;
    const prefix = 'prefix' in value ? value.prefix : undefined;
    const count = touched(areas, bucket, prefix).length;
    const notes = [
      ...(count === 0 && areas.length > 0 ? [`no keys lie there yet: ${bucket ?? ''}/${prefix ?? ''}`] : []),
      ...('fromSec' in value ? contradictions(value, hints) : []),
    ];
    return { ...value, ...whenOf(value, nowSec), areas: count, origin: from, ...(notes.length > 0 && { notes }) };
  };
  return [...configured[kind].map((value) => shown(value, 'file')), ...rows[kind].map((value) => shown(value, 'api'))];
}

function whenOf(value: DeclaredJob | HotSpotHint | Calendar, nowSec: number): object {
  if ('cron' in value) {
    const { cron, timeZone, durationSec } = value;
    const next = nextCronTime(cron, timeZone, nowSec);
    const running = cronTimes(cron, timeZone, { fromSec: nowSec - durationSec, toSec: nowSec }, 1).length > 0;
    return { state: running ? 'running' : 'waiting', ...(next !== undefined && { next: iso(next) }) };
  }
  if ('fromSec' in value) {
    const { fromSec, toSec } = value;
    const state = nowSec < fromSec ? 'to come' : nowSec < toSec ? 'running' : 'over';
    return { state, from: iso(fromSec), to: iso(toSec) };
  }
  const [day] = zonedDays(value.days, value.timeZone, { fromSec: nowSec, toSec: Number.MAX_SAFE_INTEGER });
  if (day === undefined) return { state: 'over' };
  return { state: day.fromSec <= nowSec ? 'running' : 'to come', next: day.date };
}

/** Hints for the same keys at the same time: the larger factor counts. */
function contradictions(hint: HotSpotHint, hints: readonly HotSpotHint[]): string[] {
  const claims = hints.map(({ prefix = '', ...each }) => ({ ...each, where: `${each.bucket}/${prefix}` }));
  return settleHints(claims).flatMap(({ claim, note, spans }) => {
    if (claim.name !== hint.name) return [];
    const cut = spans.reduce((sum, { fromSec, toSec }) => sum + toSec - fromSec, 0) < claim.toSec - claim.fromSec;
    return [
      ...(note === undefined ? [] : [note]),
      ...(cut ? ['a hint with a larger factor for the same keys counts in its place while both run'] : []),
    ];
  });
}
