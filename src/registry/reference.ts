import { SandboxctlError } from '../errors.js';

const HUB = 'registry-1.docker.io';
const HUB_NAMES = ['docker.io', 'index.docker.io', HUB];

export interface ImageReference {
  registry: string;
  /** Whether it is Docker Hub, which a `registryMirror` stands in for. */
  hub: boolean;
  repository: string;
  /** Null if only a digest was given. */
  tag: string | null;
  /** `sha256:...`; if given, the tag is ignored. */
  digest: string | null;
  /** One spelling for all that mean the same, such as `docker.io/varad0309/code_sandbox:server`. */
  canonical: string;
  /** Short, as people write it: without `docker.io/` and `library/`. */
  familiar: string;
  fileName: string;
}

const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/**
 * `name:tag`, `registry/name:tag`, `docker://...`, `registry#name`, each with or without `@sha256:...`. The first
 * part is a registry only with a `.` or `:`, or as `localhost`. Throws kind `usage`.
 */
export function parseReference(text: string): ImageReference {
  const refuse = (rule: string) => notAReference(text, rule);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'docker')
    throw refuse(`only docker:// can be imported, not ${scheme}://`);
  const plain = scheme === undefined ? text : text.slice('docker://'.length);

  const [named = '', digest = null, ...more] = plain.split('@');
  if (more.length > 0 || (digest !== null && !DIGEST.test(digest))) {
    throw refuse(
      'what follows @ must be sha256: and 64 hex digits; a user name goes into the credentials file',
    );
  }
  const { registry, path } = splitRegistry(named);
  if (!HOST.test(registry)) throw refuse(`${registry === '' ? 'the registry' : registry} is not a host name`);

  const colon = path.indexOf(':');
  const name = colon === -1 ? path : path.slice(0, colon);
  const given = colon === -1 ? null : path.slice(colon + 1);
  if (name !== name.toLowerCase()) throw refuse('a repository is written in lower case');
  if (!REPOSITORY.test(name))
    throw refuse(`${name === '' ? 'the repository' : name} is not a repository name`);
  if (given !== null && !TAG.test(given)) throw refuse(`${given === '' ? 'the tag' : given} is not a tag`);

  return build(registry, name, given ?? (digest === null ? 'latest' : null), digest);
}

function splitRegistry(named: string): { registry: string; path: string } {
  const hash = named.indexOf('#');
  if (hash !== -1) return { registry: named.slice(0, hash), path: named.slice(hash + 1) };
  const slash = named.indexOf('/');
  const first = slash === -1 ? '' : named.slice(0, slash);
  if (/[.:]/.test(first) || first === 'localhost') return { registry: first, path: named.slice(slash + 1) };
  return { registry: HUB, path: named };
}

function build(host: string, name: string, tag: string | null, digest: string | null): ImageReference {
  const hub = HUB_NAMES.includes(host.toLowerCase());
  const repository = hub && !name.includes('/') ? `library/${name}` : name;
  const shown = hub ? repository.replace(/^library\//, '') : repository;
  const suffix = digest === null ? `:${tag}` : `@${digest}`;
  return {
    registry: hub ? HUB : host.toLowerCase(),
    hub,
    repository,
    tag: digest === null ? tag : null,
    digest,
    canonical: `${hub ? 'docker.io' : host.toLowerCase()}/${repository}${suffix}`,
    familiar: `${hub ? '' : `${host.toLowerCase()}/`}${shown}${suffix}`,
    fileName: `${shown.replaceAll('/', '+')}+${digest ?? tag}.sqsh`,
  };
}

function notAReference(text: string, rule: string): SandboxctlError {
  return new SandboxctlError('usage', {
    what: `${JSON.stringify(text)} is not an image reference`,
    detail: rule,
    hint: 'write it as name:tag, registry/name:tag or name@sha256:..., for example: sandboxctl import-image varad0309/code_sandbox:server',
  });
}
