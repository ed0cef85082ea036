// Reads a source tree into values, so that every house rule is a pure function over the same list of files.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';

export interface SourceFile {
  /** From the tree's root, with forward slashes: `src/objects/read-object.ts`. */
  readonly path: string;
  readonly text: string;
  /** Without comments and string contents, same line breaks: for rules about code rather than prose. */
  readonly code: string;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly from: string;
  /** Path from the root when relative; undefined for packages and node:. */
  readonly target?: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

export function readTree(root: string, folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) => walk(join(root, folder)))
    .filter((file) => file.endsWith('.ts') && !file.includes(`${sep}fixtures${sep}`))
    .sort()
    .map((file) => sourceFile(relative(root, file).split(sep).join('/'), readFileSync(file, 'utf8')));
}

export function sourceFile(path: string, text: string): SourceFile {
  return { path, text, code: stripped(text), imports: importsOf(path, text) };
}

function importsOf(path: string, text: string): Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(importPattern)) {
    const from = match[2] ?? match[3]!;
    const target = from.startsWith('.') ? posix.normalize(posix.join(dirname(path), from)) : undefined;
    const line = text.slice(0, match.index + match[0].indexOf(from)).split('\n').length;
    found.push({ from, typeOnly: match[1] !== undefined, line, ...(target === undefined ? {} : { target }) });
  }
  return found;
}

/** Blanks comments and the insides of plain strings; template literals keep their text (they may hold code). */
function stripped(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, (part) =>
    part.startsWith('/') ? part.replace(/[^\n]/g, ' ') : `''`,
  );
}

function walk(folder: string): string[] {
  let entries: ReturnType<typeof list>;
  try {
    entries = list(folder);
  } catch {
    return [];
  }
  return entries.flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

const list = (folder: string) => readdirSync(folder, { withFileTypes: true });
