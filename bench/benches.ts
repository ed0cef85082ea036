// Every bench, one line each, in the order in which they run.
import type { Bench } from './bench.ts';
import { get4k } from './get-4k.ts';
import { list1000 } from './list-1000.ts';
import { put4k } from './put-4k.ts';

export const benches: readonly Bench[] = [get4k, put4k, list1000];
