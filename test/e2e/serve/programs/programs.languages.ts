import { ensurePackages } from '../../../cluster/image/tools.js';
import { comparePrograms } from './compare.js';
import { MODES } from './modes.js';
import { SUBJECTS } from './subjects.js';

// The packages of the languages that these programs are written in, beside those that every test needs.
await ensurePackages([
  ...['bubblewrap', 'php-cli', 'lua5.4', 'r-base-core', 'ruby', 'golang-go', 'rustc', 'racket'],
  ...['default-jdk-headless', 'g++', 'python3', 'perl'],
]);

for (const mode of MODES) comparePrograms(mode, Object.entries(SUBJECTS));
