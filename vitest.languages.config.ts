import { defineConfig } from 'vitest/config';

/** Every language that Debian has tools for: they are several hundred megabytes, too much for `npm test`. */
export default defineConfig({
  test: {
    include: ['test/**/*.languages.ts'],
    testTimeout: 120_000,
    // Installs what is missing.
    hookTimeout: 1_800_000,
    pool: 'forks',
  },
});
