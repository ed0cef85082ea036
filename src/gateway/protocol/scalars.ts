// Texts of headers, queries and XML → values, strictly: what is not exactly a number, boolean or time is undefined, never a guess.
import { parseHttpDate } from '../../base/http-date.ts';
import type { Shape } from './model.ts';

export type ScalarShape = Exclude<Shape, { kind: 'unit' | 'map' | 'list' | 'structure' }>;

export const isScalar = (shape: Shape): shape is ScalarShape =>
  shape.kind !== 'unit' && shape.kind !== 'map' && shape.kind !== 'list' && shape.kind !== 'structure';

/** The value that `text` stands for, or undefined when it stands for none. */
export function parseScalar(
  shape: ScalarShape,
  text: string,
): string | number | boolean | Date | Uint8Array | undefined {
  switch (shape.kind) {
    case 'string':
      return text;
    case 'number':
      return parseInteger(text.trim());
    case 'boolean':
      return parseBoolean(text.trim());
    case 'timestamp':
      return parseTimestamp(text.trim());
    case 'blob':
      return parseBase64(text.trim());
  }
}

function parseInteger(text: string): number | undefined {
  if (!/^-?\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

function parseBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

const dateTime =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Clients mix the formats of the model, so any of its three is read wherever a time stands. */
export function parseTimestamp(text: string): Date | undefined {
  if (dateTime.test(text)) return valid(Date.parse(text));
  if (/^\d{9,11}(?:\.\d{1,3})?$/.test(text)) return valid(Number(text) * 1000);
  return valid(parseHttpDate(text));
}

const valid = (ms: number | undefined): Date | undefined =>
  ms === undefined || Number.isNaN(ms) ? undefined : new Date(ms);

function parseBase64(text: string): Uint8Array | undefined {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
    ? Buffer.from(text, 'base64')
    : undefined;
}
