// The documents name files that exist, so that a promise cannot outlive what keeps it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const pages = ['README.md', ...readdirSync('docs').map((name) => join('docs', name))].filter((path) =>
  path.endsWith('.md'),
);

describe.each(pages)('%s', (page) => {
  const text = readFileSync(page, 'utf8');

  it('links to pages that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !/^https?:/.test(link));
    const missing = links.filter((link) => !existsSync(join(page.startsWith('docs') ? 'docs' : '.', link)));
    expect(missing).toEqual([]);
  });

  it('names files that exist', () => {
    const named = [...text.matchAll(/`((?:src\/|test\/|docs\/)?[a-z0-9-]+(?:\/[a-z0-9-]+)*(?:\.[a-z]+)*\.ts)`/g)].map(
      (match) => match[1]!,
    );
    const missing = named.filter((path) => !existsSync(path) && !existsSync(join('src', path)));
    expect(missing).toEqual([]);
  });
});
