// The file as one layer of settings: what is right in it, where everything stands, and a way to report what is wrong.
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { ZodType } from 'zod';
import { reportIssues } from './file-issues.ts';
import type { Mistake } from './mistakes.ts';
import { joinPath, lineOf, readFile } from './read-file.ts';
import { fileSchema, itemSchemas } from './schema.ts';
import type { Sources } from './sources.ts';

export interface FileLayer {
  readonly name: string;
  readonly tree: unknown;
  /** Validated values; single wrong ones are left out (their mistakes are noted). */
  readonly value: Record<string, unknown>;
  readonly lines: ReadonlyMap<string, number>;
  readonly origin: (key: string) => string;
  readonly report: (key: string, message: string) => void;
}

export function readLayer(sources: Sources, mistakes: Mistake[]): FileLayer {
  const name = sources.file === undefined ? 'configuration' : basename(sources.file);
  let lines: ReadonlyMap<string, number> = new Map();
  const report = (key: string, message: string): void => {
    const line = lineOf(lines, key);
    if (mistakes.some((each) => each.key === key && each.source === name && each.line === line.line)) return;
    mistakes.push({ key, source: name, ...line, message });
  };
  const origin = (key: string): string => `${name}:${lineOf(lines, key).line ?? 1}`;
  const empty: FileLayer = { name, tree: {}, value: {}, lines, origin, report };
  if (sources.file === undefined) return empty;

  const full = resolve(sources.cwd, sources.file);
  let textOfFile: string;
  try {
    textOfFile = readFileSync(full, 'utf8');
  } catch (error) {
    mistakes.push({ key: 'config', source: sources.file, message: `cannot be read: ${(error as Error).message}` });
    return empty;
  }
  const read = readFile(name, textOfFile, sources.env);
  lines = read.lines;
  mistakes.push(...read.mistakes);
  const tree = read.tree ?? {};
  const schema = fileSchema(dirname(full));
  const parsed = schema.safeParse(tree);
  if (parsed.success) return { ...empty, lines, tree, value: parsed.data };

  const bad = reportIssues(parsed.error.issues, schema, report);
  // Go on with what is right, so that mistakes between keys are found in the same run.
  const isWrong = (key: string, value: unknown): boolean =>
    bad.has(key) || (Array.isArray(value) && key.includes('.') && [...bad].some((each) => each.startsWith(`${key}[`)));
  const prune = (value: unknown, path: string): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const right = Object.entries(value).filter(([key, each]) => !isWrong(joinPath(path, key), each));
    return Object.fromEntries(right.map(([key, each]) => [key, prune(each, joinPath(path, key))]));
  };
  const items = itemSchemas(dirname(full));
  const pruned = prune(tree, '') as Record<string, unknown>;
  const single = Object.fromEntries(Object.entries(pruned).filter(([key]) => !(key in items)));
  const again = schema.safeParse(single);
  const lists = Object.entries(items).map(([name, item]) => [name, rightOnes(pruned[name], item)]);
  const value = { ...(again.success ? again.data : {}), ...Object.fromEntries(lists) };
  return { ...empty, lines, tree, value };
}

/** The items that are right by themselves; the others become holes, so that the rest keep their index. */
function rightOnes(list: unknown, schema: ZodType): unknown[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.map((each) => {
    const parsed = schema.safeParse(each);
    return parsed.success ? parsed.data : undefined;
  });
}

export function at(tree: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], tree);
}
