import { describe, expect, it } from 'vitest';
import { parseReference } from '../../src/registry/reference.js';
import { enrootUri, sourceOf } from '../../src/registry/source.js';

const HEX = 'a'.repeat(64);

describe('an image reference', () => {
  it.each([
    [
      'varad0309/code_sandbox:server',
      'docker.io/varad0309/code_sandbox:server',
      'varad0309+code_sandbox+server.sqsh',
    ],
    [
      'docker://varad0309/code_sandbox:server',
      'docker.io/varad0309/code_sandbox:server',
      'varad0309+code_sandbox+server.sqsh',
    ],
    [
      'DOCKER://varad0309/code_sandbox:server',
      'docker.io/varad0309/code_sandbox:server',
      'varad0309+code_sandbox+server.sqsh',
    ],
    [
      'docker.io/varad0309/code_sandbox:server',
      'docker.io/varad0309/code_sandbox:server',
      'varad0309+code_sandbox+server.sqsh',
    ],
    [
      'registry-1.docker.io#varad0309/code_sandbox:server',
      'docker.io/varad0309/code_sandbox:server',
      'varad0309+code_sandbox+server.sqsh',
    ],
    ['ubuntu', 'docker.io/library/ubuntu:latest', 'ubuntu+latest.sqsh'],
    ['library/ubuntu:22.04', 'docker.io/library/ubuntu:22.04', 'ubuntu+22.04.sqsh'],
    ['nvcr.io/nvidia/cuda:12', 'nvcr.io/nvidia/cuda:12', 'nvidia+cuda+12.sqsh'],
    ['nvcr.io#nvidia/cuda:12', 'nvcr.io/nvidia/cuda:12', 'nvidia+cuda+12.sqsh'],
    ['docker://nvcr.io#nvidia/cuda', 'nvcr.io/nvidia/cuda:latest', 'nvidia+cuda+latest.sqsh'],
    ['127.0.0.1:5000/a/b:c', '127.0.0.1:5000/a/b:c', 'a+b+c.sqsh'],
    ['localhost/a:b', 'localhost/a:b', 'a+b.sqsh'],
    ['[::1]:5000#a:b', '[::1]:5000/a:b', 'a+b.sqsh'],
    [`a/b@sha256:${HEX}`, `docker.io/a/b@sha256:${HEX}`, `a+b+sha256:${HEX}.sqsh`],
    [`a/b:tag@sha256:${HEX}`, `docker.io/a/b@sha256:${HEX}`, `a+b+sha256:${HEX}.sqsh`],
  ])('%s has a canonical form and a file name', (typed, canonical, fileName) => {
    expect(parseReference(typed)).toMatchObject({ canonical, fileName });
  });

  it('has a short form for messages', () => {
    const familiar = (typed: string) => parseReference(typed).familiar;
    expect(familiar('docker.io/library/ubuntu:22.04')).toBe('ubuntu:22.04');
    expect(familiar('docker://nvcr.io#nvidia/cuda:12')).toBe('nvcr.io/nvidia/cuda:12');
  });

  it.each([
    ['', 'the repository is not'],
    ['UPPER/case:x', 'lower case'],
    ['a:b:c', 'b:c is not a tag'],
    ['a/b:', 'the tag is not a tag'],
    ['a b', 'a b is not a repository name'],
    ['podman://a', 'not podman://'],
    ['dockerd://a', 'not dockerd://'],
    ['user@nvcr.io#a/b', 'credentials file'],
    ['a/b@sha256:123', '64 hex digits'],
    ['#a/b', 'the registry is not a host name'],
    ['a/../b', 'is not a repository name'],
    ['$(id)', 'is not a repository name'],
    ['-o', 'is not a repository name'],
    ['a/b\n:c', 'is not a repository name'],
  ])('is rejected: %j', (typed, rule) => {
    expect(() => parseReference(typed)).toThrowError(
      expect.objectContaining({ kind: 'usage', detail: expect.stringContaining(rule) }),
    );
  });
});

describe('the URI of an image for enroot', () => {
  const hub = parseReference('ubuntu:22.04');
  const other = parseReference('nvcr.io/nvidia/cuda:12');

  it.each([
    [hub, null, false, 'docker://registry-1.docker.io#library/ubuntu:22.04', 'https'],
    [hub, 'http://127.0.0.1:5000', false, 'docker://127.0.0.1:5000#library/ubuntu:22.04', 'http'],
    [hub, 'https://mirror.example/hub/', false, 'docker://mirror.example#hub/library/ubuntu:22.04', 'https'],
    [hub, 'mirror.example:8443', false, 'docker://mirror.example:8443#library/ubuntu:22.04', 'https'],
    [other, 'http://127.0.0.1:5000', false, 'docker://nvcr.io#nvidia/cuda:12', 'https'],
    [other, null, true, 'docker://nvcr.io#nvidia/cuda:12', 'http'],
  ])('is that of $0.canonical by mirror $1', (reference, mirror, allowHttp, uri, scheme) => {
    const source = sourceOf(reference, mirror, allowHttp);
    expect([enrootUri(source), source.scheme]).toEqual([uri, scheme]);
  });

  it('has a digest in the form that each version of enroot accepts', () => {
    const source = sourceOf(parseReference(`a/b@sha256:${HEX}`), null, false);
    expect(enrootUri(source)).toBe(`docker://registry-1.docker.io#a/b:sha256:${HEX}`);
  });

  it.each(['ftp://x', 'http://', 'https://u:p@x', 'https://x?y'])(
    'is not built for the mirror %s',
    (mirror) => {
      expect(() => sourceOf(hub, mirror, false)).toThrowError(expect.objectContaining({ kind: 'config' }));
    },
  );
});
