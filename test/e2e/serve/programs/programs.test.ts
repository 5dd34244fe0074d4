import { comparePrograms } from './compare.js';
import { SUBJECTS } from './subjects.js';

/** Their tools are on every machine that the tests run on; the others run with `npm run test:languages`. */
const ALWAYS = ['python', 'cpp', 'nodejs', 'java', 'bash', 'perl'];

const LITE = { before: [], plainly: [] };

comparePrograms(
  { ...LITE, name: 'lite', args: ['--warm', 'off'] },
  Object.entries(SUBJECTS).map(([subject, programs]) => [
    subject,
    programs.filter(({ language }) => ALWAYS.includes(language)),
  ]),
);

comparePrograms(
  { ...LITE, name: 'lite, warm, root', args: ['--warm', 'on'] },
  Object.entries(SUBJECTS)
    .map(
      ([subject, programs]) => [subject, programs.filter(({ language }) => language === 'python')] as const,
    )
    .filter(([, programs]) => programs.length > 0),
);
