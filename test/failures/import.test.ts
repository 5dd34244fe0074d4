import { describe, expect, it } from 'vitest';
import { newFacts, takeFact } from '../../src/failures/import/facts.js';
import { explainFailure } from '../../src/failures/import/index.js';

const NAMES = { image: 'varad0309/code_sandbox:server', host: 'registry-1.docker.io', target: '/images' };
const URL = 'https://registry-1.docker.io/v2/varad0309/code_sandbox/manifests/nosuch';
const TAR = 'tar: usr/lib/x: Cannot write: No space left on device';

function explain(code: number, ...lines: string[]) {
  const facts = newFacts();
  const rest = lines.filter((line) => !takeFact(facts, line));
  return explainFailure({ code, signal: null, lines: rest, facts }, NAMES);
}

/** The lines were recorded from enroot 4.1.2, curl 7.88, mksquashfs 4.5.1 and srun 22.05. */
describe('every recorded failure has an error of its own', () => {
  const rows: [name: string, kind: string, what: RegExp, code: number, ...lines: string[]][] = [
    [
      'output exists',
      'refused',
      /something else writes/,
      1,
      '[ERROR] File already exists: /home/sbx/varad0309+code_sandbox+server.sqsh',
    ],
    [
      'missing tag',
      'refused',
      /has no image varad0309/,
      1,
      '[INFO] Querying registry for permission grant',
      `[ERROR] URL ${URL} returned error code: 404 Not Found`,
    ],
    [
      'DNS',
      'tool',
      /registry-1\.docker\.io cannot be resolved/,
      6,
      'curl: (6) Could not resolve host: registry-1.docker.io',
    ],
    [
      'refused',
      'tool',
      /takes connections/,
      7,
      "curl: (7) Failed to connect to 127.0.0.1 port 5001 after 0 ms: Couldn't connect to server",
    ],
    [
      'https to http',
      'tool',
      /does not speak https/,
      35,
      'curl: (35) OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number',
    ],
    [
      'certificate',
      'tool',
      /certificate/,
      60,
      'curl: (60) SSL certificate problem: unable to get local issuer certificate',
    ],
    [
      'no credentials',
      'refused',
      /wants credentials/,
      1,
      '[INFO] Querying registry for permission grant',
      '[INFO] Authenticating with user: <anonymous>',
    ],
    [
      'wrong credentials',
      'refused',
      /credentials of alice/,
      1,
      '[INFO] Authenticating with user: alice',
      '[INFO] Using credentials from file: /home/sbx/.config/enroot/.credentials',
    ],
    [
      'private, bearer',
      'refused',
      /private, or it does not exist/,
      1,
      `[ERROR] URL ${URL} returned error code: 401 Unauthorized`,
    ],
    ['rate limit', 'tool', /limits how often/, 1, `[ERROR] URL ${URL} returned error code: 429 `],
    [
      '500',
      'tool',
      /out of order \(HTTP 500\)/,
      1,
      `[ERROR] URL ${URL} returned error code: 500 Internal Server Error`,
    ],
    ['portal', 'tool', /no registry answered/, 1, '[ERROR] Could not process JSON input'],
    [
      'blob 404',
      'refused',
      /a layer of .* that it does not have/,
      1,
      'curl: (22) The requested URL returned error: 404',
    ],
    ['blob 429', 'tool', /limits how often/, 1, 'curl: (22) The requested URL returned error: 429'],
    [
      'truncated blob',
      'tool',
      /broke off/,
      1,
      'curl: (18) transfer closed with 6610 bytes remaining to read',
      'pigz: skipping: <stdin>: corrupted -- incomplete deflate data',
    ],
    ['checksum', 'refused', /arrived damaged/, 1, 'Checksum mismatch: 9341b6f0'],
    [
      'stalled',
      'tool',
      /stopped sending/,
      1,
      'curl: (28) Operation too slow. Less than 1024 bytes/sec transferred the last 30 seconds',
    ],
    ['bad reference', 'usage', /does not take/, 1, '[ERROR] Invalid image reference: docker://UPPER'],
    ['no scheme', 'usage', /does not take/, 1, '[ERROR] Invalid argument: varad0309/code_sandbox'],
    [
      'no folder',
      'refused',
      /\/images cannot be written/,
      1,
      '[ERROR] No such file or directory: /root/x.sqsh',
    ],
    [
      'output full',
      'refused',
      /\/images is full/,
      1,
      'Write failed because No space left on device',
      'FATAL ERROR: Failed to write to output filesystem',
    ],
    [
      'temp full',
      'refused',
      /unpacks layers is full/,
      1,
      ...Array.from({ length: 150 }, () => TAR),
      'tar: Exiting with failure status due to previous errors',
    ],
    [
      'cache full',
      'refused',
      /cache folder is full/,
      1,
      'zstd: error 70 : Write error : cannot write block : No space left on device',
    ],
    ['quota', 'refused', /quota/, 1, 'tar: usr/lib/x: Cannot open: Disk quota exceeded'],
    ['no mksquashfs', 'tool', /needs mksquashfs/, 1, '[ERROR] Command not found: mksquashfs'],
    ['no enroot', 'tool', /enroot was not found/, 112, 'sandboxctl: no-enroot'],
    [
      'no enroot by srun',
      'tool',
      /enroot was not found/,
      127,
      'slurmstepd-node1: error: execve(): enroot: No such file or directory',
    ],
    [
      'no runtime folder',
      'tool',
      /runtime folder/,
      1,
      "mkdir: cannot create directory '/run/enroot': Permission denied",
    ],
    [
      'helpers of enroot without their capabilities',
      'tool',
      /file capabilities/,
      1,
      '[INFO] Converting whiteouts...',
      'enroot-aufs2ovlfs: failed to set capabilities: Operation not permitted',
    ],
    [
      'the same within a container of the user',
      'tool',
      /file capabilities/,
      1,
      'enroot-aufs2ovlfs: failed to create opaque ovlfs whiteout: /tmp/enroot.x/1/a/: Operation not permitted',
    ],
    [
      'an architecture that enroot does not know',
      'config',
      /no architecture riscv64/,
      1,
      '[ERROR] Unsupported architecture: riscv64',
    ],
    [
      'no overlay',
      'tool',
      /overlay/,
      1,
      'enroot-mksquashovlfs: failed to mount overlay: 0:1:2: Invalid argument',
    ],
    [
      'out of memory',
      'refused',
      /want of memory/,
      137,
      'slurmstepd-node1: error: Detected 1 oom-kill event(s) in StepId=12.0.',
    ],
    [
      'time limit',
      'refused',
      /time limit/,
      143,
      'slurmstepd-node2: error: *** STEP 27.0 ON node2 CANCELLED AT 2026-11-22T22:53:23 DUE TO TIME LIMIT ***',
    ],
    [
      'no controller',
      'tool',
      /Slurm cannot be reached/,
      1,
      'srun: error: Unable to allocate resources: Unable to contact slurm controller (connect failure)',
    ],
    [
      'bad partition',
      'refused',
      /Slurm refused/,
      1,
      'srun: error: invalid partition specified: nope',
      'srun: error: Unable to allocate resources: Invalid partition name specified',
    ],
    [
      'no room',
      'refused',
      /not enough room to unpack the layers in \/tmp/,
      110,
      'sandboxctl: no-space temp 1024 204800 /tmp',
    ],
    [
      'no cache folder',
      'refused',
      /no folder for enroot's cache/,
      110,
      'sandboxctl: no-folder cache /home/sbx/.cache/enroot',
    ],
    [
      'cannot be listed',
      'refused',
      /files cannot be listed/,
      111,
      'FATAL ERROR: File system corruption detected',
      'sandboxctl: listing failed',
    ],
    ['unheard of', 'refused', /failed \(exit code 3\)/, 3, 'enroot: something new'],
  ];

  it.each(rows)('%s', (_, kind, what, code, ...lines) => {
    const error = explain(code, ...lines);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(what);
    expect(error.message).not.toContain('\n');
    expect(error.hint).toMatch(/sandboxctl|ENROOT_|--arch|registryMirror|imageDir|curl|proxy|SSL_CERT_FILE/);
    expect(error.hint).not.toMatch(/HOST|MACHINE/);
  });

  it.each(rows.filter(([name]) => !/^no (room|cache|enroot)/.test(name)))(
    "%s: the tool's own words, verbatim",
    (_, _kind, _what, code, ...lines) => {
      const words = explain(code, ...lines).words ?? '';
      expect(lines.map((line) => line.trim())).toContain(words);
    },
  );

  it('says how much room is missing', () => {
    expect(explain(110, 'sandboxctl: no-space cache 1024 204800 /home/a b').words).toBe(
      '1 MiB free, about 200 MiB needed',
    );
  });

  it('shows the last lines where no row knows the cause', () => {
    expect(explain(3, 'one', 'two').tail).toEqual(['one', 'two']);
  });
});

it('a registry on a port of its own has it once in every hint', () => {
  const names = { ...NAMES, host: 'registry.example:5000' };
  for (const line of ['curl: (35) wrong version number', 'URL x returned error code: 401 Unauthorized']) {
    const { hint } = explainFailure({ code: 1, signal: null, lines: [line], facts: newFacts() }, names);
    expect(hint).toMatch(/registry\.example:5000(?!:)/);
    expect(hint).not.toMatch(/PORT|5000:/);
  }
});
