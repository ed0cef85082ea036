// `npm run chaos -- [NAME…]`: the storage under kills, power cuts, full disks and races; see docs/RELIABILITY.md.
import { runTrials } from '../support/run-trials.ts';
import { trials } from './trials.ts';

process.exitCode = await runTrials({ script: 'chaos', page: 'docs/RELIABILITY.md', trials }, process.argv.slice(2));
