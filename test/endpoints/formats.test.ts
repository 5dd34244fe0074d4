import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { renderFormat } from '../../src/endpoints/formats/render.js';
import type { EndpointsFile, Gateway } from '../../src/endpoints/schema.js';
import { selectEndpoints } from '../../src/endpoints/select.js';
import { folder, refused } from './folder.js';
import { endpoint, fleet, NOW, pending } from './samples.js';

const run = promisify(execFile);
const THREE = fleet([endpoint(0), endpoint(1, { port: 8081 }), endpoint(2, { host: 'fd00::3' })]);
const GATEWAY: Gateway = {
  url: 'http://node9:8080',
  node: 'node9',
  job_id: '130',
  state: 'ready',
  auth: null,
};
const NASTY = `a'b"c$(touch x)\\ \`id\` #{{x}}\n\u2028\u0085é😀,&<`;

function render(format: string, file: EndpointsFile): Promise<string> {
  return renderFormat(format, file, { now: NOW });
}

/** The environment after a shell has read the file. */
async function sourced(text: string, env: Record<string, string> = {}): Promise<Record<string, string>> {
  const path = join(folder(), 'client.env');
  writeFileSync(path, text);
  const dump = 'set -a; . "$1"; exec python3 -c "import json, os; print(json.dumps(dict(os.environ)))"';
  const { stdout } = await run('bash', ['-euc', dump, 'bash', path], {
    env: { PATH: process.env.PATH, ...env },
  });
  return JSON.parse(stdout);
}

/** The module's names, read by Python itself. */
async function imported(text: string): Promise<Record<string, unknown>> {
  const path = join(folder(), 'client.py');
  writeFileSync(path, text);
  const dump = 'import json, runpy, sys; m = runpy.run_path(sys.argv[1]);';
  const { stdout } = await run('python3', [
    '-c',
    `${dump} print(json.dumps({k: v for k, v in m.items() if k.isupper() and k[0] != '_'}))`,
    path,
  ]);
  return JSON.parse(stdout);
}

describe('json, txt and yaml', () => {
  it('json and yaml say the same', async () => {
    for (const file of [THREE, fleet([]), fleet([endpoint(0), pending(1)], { gateway: GATEWAY })]) {
      expect(JSON.parse(await render('json', file))).toEqual(file);
      expect(parse(await render('yaml', file))).toEqual(file);
    }
  });

  it('txt is one URL a line: the gateway where one is ready', async () => {
    expect(await render('txt', THREE)).toBe('http://node1:8080\nhttp://node2:8081\nhttp://[fd00::3]:8080\n');
    expect(await render('txt', fleet([]))).toBe('');
    expect(await render('txt', { ...THREE, gateway: GATEWAY })).toBe('http://node9:8080\n');
    expect(await render('txt', fleet([endpoint(0)], { gateway: { ...GATEWAY, state: 'starting' } }))).toBe(
      'http://node1:8080\n',
    );
  });
});

