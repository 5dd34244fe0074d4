import { accessSync, constants } from 'node:fs';
import { basename } from 'node:path';

/** Runs before the tests on the real tools: without them they would prove nothing. */
export function setup(): void {
  const { REAL_ENROOT = '', REAL_PYXIS = '' } = process.env;
  refuseWhatIsNotThere('REAL_ENROOT', REAL_ENROOT, 'enroot');
  if (REAL_PYXIS !== '') refuseWhatIsNotThere('REAL_PYXIS', REAL_PYXIS, 'spank_pyxis.so');
}

function refuseWhatIsNotThere(variable: string, path: string, name: string): void {
  const example = `${variable}=/PATH/TO/${name} npm run test:real`;
  if (path === '') throw new Error(`${variable} names no ${name}: ${example}`);
  if (basename(path) !== name) throw new Error(`${variable}=${path} is no ${name}: ${example}`);
  accessSync(path, constants.R_OK);
}
