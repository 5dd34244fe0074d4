import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packTar, unpackTar } from '../../../src/sandbox/files/tar.js';
import { python } from './python.js';

type Archive = [path: string, hex: string][];

const READ = `
import io, json, sys, tarfile
def read(archive):
    with tarfile.open(fileobj=io.BytesIO(bytes.fromhex(archive))) as tar:
        return [[member.name, tar.extractfile(member).read().hex()] for member in tar]
print(json.dumps([read(archive) for archive in json.load(sys.stdin)]))
`;
const WRITE = `
import io, json, sys, tarfile
def write(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for path, content in files:
            content = bytes.fromhex(content)
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue().hex()
print(json.dumps([write(files) for files in json.load(sys.stdin)]))
`;

const name = fc.string({ unit: fc.constantFrom(...'ab.-_ é中'), minLength: 1, maxLength: 60, size: 'max' });
const path = fc
  .array(name, { minLength: 1, maxLength: 6, size: 'max' })
  .map((names) => `x${names.join('/x')}`);
const size = fc.oneof(fc.nat(3), fc.constantFrom(511, 512, 513, 1024), fc.nat(3000));
const content = fc
  .tuple(size, fc.nat(255))
  .map(([length, byte]) => Buffer.alloc(length, byte).toString('hex'));
const files = fc.uniqueArray(fc.tuple(path, content), { maxLength: 5, selector: ([where]) => where });
const archives: Archive[] = fc.sample(files, { numRuns: 300, seed: 1 });

test('Python’s tarfile reads back what packTar writes', () => {
  const packed = archives.map((archive) =>
    packTar(new Map(archive.map(([where, hex]) => [where, Buffer.from(hex, 'hex')]))).toString('hex'),
  );
  expect(python<Archive[]>(READ, packed)).toEqual(archives);
});

test('unpackTar reads the plain files of what Python’s tarfile writes, and no more of a cut archive', () => {
  const written = python<string[]>(WRITE, archives).map((hex) => Buffer.from(hex, 'hex'));
  const unpacked = (archive: Buffer): Archive =>
    [...unpackTar(archive)].map(([where, bytes]) => [where, bytes.toString('hex')]);
  expect(written.map(unpacked)).toEqual(archives);
  for (const [at, archive] of written.entries()) {
    const part = unpacked(archive.subarray(0, (archive.length * at) / written.length));
    expect(part).toEqual(archives[at]?.slice(0, part.length));
  }
});
