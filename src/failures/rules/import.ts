import type { FailureRule } from '../rule.js';
import { CREDENTIALS } from './import-registry.js';

export const IMPORT_RULES = {
  noSpace: {
    id: 'import-no-space',
    kind: 'refused',
    cause: 'not enough space {role} in {folder}',
    hint: 'free some there, or point {setting} to a folder with more',
    doctor: { severity: 'error', matters: '{matters}' },
  },
  noFolder: {
    id: 'import-no-folder',
    kind: 'refused',
    cause: 'there is no folder {role}',
    hint: 'point {setting} to a folder that you can write',
  },
  listing: {
    id: 'import-not-listable',
    kind: 'refused',
    cause: 'enroot wrote an image into {target} whose files cannot be listed',
    hint: "run 'sandboxctl import-image --force'; if it happens again, check the disk and squashfs-tools",
  },
  noEnroot: {
    id: 'import-no-enroot',
    kind: 'tool',
    cause: 'enroot was not found where the import should run',
    hint: "import on a node that has it: 'sandboxctl import-image --on job --partition NAME'",
  },
  credentialsMissing: {
    id: 'import-credentials-missing',
    kind: 'refused',
    cause: '{host} requires credentials for {image}, and none were found',
    hint: CREDENTIALS,
  },
  credentialsRefused: {
    id: 'import-credentials-refused',
    kind: 'refused',
    cause: '{host} does not accept the credentials of {user}',
    hint: CREDENTIALS,
  },
  other: {
    id: 'import-failed',
    kind: 'refused',
    cause: 'the import of {image} failed ({end})',
    hint: 'run it again with -v to see every setting: sandboxctl -v import-image',
  },
} satisfies Record<string, FailureRule & { kind: string }>;
