// Writes the file argv[2] anew without end, each time full of another letter.
import { writeAtomic } from '../../../dist/files/atomic.js';

process.stdout.write('writing\n');
for (let count = process.pid; ; count++) {
  await writeAtomic(process.argv[2], String.fromCharCode(97 + (count % 26)).repeat(200_000));
}
