import { writeFileSync } from 'node:fs';
import { configPage, exampleYaml } from '../../src/config/docs.js';
import { recordedOutcomes } from '../verdicts/matrix/outcomes.js';
import { verdictsPage } from '../verdicts/matrix/page.js';

// `npm run docs`: what docs.test.ts and page.test.ts compare.
writeFileSync(new URL('../../docs/config.md', import.meta.url), configPage());
writeFileSync(new URL('../../templates/config/sandboxctl.yaml', import.meta.url), exampleYaml());
writeFileSync(new URL('../../docs/verdicts.md', import.meta.url), verdictsPage(recordedOutcomes()));
