import type { FailureRow } from './row.js';

export const CREDENTIALS =
  "add 'machine MACHINE login USER password PASSWORD' to enroot's ~/.config/enroot/.credentials, or run 'docker login HOST', then 'sandboxctl import-image' again";
const AGAIN = "run 'sandboxctl import-image' again: finished layers are kept";
const NETWORK =
  "try 'sandboxctl import-image --on job' where only nodes reach the network, set https_proxy, or set registryMirror";

/** What a registry, and the line to it, can do wrong. Recorded from enroot 4.1.2 and curl 7.88. */
export const REGISTRY_FAILURES: readonly FailureRow[] = [
  {
    line: /manifests\/\S+ returned error code: 404\b/,
    kind: 'refused',
    what: ({ image, host }) => `${host} has no image ${image}`,
    hint: 'check name and tag, then: sandboxctl import-image NAME:TAG',
  },
  {
    line: /returned error code: 401\b/,
    kind: 'refused',
    what: ({ image, host }) => `${host} does not give out ${image}: it is private, or it does not exist`,
    hint: CREDENTIALS,
  },
  {
    line: /returned error code: 403\b/,
    kind: 'refused',
    what: ({ image, host }) => `${host} forbids to pull ${image}`,
    hint: CREDENTIALS,
  },
  {
    line: /error(?: code)?: 429\b/,
    kind: 'tool',
    what: ({ host }) => `${host} limits how often it may be asked`,
    hint: "wait, or log in for a higher limit (~/.config/enroot/.credentials), or set registryMirror; then 'sandboxctl import-image' again",
  },
  {
    line: /error(?: code)?: (5\d\d)\b/,
    kind: 'tool',
    what: ({ host }, match) => `${host} is out of order (HTTP ${match[1]})`,
    hint: 'try again later, or set registryMirror',
  },
  {
    line: /Could not process JSON input|Could not retrieve digest|answered without a digest/,
    kind: 'tool',
    what: ({ host }) =>
      `something that is no registry answered for ${host}, such as the login page of a network`,
    hint: 'look at it: curl -sSi https://HOST/v2/ ; log in there, set https_proxy, or set registryMirror',
  },
  {
    line: /Could not parse (?:digest|authentication)/,
    kind: 'refused',
    what: ({ image, host }) => `${host} has no manifest of ${image} that enroot understands`,
    hint: 'check that the image exists for this architecture, or pull it on a newer enroot',
  },
  {
    line: /curl: \(22\) The requested URL returned error: 404/,
    kind: 'refused',
    what: ({ image, host }) => `${host} lists a layer of ${image} that it does not have`,
    hint: 'push the image again, or import another tag: sandboxctl import-image NAME:TAG',
  },
  {
    line: /curl: \(22\) The requested URL returned error: (\d+)/,
    kind: 'refused',
    what: ({ image, host }, match) => `${host} does not give out a layer of ${image} (HTTP ${match[1]})`,
    hint: AGAIN,
  },
  {
    line: /Checksum mismatch/,
    kind: 'refused',
    what: ({ image }) => `a layer of ${image} arrived damaged`,
    hint: `${AGAIN}; if it happens again, something between changes what it carries: set registryMirror to an https:// mirror`,
  },
  {
    line: /curl: \(18\)/,
    kind: 'tool',
    what: ({ host }) => `the line to ${host} broke off in the middle of a layer`,
    hint: AGAIN,
  },
  {
    line: /curl: \(28\)/,
    kind: 'tool',
    what: ({ host }) => `${host} stopped sending, or did not answer in time`,
    hint: `${AGAIN}; ${NETWORK}`,
  },
  {
    line: /curl: \(5\)|curl: \(97\)/,
    kind: 'tool',
    what: () => 'the proxy for the registry cannot be used',
    hint: 'check https_proxy, http_proxy and no_proxy in your environment',
  },
  {
    line: /curl: \(6\)/,
    kind: 'tool',
    what: ({ host }) => `the name ${host} cannot be resolved`,
    hint: NETWORK,
  },
  {
    line: /curl: \(7\)/,
    kind: 'tool',
    what: ({ host }) => `nothing at ${host} takes connections`,
    hint: NETWORK,
  },
  {
    line: /curl: \(35\)/,
    kind: 'tool',
    what: ({ host }) => `${host} does not speak https`,
    hint: 'set registryMirror to http://HOST where that is meant, or set ENROOT_ALLOW_HTTP=y for this registry',
  },
  {
    line: /curl: \((?:51|58|60|77)\)/,
    kind: 'tool',
    what: ({ host }) => `the certificate of ${host} is not trusted here`,
    hint: "set SSL_CERT_FILE to the certificates of your site, then 'sandboxctl import-image' again",
  },
  {
    line: /curl: \((\d+)\)/,
    kind: 'tool',
    what: ({ host }) => `the transfer from ${host} failed`,
    hint: AGAIN,
  },
  {
    line: /Invalid (?:image reference|argument): /,
    kind: 'usage',
    what: ({ image }) => `enroot does not take ${image} for an image`,
    hint: 'write it as name:tag or registry/name:tag: sandboxctl import-image varad0309/code_sandbox:server',
  },
];
