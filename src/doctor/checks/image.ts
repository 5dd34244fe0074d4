import { finding } from '../../failures/finding.js';
import { type Check, check } from '../check.js';
import type { ImageFacts } from '../facts.js';
import { found, foundOr, ok, skipped } from '../judgement.js';
import { formatKib } from '../sizes.js';
import { loopbackIn, startTarget } from './start.js';

const LANGUAGES: readonly (readonly [name: string, path: RegExp])[] = [
  ['C++', /\/bin\/g\+\+$/],
  ['Go', /\/go\/bin\/go$|\/bin\/go$/],
  ['Java', /\/bin\/javac$/],
  ['Node', /\/bin\/node$/],
  ['Rust', /\/bin\/rustc$/],
  ['R', /\/bin\/Rscript$/],
];
/** Where a job starts the server: see templates/parts/launch.hbs. */
const MAKEFILE = /^\/root\/sandbox\/Makefile$/;
const SERVER = /\/sandbox\/server\/server\.py$/;
const PYTHON = /\/bin\/python3(?:\.\d+)?$/;

/** Paths in an image that say what it can run. */
export function isTelling(path: string): boolean {
  return (
    PYTHON.test(path) ||
    LANGUAGES.some(([, pattern]) => pattern.test(path)) ||
    MAKEFILE.test(path) ||
    SERVER.test(path)
  );
}

/** Nobody has imported it, and the nodes may do without. */
export function isOptional({ needed, there }: Pick<ImageFacts, 'needed' | 'there'>): boolean {
  return !needed && !there;
}

/** The image that containers are made of. Left out where the servers need none. */
export const IMAGE_CHECKS: readonly Check[] = [
  check('image', 'image-file', 'Image', ['image'], ({ image }) => {
    if (image === null) return null;
    const { path, damage, bytes, name, files } = image;
    if (isOptional(image)) {
      return skipped(`${path} is not there; it is needed if the nodes have enroot`);
    }
    if (damage !== null) {
      const detail = [damage.reason, damage.words].filter((each) => each !== '').join(': ');
      return found(finding('image-unusable', { image: path, importAs: name }, detail));
    }
    const listed = files === null ? 'its files were not listed: no unsquashfs here' : `${files} files`;
    return ok(`${path}: ${formatKib(Math.ceil(bytes / 1024))}, ${listed}`);
  }),
  check('image', 'image-contents', 'In the image', ['image'], ({ image }) => {
    if (image === null || image.damage !== null || image.files === null) return null;
    const { contents } = image;
    const names = LANGUAGES.filter(([, pattern]) => contents.some((path) => pattern.test(path)));
    const pythons = contents.filter((path) => PYTHON.test(path)).length;
    const others = names.length === 0 ? '' : `, ${names.map(([name]) => name).join(', ')}`;
    return foundOr(`Python${others}`, [
      pythons === 0 && finding('image-without-python', { image: image.path }),
    ]);
  }),
  check('image', 'image-start', 'Its server', ['image', 'setup'], ({ image, setup }) => {
    if (image === null || image.damage !== null || image.files === null) return null;
    if (setup.config.template !== null) return skipped('your --template starts it');
    const { path, contents, makefile } = image;
    const target = startTarget(makefile);
    const loopback = loopbackIn(makefile);
    const server = contents.some((each) => SERVER.test(each) || MAKEFILE.test(each));
    return foundOr(`starts by ${target === null ? 'uvicorn' : `'make ${target}'`}`, [
      !server && finding('image-without-server', { image: path }),
      loopback !== null && finding('listens-on-loopback', { what: `the server of ${path}` }, loopback),
    ]);
  }),
  check('image', 'image-architecture', 'Architecture', ['image'], ({ image }) => {
    if (image === null || image.damage !== null) return null;
    if (image.record === null) return skipped('not known: sandboxctl did not import this image');
    return ok(image.record.architecture);
  }),
  check('image', 'image-digest', 'Registry', ['image', 'registry', 'here'], ({ image, registry, here }) => {
    if (image === null || registry === null || isOptional(image)) return null;
    const { answer, host } = registry;
    if ('words' in answer) {
      const facts = { host, image: image.name, node: here.node, other: 'job' };
      return found(finding('registry-not-reached', facts, answer.words));
    }
    const said = `${host} answers in ${Math.round(answer.seconds * 1000)} ms`;
    const { record } = image;
    if (record === null || record.digest === null) return ok(said);
    const time = record.time.slice(0, 10);
    return foundOr(`${said}; the image is up to date`, [
      record.digest !== answer.digest &&
        finding(
          'image-out-of-date',
          { image: image.name, time },
          `${record.digest} here, ${answer.digest} there`,
        ),
    ]);
  }),
];
