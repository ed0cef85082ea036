// What a schema says of a YAML file, as mistakes with the line of their key; unknown keys with what may have been meant.
import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import type { Mistake } from './mistakes.ts';
import { joinPath, lineOf, readFile } from './read-file.ts';
import { knownKeys } from './schema.ts';

export type Report = (key: string, message: string) => void;

/** Tells every issue; answers the keys that are wrong. */
export function reportIssues(issues: readonly z.core.$ZodIssue[], schema: z.ZodType, report: Report): Set<string> {
  const bad = new Set<string>();
  for (const issue of issues) {
    const key = issue.path.reduce<string>((path, step) => joinPath(path, step as string | number), '');
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, issue.path);
      for (const unknown of issue.keys) {
        bad.add(joinPath(key, unknown));
        const near = didYouMean(unknown, known);
        report(joinPath(key, unknown), near === undefined ? 'is unknown' : `is unknown; did you mean ${near}?`);
      }
      continue;
    }
    bad.add(key);
    report(key === '' ? 'file' : key, issue.message);
  }
  return bad;
}

export interface Checked<T> {
  /** Undefined: the schema refused it. */
  readonly value: T | undefined;
  /** Grows by what is reported. */
  readonly mistakes: Mistake[];
  readonly report: Report;
}

/** A YAML file of another kind than the configuration. */
export function readChecked<T extends z.ZodType>(name: string, text: string, schema: T): Checked<z.output<T>> {
  const { tree, lines, mistakes: slips } = readFile(name, text, {});
  const mistakes = [...slips];
  const report: Report = (key, message) => mistakes.push({ key, source: name, ...lineOf(lines, key), message });
  if (mistakes.length > 0) return { value: undefined, mistakes, report };
  const parsed = schema.safeParse(tree ?? {});
  if (!parsed.success) reportIssues(parsed.error.issues, schema, report);
  return { value: parsed.success ? parsed.data : undefined, mistakes, report };
}
