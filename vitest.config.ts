import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'echogate',
          include: ['test/**/*.test.ts'],
          exclude: ['test/s3-compat/**'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          pool: 'forks',
          // On Node 20 the SDK announces what it will need next year.
          env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
        },
      },
      'test/s3-compat/vitest.config.ts',
    ],
  },
});
