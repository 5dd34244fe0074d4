import type { FailureRule } from '../rule.js';

/** What only `sandboxctl doctor` finds of the image and the registry. */
export const DOCTOR_IMAGE_RULES: readonly FailureRule[] = [
  {
    id: 'image-out-of-date',
    cause: 'the registry has a newer {image} than the one imported on {time}',
    hint: "'sandboxctl import-image' imports it, and the next deploy replaces the servers",
    doctor: { severity: 'warning', matters: 'new servers run the old image' },
  },
  {
    id: 'image-without-python',
    cause: 'there is no Python in the image {image}',
    hint: 'choose another image with --image',
    doctor: { severity: 'error', matters: 'SandboxFusion is a Python program: no server starts' },
  },
  {
    id: 'image-without-server',
    cause: 'the image {image} has neither sandbox/server/server.py nor a Makefile that starts a server',
    hint: 'name an image of SandboxFusion with --image, or start the server otherwise in a --template',
    doctor: { severity: 'error', matters: 'jobs end as they start' },
  },
  {
    id: 'listens-on-loopback',
    cause: '{what} listens on loopback only',
    hint: 'let it listen on $HOST, which is 0.0.0.0 in a job: in the Makefile of another --image or --checkout, or in a --template',
    doctor: { severity: 'error', matters: 'it answers on its own node, and refuses clients elsewhere' },
  },
  {
    id: 'registry-not-reached',
    cause: '{host} cannot be asked for {image} from {node}',
    hint: 'set https_proxy or registryMirror, or import where the registry can be reached: sandboxctl import-image --on {other}',
    doctor: {
      severity: 'warning',
      matters: 'an import there fails; servers that have their image do not need it',
    },
  },
];
