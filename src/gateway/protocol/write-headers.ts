// Output → headers. Nothing that could end a header line ever leaves: stored values were refused on their way in, so finding one
// here is a fault of ours and answered as such.
import { headerAliases } from './exceptions.ts';
import type { Member, OperationModel } from './model.ts';
import { formatTime } from './write-xml.ts';

export type Headers = Record<string, string>;
export type HeaderWriter = (output: Record<string, unknown>, headers: Headers) => void;

export function compileHeaderWriter(model: OperationModel): HeaderWriter {
  const bound = new Map<string, { name: string; format: (value: unknown) => string }>();
  const prefixes = new Map<string, string>();
  for (const member of model.output.members) {
    const { binding } = member;
    if (binding.at === 'prefix') prefixes.set(member.name, binding.name);
    if (binding.at !== 'header') continue;
    bound.set(member.name, { name: headerAliases[binding.name] ?? binding.name, format: compileFormat(member) });
  }
  // By what was given: an answer has a dozen of the model's fifty headers.
  return (output, headers) => {
    for (const member in output) {
      const value = output[member];
      if (value === undefined || value === null) continue;
      const field = bound.get(member);
      if (field) headers[field.name] = safe(field.name, field.format(value));
      const prefix = prefixes.get(member);
      if (prefix === undefined) continue;
      const map = value as Record<string, string>;
      for (const key in map) headers[prefix + key] = safe(prefix + key, map[key]!);
    }
  };
}

function compileFormat({ shape }: Member): (value: unknown) => string {
  if (shape.kind === 'timestamp') {
    const format = shape.format ?? 'http-date';
    // S3 keeps any text in Expires, so a text may stand where the model has a time.
    return (value) => (value instanceof Date ? formatTime(value, format) : String(value));
  }
  if (shape.kind === 'list') return (value) => (value as readonly unknown[]).join(',');
  return String;
}

const harmless = /^[\x20-\x7e]*$/;

/** Header values are one character per byte; anything wider or a line end cannot be sent as it is. */
export function safe(name: string, value: string): string {
  if (harmless.test(value)) return value;
  if (/[\0\r\n]/.test(value)) throw new Error(`a line end or NUL in the header ${name}`);
  return /[^\u0000-\u00ff]/.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
}
