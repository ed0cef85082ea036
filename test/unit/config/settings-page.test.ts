// docs/SETTINGS.md is what the table of knobs says. Write it anew with: echogate config knobs > docs/SETTINGS.md
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { knobPage } from '../../../src/config/config.ts';

it('docs/SETTINGS.md is up to date', () => {
  expect(readFileSync('docs/SETTINGS.md', 'utf8')).toBe(knobPage());
});
