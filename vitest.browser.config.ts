import { defineConfig } from 'vitest/config';

/** What needs a browser: Debian's chromium, which `npm test` does without. */
export default defineConfig({
  test: {
    include: ['test/**/*.browser.ts'],
    testTimeout: 60_000,
    // Installs what is missing.
    hookTimeout: 600_000,
    pool: 'forks',
  },
});
