// Runs around every case file: whatever buckets it made are gone when it ends.
import { afterAll } from 'vitest';
import { removeBuckets } from './buckets.ts';

afterAll(removeBuckets);
