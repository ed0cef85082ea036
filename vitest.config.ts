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
        },
      },
      'test/s3-compat/vitest.config.ts',
    ],
  },
});
