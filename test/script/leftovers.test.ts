/** @module-tag matrix */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTemplate } from '../../src/control/templates.js';
import { madeIn } from '../support/paths.js';
import { JOB_ENV, runHead } from './bash.js';
import { PATHS, render } from './specs.js';

/** What a job ends and clears (templates/parts/leftovers.hbs), with a fake server and looks as the test wants them. */
const SERVER = fileURLToPath(new URL('fake-server.py', import.meta.url));
const COPY = 'server.py';
const template = await loadTemplate(null, 'checkout', 'slurm');

let folder: string;
beforeAll(() => {
  // Not in /tmp, where this clone may lie: one of the servers has another there.
  folder = mkdtempSync(madeIn('/var/tmp', 'leftovers'));
  copyFileSync(SERVER, join(folder, COPY));
  mkdirSync(join(folder, 'state'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Bash for `more`: `ask HOW COMMAND` has a program run and sets FOLDER, `started NAME` waits for a pid in that
 * file, `says NAME` tells what became of it, `ends NAME` the same once it had time to end.
 */
const harness = (below: string) => `
UNCHANGED=0
export SANDBOXCTL_JOB_NONCE=$NONCE
cd "$W"
coproc FAKE { exec ${below} python3 -u "$SERVER_PY"; }
unset SANDBOXCTL_JOB_NONCE
SERVER=$FAKE_PID
ask() { printf '%s\\n' "$*" >&"\${FAKE[1]}"; read -r FOLDER <&"\${FAKE[0]}"; }
started() { until [[ -s $1 ]]; do pause 0.05; done; }
says() { echo "$1: $(kill -0 "$(cat "$1")" 2>/dev/null && echo lives || echo gone)" >>"$ANSWERS"; }
ends() { for _ in {1..100}; do kill -0 "$(cat "$1")" 2>/dev/null || break; pause 0.05; done; says "$1"; }
`;

function inJob(more: string, below = ''): string[] {
  const state = { registrations: join(folder, 'state'), submission: join(folder, 'state') };
  const checkout = { path: '/nowhere', head: null, environment: null };
  const job = { runtime: 'checkout', image: null, isolation: 'none', checkout } as const;
  const script = render({ job }, { template, paths: { ...PATHS, ...state } });
  const env = { ...JOB_ENV, SERVER_PY: join(folder, COPY), W: mkdtempSync(join(folder, 'w-')) };
  const last = 'kill $(pgrep -P "$SERVER") "$SERVER" 2>/dev/null; true';
  return runHead(script, `${harness(below)}${more}\n${last}`, env)
    .trim()
    .split('\n');
}

test('processes that outlived their run end; the server, runs under way and what they started stay', () => {
  const told = inJob(`
ask end "setsid bash -c 'echo \\$\\$ >$W/left; exec sleep 100' & sleep 0.2"; started left
ask end "(cd /; unset PWD OLDPWD; setsid bash -c 'echo \\$\\$ >$W/homeless; exec env -u PWD sleep 100' &) ; sleep 0.2"; started homeless
ask stay "(setsid bash -c 'echo \\$\\$ >$W/daemon; exec sleep 100' &); echo \\$\\$ >$W/run; exec sleep 100"; started daemon; started run
# Another job's, of the same user on the same node.
SANDBOXCTL_JOB_NONCE=other setsid bash -c 'echo $$ >other; exec sleep 100' & started other
echo "$SERVER" >server
end_leftovers; ends left; end_leftovers; end_leftovers
for who in server run daemon other homeless; do says "$who"; done
LONGEST_RUN=0; pause 1.1; end_leftovers; ends homeless; says run
kill "$(cat run)"; rm -rf "$FOLDER"; end_leftovers; ends daemon; says server
end_runtime; ends server; says other
kill "$(cat other)"`);
  expect(told).toEqual([
    'left: gone',
    ...['server: lives', 'run: lives', 'daemon: lives', 'other: lives', 'homeless: lives'],
    ...['homeless: gone', 'run: lives'],
    ...['daemon: gone', 'server: lives'],
    ...['server: gone', 'other: lives'],
  ]);
});

test("in the node's own /tmp only folders of runs that were seen go", () => {
  const told = inJob(`
ask end "setsid bash -c 'echo \\$\\$ >$W/writer; while :; do mkdir -p \\$PWD/x; sleep 0.02; done' & sleep 0.2"; started writer
MINE=$(mktemp -d /tmp/tmpaaaaXXXX) OTHER=$(mktemp /tmp/sandboxctl-mine-XXXX)
LEFT=$FOLDER; until [[ -d $LEFT ]]; do pause 0.02; done
mkdir -p "$LEFT/closed"; chmod 0 "$LEFT/closed"
end_leftovers; says writer; [[ -d $LEFT ]] && echo kept >>"$ANSWERS"
end_leftovers; ends writer; end_leftovers
[[ -d $LEFT ]] || echo cleared >>"$ANSWERS"
[[ -d $MINE && -f $OTHER ]] && echo untouched >>"$ANSWERS"
rm -rf "$MINE" "$OTHER"`);
  expect(told).toEqual(['writer: lives', 'kept', 'writer: gone', 'cleared', 'untouched']);
});

test("in a container's own /tmp goes whatever came after the start, when no run is under way", () => {
  const told = inJob(
    `
started own
ask end true; TMP=/proc/$SERVER/root/tmp
tell() { echo $1: $(LC_ALL=C ls "$TMP" | sed 's/^tmp.*/RUN/') >>"$ANSWERS"; }
end_leftovers; tell start
ask end 'echo >/tmp/file; mkdir -p /tmp/deep/er; chmod 0 /tmp/deep'; tell left
ask stay "echo \\$\\$ >$W/run; exec sleep 100"; started run
end_leftovers; end_leftovers; tell busy
kill "$(cat run)"; while carriers | grep -qx "$(cat run)"; do pause 0.02; done; rm -rf "$TMP/\${FOLDER#/tmp/}"
end_leftovers; tell once
end_leftovers; tell twice`,
    // A mount namespace of its own, as a container has; what is there before the server belongs to it.
    `unshare --user --map-root-user --mount bash -c 'mount -t tmpfs none /tmp && mkdir /tmp/home && echo >$W/own && exec "$@"' unshare`,
  );
  expect(told).toEqual([
    'start: home',
    'left: deep file home',
    'busy: deep file home RUN',
    'once: deep file home',
    'twice: home',
  ]);
});
