// The file as a tree of plain values, with the line of every key. Syntax errors are mistakes like others: reading goes on,
// so that one start names them all. `${NAME}` and `${NAME:-default}` in texts are taken from the environment; `$$` is a `$`.
import { type Alias, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Mistake } from './mistakes.ts';

const depthMax = 32;
const nodesMax = 100_000;

export interface ReadFile {
  readonly tree: unknown;
  /** Line of each key path that stands in the file: `partitions[0].id` → 12. */
  readonly lines: ReadonlyMap<string, number>;
  readonly mistakes: readonly Mistake[];
}

export type Env = Readonly<Record<string, string | undefined>>;

export const joinPath = (path: string, key: string | number): string =>
  typeof key === 'number' ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;

export function readFile(source: string, text: string, env: Env): ReadFile {
  const counter = new LineCounter();
  const document = parseDocument(wrap(text), { lineCounter: counter, version: '1.2', logLevel: 'silent' });
  const lines = new Map<string, number>();
  const mistakes: Mistake[] = [];
  const lineAt = (offset: number): number => counter.linePos(offset).line;

  for (const error of document.errors) {
    const line = lineAt(error.pos[0]);
    const key = keyOnLine(text, line);
    const message =
      error.code === 'DUPLICATE_KEY'
        ? 'is written twice here; keep one'
        : (error.message.split(/ at line |\n/)[0] ?? '');
    // One slip upsets the rest of its line: the first complaint is the one that helps.
    if (error.code === 'DUPLICATE_KEY' || !mistakes.some((each) => each.line === line)) {
      mistakes.push({ source, line, key, message });
    }
  }

  let nodes = 0;
  const walk = (node: unknown, path: string, depth: number): unknown => {
    if (++nodes > nodesMax || depth > depthMax) {
      if (nodes <= nodesMax + 1)
        mistakes.push({ source, key: path, line: 1, message: 'is nested too deep or too large' });
      nodes = nodesMax + 1;
      return undefined;
    }
    if (isAlias(node)) return walk((node as Alias).resolve(document), path, depth + 1);
    if (isMap(node)) {
      const object: Record<string, unknown> = {};
      for (const pair of node.items) {
        const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
        const at = joinPath(path, key);
        if (key === '__proto__') continue;
        lines.set(at, lineAt((pair.key as Node).range?.[0] ?? 0));
        object[key] = walk(pair.value, at, depth + 1);
      }
      return object;
    }
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const at = joinPath(path, index);
        lines.set(at, lineAt((item as Node | null)?.range?.[0] ?? 0));
        return walk(item, at, depth + 1);
      });
    }
    if (!isScalar(node)) return undefined;
    return typeof node.value === 'string' ? fill(node.value, path) : node.value;
  };

  const fill = (value: string, path: string): string =>
    unwrap(value, (name, other) => {
      const found = env[name] || other;
      if (found !== undefined) return found;
      const message = `the environment variable ${name} is not set`;
      mistakes.push({ source, key: path, ...lineOf(lines, path), message });
      return '';
    });

  const tree = walk(document.contents, '', 0);
  return { tree, lines, mistakes };
}

// Braces would end a plain text in `{ secretKey: ${NAME} }`, so references are wrapped in characters that YAML has no use for.
const dollar = '\uE000';
const open = '\uE001';
const close = '\uE002';
const fallback = '\uE003';

const wrap = (text: string): string =>
  text.replace(
    /\$(\$|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}\n]*))?\})/g,
    (_, form: string, name: string, other?: string) => {
      if (form === '$') return dollar;
      return `${open}${name}${other === undefined ? '' : `${fallback}${Buffer.from(other).toString('hex')}`}${close}`;
    },
  );

const unwrap = (value: string, lookUp: (name: string, other: string | undefined) => string): string =>
  value.replace(/\uE000|\uE001(\w+)(?:\uE003([0-9a-f]*))?\uE002/g, (form, name: string, other?: string) =>
    form === dollar ? '$' : lookUp(name, other === undefined ? undefined : Buffer.from(other, 'hex').toString()),
  );

/** The line of `path`, or of the nearest thing around it. */
export function lineOf(lines: ReadonlyMap<string, number>, path: string): { line?: number } {
  for (let at = path; at !== ''; at = at.replace(/(\.[^.[\]]*|\[\d+\]|^[^.[]+)$/, '')) {
    const line = lines.get(at);
    if (line !== undefined) return { line };
  }
  return {};
}

/** The key that stands on a line, for errors of syntax. */
function keyOnLine(text: string, line: number): string {
  const all = text.split('\n');
  for (let at = line - 1; at >= 0; at--) {
    const found = /([A-Za-z_][\w-]*)\s*:/.exec(all[at] ?? '');
    if (found?.[1] !== undefined) return found[1];
  }
  return 'file';
}
