// The table of knobs as a page of Markdown: `echogate config knobs` prints it, docs/SETTINGS.md is it.
import { writtenBytes, writtenTime } from './kinds.ts';
import { type Knob, knobNames, knobs } from './knobs.ts';

export function knobPage(): string {
  const rows = knobNames.map((name) => {
    const knob = knobs[name] as Knob<unknown>;
    const cells = [
      code(knob.path),
      code(knob.env),
      code(knob.flag && `--${knob.flag}`),
      (knob.kind('').description ?? '').replaceAll('|', '\\|'),
      name === 'workers' ? 'cores, at least 2' : shownDefault(name, knob.default),
      knob.why,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '# Settings',
    '',
    'Made by `echogate config knobs`; a test compares. A flag beats the environment, which beats the file, which beats the default.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how it is written in the file
    'Each variable may also be given as `<NAME>_FILE`, the name of a file that holds the value. In the file `${NAME}` and',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how it is written in the file
    '`${NAME:-default}` are taken from the environment, and relative paths start at its folder. Users, partitions, pools, capacity',
    'domains, jobs, hints and calendars are lists that stand in the file only; the README shows them.',
    '',
    '| in the file | environment | flag | value | default | why |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const code = (text: string | undefined): string => (text ? `\`${text}\`` : '');

function shownDefault(name: string, value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'number' && /bytes/i.test(name)) return writtenBytes(value);
  if (typeof value === 'number' && name.endsWith('Ms')) return writtenTime(value);
  if (Array.isArray(value) && name.endsWith('Ms')) return value.map(writtenTime).join(', ');
  if (Array.isArray(value)) return value.length === 0 ? '' : value.join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  const { host, port } = value as { host: string; port: number };
  return `${host}:${port}`;
}
