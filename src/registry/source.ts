import { SandboxctlError } from '../errors.js';
import type { ImageReference } from './reference.js';

/** Where an image is asked for: its own registry, or the mirror of Docker Hub. */
export interface ImageSource {
  scheme: 'https' | 'http';
  /** Host, with the port where there is one. */
  host: string;
  repository: string;
  /** Tag or digest. */
  version: string;
}

/**
 * The mirror stands in for Docker Hub alone. `http` only for an http:// mirror, or where the caller set
 * enroot's own ENROOT_ALLOW_HTTP. Throws kind `config` for a mirror that is no URL.
 */
export function sourceOf(reference: ImageReference, mirror: string | null, allowHttp: boolean): ImageSource {
  const version = reference.digest ?? reference.tag ?? 'latest';
  if (mirror === null || !reference.hub) {
    return {
      scheme: allowHttp ? 'http' : 'https',
      host: reference.registry,
      repository: reference.repository,
      version,
    };
  }
  const url = parseMirror(mirror);
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '');
  return {
    scheme: url.protocol === 'http:' ? 'http' : 'https',
    host: url.host,
    repository: prefix === '' ? reference.repository : `${prefix}/${reference.repository}`,
    version,
  };
}

/**
 * As enroot takes it. A digest stands in the place of a tag: enroot 3, which the nodes may have though this machine
 * has another, knows no `@sha256:...`.
 */
export function enrootUri({ host, repository, version }: ImageSource): string {
  return `docker://${host}#${repository}:${version}`;
}

function parseMirror(mirror: string): URL {
  const text = /^[a-z]+:\/\//i.test(mirror) ? mirror : `https://${mirror}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw mirrorError(mirror, 'it must be a host or an http(s):// URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw mirrorError(
      'the given URL',
      "credentials go into enroot's .credentials file or Docker's config.json",
    );
  }
  return url;
}

function mirrorError(shown: string, rule: string): SandboxctlError {
  return new SandboxctlError('config', {
    what: `registryMirror: ${shown} cannot be asked for images`,
    detail: rule,
    hint: 'set registryMirror to something like https://mirror.example.org',
  });
}
