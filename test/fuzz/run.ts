// `npm run fuzz -- [NAME…]`: hostile input over real sockets; see docs/RELIABILITY.md.
import { runTrials } from '../support/run-trials.ts';
import { trials } from './trials.ts';

process.exitCode = await runTrials({ script: 'fuzz', page: 'docs/RELIABILITY.md', trials }, process.argv.slice(2));
