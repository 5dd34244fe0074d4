import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseChallenge } from '../../src/registry/challenge.js';
import {
  entryFromDocker,
  fitsNetrc,
  loginFromHelper,
  loginFromNetrc,
  netrcFor,
} from '../../src/registry/credentials.js';

const auth = (login: string) => ({ auth: Buffer.from(login).toString('base64') });

describe("loginFromNetrc, of enroot's .credentials", () => {
  const file = [
    '# comment',
    'machine nvcr.io login $oauthtoken password abc',
    '  machine reg.example login alice password $(pass show reg)',
    'machine bare.example login bob',
  ].join('\n');

  it.each([
    ['nvcr.io', { user: '$oauthtoken', password: 'abc' }],
    ['nvcr.io:5000', { user: '$oauthtoken', password: 'abc' }],
    ['reg.example', { user: 'alice', password: null }],
    ['bare.example', { user: 'bob', password: null }],
    ['other.example', null],
  ])('finds the login for %s, if there is one', (host, login) => {
    expect(loginFromNetrc(file, host)).toEqual(login);
  });
});

describe("entryFromDocker, of Docker's config.json", () => {
  it.each([
    [
      'by auth',
      { auths: { 'reg.example:5000': auth('a:b:c') } },
      { kind: 'login', user: 'a', password: 'b:c' },
    ],
    [
      'by URL',
      { auths: { 'https://reg.example:5000': auth('a:b') } },
      { kind: 'login', user: 'a', password: 'b' },
    ],
    [
      'by a helper',
      { credHelpers: { 'reg.example:5000': 'pass' } },
      { kind: 'helper', helper: 'pass', server: 'reg.example:5000' },
    ],
    [
      'by the store',
      { auths: { 'reg.example:5000': {} }, credsStore: 'desktop' },
      { kind: 'helper', helper: 'desktop', server: 'reg.example:5000' },
    ],
    [
      'by identity token',
      { auths: { 'reg.example:5000': { ...auth('a:'), identitytoken: 't' } } },
      { kind: 'identity-token' },
    ],
    ['for another host', { auths: { 'reg.example': auth('a:b') }, credsStore: 'desktop' }, null],
  ])('finds the entry %s', (_, config, entry) => {
    expect(entryFromDocker(JSON.stringify(config), 'reg.example:5000')).toEqual(entry);
  });

  it('finds Docker Hub under its oldest address', () => {
    const config = JSON.stringify({ auths: { 'https://index.docker.io/v1/': auth('u:p') } });
    expect(entryFromDocker(config, 'registry-1.docker.io')).toEqual({
      kind: 'login',
      user: 'u',
      password: 'p',
    });
  });

  it.each(['', '{', '[]', '{"auths":3}'])('finds nothing in a damaged file: %j', (text) => {
    expect(entryFromDocker(text, 'reg.example')).toBeNull();
  });

  it('reads the output of a credential helper', () => {
    expect(loginFromHelper('{"Username":"u","Secret":"s"}')).toEqual({
      kind: 'login',
      user: 'u',
      password: 's',
    });
    expect(loginFromHelper('{"Username":"<token>","Secret":"s"}')).toEqual({ kind: 'identity-token' });
    expect(loginFromHelper('credentials not found')).toBeNull();
  });
});

describe('a login written as netrc for enroot', () => {
  it('has one line for each host, without ports', () => {
    const text = netrcFor(['reg.example:5000', 'auth.example', 'reg.example'], { user: 'u', password: 'p' });
    expect(text).toBe('machine reg.example login u password p\nmachine auth.example login u password p\n');
  });

  it.each(['$HOME', '$(touch x)', "$it's", '$$'])('quotes the password %s for the shell', (password) => {
    const word = netrcFor(['h'], { user: 'u', password }).trim().split(' password ')[1] ?? '';
    expect(execFileSync('sh', ['-c', `echo ${word}`], { encoding: 'utf8' }).trim()).toBe(password);
  });

  it('is not possible for a password with white space', () => {
    expect(fitsNetrc({ user: 'u', password: 'a b' })).toBe(false);
    expect(fitsNetrc({ user: 'u', password: 'a:b$c' })).toBe(true);
  });
});

describe('a WWW-Authenticate header', () => {
  it.each([
    ['Basic realm="Registry Realm"', { scheme: 'basic' }],
    [
      'Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push"',
      {
        scheme: 'bearer',
        realm: 'https://auth.example/token',
        parameters: { service: 'reg', scope: 'repository:a/b:pull,push' },
      },
    ],
    ['Negotiate', null],
    ['Bearer', null],
    ['Bearer realm="not a url"', null],
    ['', null],
  ])('is parsed: %s', (header, challenge) => {
    expect(parseChallenge(header)).toEqual(challenge);
  });
});
