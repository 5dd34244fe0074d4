import { writeFileSync } from 'node:fs';
import { configPage, exampleYaml } from '../../src/config/docs.js';

// `npm run docs`: what docs.test.ts compares.
writeFileSync(new URL('../../docs/config.md', import.meta.url), configPage());
writeFileSync(new URL('../../templates/config/sandboxctl.yaml', import.meta.url), exampleYaml());
