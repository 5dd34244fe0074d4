import type { FailureRule } from '../rule.js';

export const CREDENTIALS =
  "add 'machine {machine} login USER password PASSWORD' to enroot's ~/.config/enroot/.credentials, or run 'docker login {host}', then 'sandboxctl import-image' again";
const AGAIN = "run 'sandboxctl import-image' again: finished layers are kept";
const NETWORK =
  "try 'sandboxctl import-image --on job' where only nodes reach the network, set https_proxy, or set registryMirror";

/** Recorded from enroot 4.1.2 and curl 7.88. */
export const IMPORT_REGISTRY_RULES: readonly FailureRule[] = [
  {
    id: 'import-image-not-found',
    importLog: /manifests\/\S+ returned error code: 404\b/,
    kind: 'refused',
    cause: '{host} has no image {image}',
    hint: 'check name and tag, then: sandboxctl import-image NAME:TAG',
  },
  {
    id: 'import-image-private',
    importLog: /returned error code: 401\b/,
    kind: 'refused',
    cause: '{host} does not give out {image}: it is private, or it does not exist',
    hint: CREDENTIALS,
  },
  {
    id: 'import-forbidden',
    importLog: /returned error code: 403\b/,
    kind: 'refused',
    cause: '{host} forbids to pull {image}',
    hint: CREDENTIALS,
  },
  {
    id: 'import-rate-limited',
    importLog: /error(?: code)?: 429\b/,
    kind: 'tool',
    cause: '{host} limits how often it may be asked',
    hint: "wait, or log in for a higher limit (~/.config/enroot/.credentials), or set registryMirror; then 'sandboxctl import-image' again",
  },
  {
    id: 'import-registry-error',
    importLog: /error(?: code)?: (5\d\d)\b/,
    kind: 'tool',
    cause: '{host} is out of order (HTTP {1})',
    hint: 'try again later, or set registryMirror',
  },
  {
    id: 'import-not-a-registry',
    importLog: /Could not process JSON input|Could not retrieve digest|answered without a digest/,
    kind: 'tool',
    cause: 'something that is no registry answered for {host}, such as the login page of a network',
    hint: 'check it: curl -sSi https://{host}/v2/ ; log in there, set https_proxy, or set registryMirror',
  },
  {
    id: 'import-no-manifest',
    importLog: /Could not parse (?:digest|authentication)/,
    kind: 'refused',
    cause: '{host} has no manifest of {image} that enroot understands',
    hint: 'check that the image exists for this architecture (--arch), or import it with a newer enroot',
  },
  {
    id: 'import-layer-missing',
    importLog: /curl: \(22\) The requested URL returned error: 404/,
    kind: 'refused',
    cause: '{host} lists a layer of {image} that it does not have',
    hint: 'push the image again, or import another tag: sandboxctl import-image NAME:TAG',
  },
  {
    id: 'import-layer-refused',
    importLog: /curl: \(22\) The requested URL returned error: (\d+)/,
    kind: 'refused',
    cause: '{host} does not give out a layer of {image} (HTTP {1})',
    hint: AGAIN,
  },
  {
    id: 'import-layer-damaged',
    importLog: /Checksum mismatch/,
    kind: 'refused',
    cause: 'a layer of {image} arrived damaged',
    hint: `${AGAIN}; if it happens again, something between changes what it carries: set registryMirror to an https:// mirror`,
  },
  {
    id: 'import-connection-lost',
    importLog: /curl: \(18\)/,
    kind: 'tool',
    cause: 'the line to {host} broke off in the middle of a layer',
    hint: AGAIN,
  },
  {
    id: 'import-timeout',
    importLog: /curl: \(28\)/,
    kind: 'tool',
    cause: '{host} stopped sending, or did not answer in time',
    hint: `${AGAIN}; ${NETWORK}`,
  },
  {
    id: 'import-proxy-error',
    importLog: /curl: \(5\)|curl: \(97\)/,
    kind: 'tool',
    cause: 'the proxy for the registry cannot be used',
    hint: 'check https_proxy, http_proxy and no_proxy in your environment',
  },
  {
    id: 'import-host-unknown',
    importLog: /curl: \(6\)/,
    kind: 'tool',
    cause: 'the name {host} cannot be resolved',
    hint: NETWORK,
  },
  {
    id: 'import-connection-refused',
    importLog: /curl: \(7\)/,
    kind: 'tool',
    cause: 'nothing at {host} takes connections',
    hint: NETWORK,
  },
  {
    id: 'import-no-https',
    importLog: /curl: \(35\)/,
    kind: 'tool',
    cause: '{host} does not speak https',
    hint: 'set registryMirror to http://{host} where that is meant, or set ENROOT_ALLOW_HTTP=y for this registry',
  },
  {
    id: 'import-certificate-untrusted',
    importLog: /curl: \((?:51|58|60|77)\)/,
    kind: 'tool',
    cause: 'the certificate of {host} is not trusted here',
    hint: "set SSL_CERT_FILE to the certificates of your site, then 'sandboxctl import-image' again",
  },
  {
    id: 'import-transfer-failed',
    importLog: /curl: \((\d+)\)/,
    kind: 'tool',
    cause: 'the transfer from {host} failed',
    hint: AGAIN,
  },
  {
    id: 'import-reference-invalid',
    importLog: /Invalid (?:image reference|argument): /,
    kind: 'usage',
    cause: 'enroot does not take {image} for an image',
    hint: 'write it as name:tag or registry/name:tag: sandboxctl import-image varad0309/code_sandbox:server',
  },
];
