// Dates of signed requests: `20261122T203059Z` or an HTTP date.
import { caps } from '../base/caps.ts';
import { amzDateOf } from '../base/sigv4.ts';
import { s3Error } from './errors.ts';

/** Requests come in bursts of one second. */
let last: { amzDate: string; wallMs: number } | undefined;

/** ISO basic form, or undefined when the text is no date at all. */
export function readDate(text: string): { amzDate: string; wallMs: number } | undefined {
  const basic = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (basic) {
    if (text === last?.amzDate) return last;
    const [, year, month, day, hour, minute, second] = basic.map(Number) as [number, ...number[]];
    const wallMs = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
    // A date that overflows (month 13, second 61) would be shifted, not refused.
    if (amzDateOf(wallMs) !== text) return undefined;
    last = { amzDate: text, wallMs };
    return last;
  }
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (GMT|\+0000|-0000|UTC)$/.test(text)) return undefined;
  const wallMs = Date.parse(text);
  return wallMs >= 0 ? { amzDate: amzDateOf(wallMs), wallMs } : undefined;
}

/** The request's date in ISO form; within 15 minutes of ours. */
export function checkSkew(text: string, nowMs: number): string {
  const date = readDate(text);
  if (!date)
    throw s3Error('AccessDenied', { message: 'AWS authentication requires a valid Date or x-amz-date header' });
  if (Math.abs(nowMs - date.wallMs) > caps.clockSkewMs) {
    throw s3Error('RequestTimeTooSkewed', {
      extra: {
        RequestTime: text,
        ServerTime: new Date(nowMs).toISOString(),
        MaxAllowedSkewMilliseconds: `${caps.clockSkewMs}`,
      },
    });
  }
  return date.amzDate;
}
