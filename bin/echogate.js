#!/usr/bin/env node
// The `echogate` command. Everything it does is in src/cli, compiled into dist.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cli = new URL('../dist/cli/cli.js', import.meta.url);
if (existsSync(fileURLToPath(cli))) {
  await import(cli.href);
} else {
  process.stderr.write('echogate is not built yet. Run: npm run build\n');
  process.exitCode = 1;
}
