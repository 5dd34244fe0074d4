import { comparePrograms } from './compare.js';
import { SUBJECTS } from './subjects.js';

/** Their tools are on every machine that the tests run on; the others run with `npm run test:languages`. */
const ALWAYS = ['python', 'cpp', 'nodejs', 'java', 'bash', 'perl'];

comparePrograms(
  { name: 'lite', args: [], before: [], plainly: [] },
  Object.entries(SUBJECTS).map(([subject, programs]) => [
    subject,
    programs.filter(({ language }) => ALWAYS.includes(language)),
  ]),
);
