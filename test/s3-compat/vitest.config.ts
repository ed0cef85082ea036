// The compatibility suite: HTTP only, against one real server (or against S3_ENDPOINT).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 's3-compat',
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/s3-compat/**/*.test.ts'],
    setupFiles: ['test/s3-compat/support/clean-up.ts'],
    globalSetup: ['test/s3-compat/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    pool: 'forks',
    // The SDK takes a second to load: once per worker, not once per file.
    isolate: false,
    maxWorkers: 3,
    // After the others, when all run at once.
    sequence: { groupOrder: 1 },
  },
});
