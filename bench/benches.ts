// Every bench, one line each, in the order in which they run: `memory` looks back at the others.
import type { Bench } from './bench.ts';
import { echoCost } from './echo-cost.ts';
import { foresight } from './foresight.ts';
import { get4k } from './get-4k.ts';
import { get64m } from './get-64m.ts';
import { list1000 } from './list-1000.ts';
import { memory } from './memory.ts';
import { million } from './million.ts';
import { put4k } from './put-4k.ts';
import { put64m } from './put-64m.ts';
import { soak } from './soak.ts';

export const benches: readonly Bench[] = [
  get4k,
  get64m,
  put4k,
  put64m,
  list1000,
  foresight,
  echoCost,
  million,
  soak,
  memory,
];
