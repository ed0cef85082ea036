// Answers of long benches, kept in a folder as they come: a run that is stopped goes on where it was, as long as forecasts are made by the same code.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface KeptAnswers<Task, Answer> {
  find(task: Task): Answer | undefined;
  keep(task: Task, answer: Answer): void;
}

/** `folder` undefined: nothing is kept. Answers must be plain JSON; they hold while the code in `folders` is the same. */
export function keptAnswers<Task, Answer>(
  folder: string | undefined,
  folders: readonly URL[] = forecasting,
): KeptAnswers<Task, Answer> {
  if (folder === undefined) return { find: () => undefined, keep: () => {} };
  mkdirSync(folder, { recursive: true });
  const code = codeDigest(folders);
  const pathOf = (task: Task): string => join(folder, `${digestOf(code, JSON.stringify(task))}.json`);
  return {
    find(task) {
      try {
        return JSON.parse(readFileSync(pathOf(task), 'utf8')) as Answer;
      } catch {
        return undefined;
      }
    },
    keep(task, answer) {
      const path = pathOf(task);
      writeFileSync(`${path}.new`, JSON.stringify(answer));
      renameSync(`${path}.new`, path);
    },
  };
}

/** All that forecasts, and the bench itself. */
const forecasting = ['../../src/forecast/', './'].map((path) => new URL(path, import.meta.url));

function codeDigest(urls: readonly URL[]): string {
  const folders = urls.map((url) => fileURLToPath(url));
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.[jt]s$/.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
  return digestOf(...files.map((file) => readFileSync(file, 'utf8')));
}

function digestOf(...texts: string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 32);
}
