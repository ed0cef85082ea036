// `sync`: what one arm left in the page cache is written before the next one is measured.
import { spawn } from 'node:child_process';

export const flushDisks = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('sync', [], { stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
