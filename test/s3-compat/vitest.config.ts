// The compatibility suite: HTTP only, against one real server (or against S3_ENDPOINT).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 's3-compat',
    root: '.',
    include: ['test/s3-compat/**/*.test.ts'],
    globalSetup: ['test/s3-compat/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 3,
  },
});
