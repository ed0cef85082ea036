// Lines of `timestamp,value` as samples. Mistakes are told with file and line.
import type { Sample } from './series.ts';

/** Seconds since 1970; NaN when it is no time. A time without a zone is UTC. */
export function parseSeconds(text: string): number {
  const trimmed = text.trim();
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  if (!/^\d{4}-\d{2}-\d{2}/.test(trimmed)) return Number.NaN;
  const iso = trimmed.replace(' ', 'T');
  return Date.parse(/(Z|[+-]\d{2}:?\d{2})$/i.test(iso) || !iso.includes('T') ? iso : `${iso}Z`) / 1000;
}

/** Values that are no numbers are kept as NaN: the series says how many. Throws RangeError for what is no series; `file` is how it is called. */
export function parseSamples(text: string, file: string): Sample[] {
  const samples: Sample[] = [];
  text.split('\n').forEach((line, at) => {
    const [time = '', value = '', ...more] = line.trim().split(',');
    if (line.trim() === '' || (at === 0 && Number.isNaN(parseSeconds(time)))) return;
    const timeSec = parseSeconds(time);
    const where = `${file}, line ${at + 1}`;
    if (!Number.isFinite(timeSec)) {
      throw new RangeError(`${where}: ${JSON.stringify(time)} is neither ISO 8601 nor epoch seconds`);
    }
    if (timeSec > 1e11) {
      throw new RangeError(`${where}: ${time} is too great for epoch seconds; divide milliseconds by 1000`);
    }
    if (more.length > 0) throw new RangeError(`${where}: ${more.length + 2} fields instead of timestamp,value`);
    samples.push({ timeSec, value: value.trim() === '' ? Number.NaN : Number(value) });
  });
  if (samples.length < 2) throw new RangeError(`${file} holds ${samples.length} samples; a series has two at least`);
  return samples;
}