describe('env', () => {
  it('gives each client what it can use, and names beside it what is left out', async () => {
    const text = await render('env', THREE);
    expect(await sourced(text, { no_proxy: 'localhost' })).toMatchObject({
      SANDBOX_FUSION_SERVERS: 'node1,node2:8081/run_code?x=,[fd00::3]',
      SANDBOX_FUSION_ENDPOINT: 'http://node1:8080',
      SANDBOX_URL: 'http://node1:8080/run_code',
      SANDBOX_FUSION_URL: 'http://node1:8080',
      CODE_SANDBOX_SERVERS: 'node1 node2:8081/run_code?x= [fd00::3]',
      NO_PROXY: 'localhost,node1,node2,fd00::3',
      no_proxy: 'localhost,node1,node2,fd00::3',
    });
    expect(text.match(/^# It cannot use 3 servers; this is the first of them\.\nexport/gm)).toHaveLength(2);
  });

  it('with one server on port 8080 or a gateway there is nothing to excuse', async () => {
    for (const file of [fleet([endpoint(8)]), { ...THREE, gateway: GATEWAY }]) {
      const text = await render('env', file);
      expect(text).not.toMatch(/cannot use|spelt/);
      expect(await sourced(text)).toMatchObject({
        SANDBOX_FUSION_SERVERS: 'node9',
        SANDBOX_FUSION_ENDPOINT: 'http://node9:8080',
        NO_PROXY: 'node9',
      });
    }
  });

  it('sets nothing where nothing is ready', async () => {
    const none = await render('env', fleet([]));
    expect(none).toContain('# No server is ready, so nothing is set.\n');
    expect(Object.keys(await sourced(none)).join()).not.toMatch(/SANDBOX|PROXY/i);
  });

  it('tells whoever writes it that some of its clients use one server of several', async () => {
    const told: string[] = [];
    const note = (line: string) => void told.push(line);
    await renderFormat('env', fleet([endpoint(0)]), { now: NOW, note });
    await renderFormat('env', { ...THREE, gateway: GATEWAY }, { now: NOW, note });
    expect(told).toEqual([]);
    await renderFormat('env', THREE, { now: NOW, note });
    expect(told).toEqual([expect.stringMatching(/^SANDBOX_FUSION_ENDPOINT .* first of 3 servers.*gateway/)]);
  });

  it('refuses where a token is asked for', async () => {
    const error = await refused(render('env', fleet([endpoint(0, { auth: 'bearer' })])));
    expect(error.kind).toBe('usage');
    expect(error.message).toMatch(/token/);
    expect(error.hint).toContain('--format python');
  });

  it('the spelling that swallows the fixed port reaches the server', async () => {
    const server = createServer((request, response) => response.end(request.url));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const text = await render('env', fleet([endpoint(0, { host: '127.0.0.1', port })]));
    const { SANDBOX_FUSION_SERVERS = '' } = await sourced(text);
    const ask =
      'import sys, urllib.request as r; print(r.urlopen(f"http://{sys.argv[1]}:8080/run_code").read().decode())';
    const { stdout } = await run('python3', ['-c', ask, SANDBOX_FUSION_SERVERS]);
    expect(stdout.trim()).toBe('/run_code?x=:8080/run_code');
  });
});

describe('python', () => {
  it('is a module that names servers in the ways that clients take them', async () => {
    expect(await imported(await render('python', THREE))).toMatchObject({
      FLEET: 'sandbox',
      GENERATION: 3,
      URLS: ['http://node1:8080', 'http://node2:8081', 'http://[fd00::3]:8080'],
      HOSTS: ['node1', 'node2', 'fd00::3'],
      GATEWAY: false,
      AUTH: null,
      SERVERS: ['node1', 'node2:8081/run_code?x=', '[fd00::3]'],
    });
    const gateway = await imported(await render('python', { ...THREE, gateway: GATEWAY }));
    expect(gateway).toMatchObject({
      URLS: ['http://node9:8080'],
      GATEWAY: true,
      SERVERS: ['node9'],
    });
    expect(await imported(await render('python', fleet([])))).toMatchObject({ URLS: [], SERVERS: [] });
  });

  it('keeps its hosts away from a proxy, beside those that were', async () => {
    const path = join(folder(), 'client.py');
    writeFileSync(path, await render('python', THREE));
    const dump =
      'import os, runpy; [runpy.run_path(os.sys.argv[1]) for _ in "ab"]; print(os.environ["NO_PROXY"])';
    const { stdout } = await run('python3', ['-c', dump, path], {
      env: { PATH: process.env.PATH, no_proxy: 'localhost' },
    });
    expect(stdout).toBe('localhost,node1,node2,fd00::3\n');
  });

  it("gives Reasoning360's client no server that asks for a token", async () => {
    const text = await render('python', fleet([endpoint(0, { auth: 'bearer' })]));
    expect(await imported(text)).toMatchObject({ URLS: ['http://node1:8080'], AUTH: 'bearer', SERVERS: [] });
  });
});

describe('a gateway that is ready', () => {
  const formats = ['txt', 'env', 'python', 'verl', 'sdk', 'tinker', 'curl'];
  const file = { ...fleet([endpoint(0), endpoint(1)]), gateway: GATEWAY };

  it.each(formats)('%s names it alone', async (format) => {
    const text = await render(format, selectEndpoints(file, { now: 0, all: false, direct: false }));
    expect(text).toContain('node9');
    expect(text).not.toMatch(/node[12]\b/);
  });

  it.each(formats)('%s --direct passes it over, or refuses', async (format) => {
    const text = await render(format, selectEndpoints(file, { now: 0, all: false, direct: true })).catch(
      (error: unknown) => String(error),
    );
    expect(text).toMatch(/node1\b|one URL/);
    expect(text).not.toContain('node9');
  });

  it.each([...formats, 'json', 'yaml', 'table', 'prometheus'])(
    'that asks for a token: %s',
    async (format) => {
      const asked = { ...file, gateway: { ...GATEWAY, auth: 'bearer' as const } };
      const sends = ['txt', 'json', 'yaml', 'table', 'python', 'curl', 'prometheus'].includes(format);
      const rendered = render(format, asked);
      if (sends) await rendered;
      else expect((await refused(rendered)).message).toContain('token');
    },
  );
});

describe('quoting', () => {
  it('no value breaks out of its literal or its comment', async () => {
    const file = fleet([endpoint(0, { host: NASTY, url: `http://${NASTY}`, node: NASTY })], { fleet: NASTY });
    expect(parse(await render('yaml', file))).toEqual(file);
    expect(await imported(await render('python', file))).toMatchObject({
      FLEET: NASTY,
      URLS: [`http://${NASTY}`],
    });
    expect(await sourced(await render('env', file))).toMatchObject({
      SANDBOX_FUSION_ENDPOINT: `http://${NASTY}`,
    });
  });

  it('holds for any text', async () => {
    const path = join(folder(), 'own.hbs');
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 12 }), { numRuns: 300, seed: 7 });
    const told = texts.map((text) => text.replaceAll('\0', ''));
    const file = fleet(told.map((text, instance) => endpoint(instance, { node: text })));
    const rendered = (line: string) => {
      writeFileSync(path, `{{#each endpoints}}\n${line}\n{{/each}}\n`);
      return render(path, file);
    };
    expect(parse(await rendered('- {{yaml node}}'))).toEqual(told);
    expect(await imported(`N = [\n${await rendered('{{python node}},')}]\n`)).toEqual({ N: told });
    const shell = await sourced(await rendered('N{{instance}}={{shell node}}'));
    expect(told.map((_text, index) => shell[`N${index}`])).toEqual(told);
  });

  it('our own templates name values only through helpers', () => {
    const templates = new URL('../../templates/clients/', import.meta.url);
    for (const name of readdirSync(templates).filter((each) => each.endsWith('.hbs'))) {
      const text = readFileSync(new URL(name, templates), 'utf8');
      const bare = [...text.matchAll(/\{\{([^}]*)\}\}/g)].map(([, inner = '']) => inner.trim());
      const unquoted = bare.filter((inner) => !/^[#/]|^else$| /.test(inner));
      // Numbers and the keys of the schema need no quotes.
      expect(
        unquoted.filter((inner) => !['generation', 'schema_version', '@key', 'count'].includes(inner)),
      ).toEqual([]);
    }
  });
});

