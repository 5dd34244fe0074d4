import { SandboxctlError } from '../errors.js';
import type { ImageReference } from './reference.js';

export interface ImageSource {
  scheme: 'https' | 'http';
  host: string;
  repository: string;
  version: string;
}

/** The mirror replaces Docker Hub alone. Throws kind `config` for a mirror that is no URL. */
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

/** A digest replaces the tag: enroot 3, which nodes may have, does not know `@sha256:...`. */
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
