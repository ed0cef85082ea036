// What echoes cost those who read while nobody needs them: partitions that do well, and no block that is hotter than the others.
import { inPairs } from './in-pairs.ts';

export const echoCost = inPairs({
  name: 'echo-cost',
  headline: 'signed GET of 4 KiB objects where echoes may be made, against without',
  without: { ECHOGATE_ECHO_COUNT: '0' },
  config: (dir) => [
    'partitions:',
    ...['p1', 'p2', 'p3'].map((id) => `  - { id: ${id}, directory: ${dir}/${id}, capacityDomain: ${id} }`),
  ],
  notes: ['Three directories, each a domain of its own.'],
});