describe('templates', () => {
  it.each(['port_workaround', 'swallowed'])(
    '%s lists the servers for a client with a built-in port',
    async (name) => {
      const template = join(folder(), 'own.hbs');
      writeFileSync(template, `{{join ${name} ","}}`);
      const servers = fleet([endpoint(0), endpoint(1, { url: 'http://node9:8081' })]);
      expect(await renderFormat(template, servers, { now: NOW })).toBe('node1,node9:8081/run_code?x=');
    },
  );

  it("a user's own gets the same values, from the folder of the call", async () => {
    const template = join(folder(), 'own.hbs');
    writeFileSync(
      template,
      '{{fleet}} {{join urls " "}} {{json hosts}}{{#each endpoints}} {{job_id}}{{/each}}\n',
    );
    expect(await renderFormat(template, fleet([endpoint(0), endpoint(1)]), { now: NOW })).toBe(
      'sandbox http://node1:8080 http://node2:8080 ["node1","node2"] 1000_0 1000_1\n',
    );
  });

  it.each([
    ['{{#if nosuch}}x{{/if}}', 'config', /"nosuch" is no value/],
    ['{{shell nosuch}}', 'config', /nosuch/],
    ['{{#each endpoints}}{{shell nosuch}}{{/each}}', 'config', /no value has/],
    ['{{#each endpoints}}', 'config', /Parse error|expect/i],
    ['{{refuse "no" "do this"}}', 'usage', /^$/],
  ])('%s is refused', async (text, kind, words) => {
    const path = join(folder(), 'own.hbs');
    writeFileSync(path, text);
    const error = await refused(render(path, THREE));
    expect(error.kind).toBe(kind);
    expect(error.detail ?? '').toMatch(words);
  });

  it('an unknown name is told what there is', async () => {
    const error = await refused(render('toml', THREE));
    expect(error.kind).toBe('usage');
    expect(error.detail).toBe(
      'known: json, txt, table, curl, env, prometheus, python, sdk, tinker, verl, verl-tool, yaml',
    );
    expect(await refused(render('../clients/env', THREE))).toMatchObject({ kind: 'usage' });
    expect(await refused(render('/nosuch/own.hbs', THREE))).toMatchObject({
      kind: 'usage',
      detail: expect.stringContaining('ENOENT'),
    });
  });
});
