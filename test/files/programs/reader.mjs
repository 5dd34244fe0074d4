// Reads the file at argv[2] until it saw argv[3] changes of it; each time it must be of one kind of letter.
import { readIfThere } from '../../../dist/files/atomic.js';

const [, , path, wanted] = process.argv;
let [before, changes] = ['', 0];
while (changes < Number(wanted)) {
  const text = await readIfThere(path);
  if (text?.length !== 200_000 || text !== text[0].repeat(200_000))
    throw new Error(`torn: ${text?.length} bytes`);
  if (text[0] !== before) changes += 1;
  before = text[0];
}
