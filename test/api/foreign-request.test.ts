import { describe, expect, test } from 'vitest';
import { foreignRequestGuard } from '../../src/api/foreign-request.js';

const guard = foreignRequestGuard({ names: ['node1.cluster.org'], domains: ['lab.cluster.org'] });

describe('hosts', () => {
  const refused = (host: string | undefined, url = '/run_code') =>
    guard.wrongHost({ method: 'POST', url, headers: host === undefined ? {} : { host } }) !== undefined;

  test.each([
    ...['localhost', 'localhost:8080', 'LOCALHOST.:8080', 'a.localhost:1', 'node1', 'node1:8080'],
    ...['127.0.0.1', '10.1.2.3:8080', '[::1]:8080', '[fe80::1%25eth0]:80', '[::ffff:7f00:1]'],
    ...['node1.cluster.org:8080', 'NODE1.Cluster.Org', 'gpu-7.lab.cluster.org', undefined],
  ])('%s is accepted', (host) => {
    expect(refused(host)).toBe(false);
  });

  test.each([
    ...['evil.example', 'evil.example:8080', 'node1.cluster.org.evil.example', 'evil-lab.cluster.org'],
    ...['node2.cluster.org', '127.0.0.1.evil.example', 'localhost.evil.example', '1.2.3', '1.2.3.4.5'],
    ...[
      '',
      ':8080',
      '[evil.example]',
      '[::1].evil.example',
      'node1@evil.example',
      '127.0.0.1:80@evil.example',
    ],
    ...['a,127.0.0.1.evil.example', '::1'],
  ])('%s is refused', (host) => {
    expect(refused(host)).toBe(true);
    expect(refused(host), 'at the second request too').toBe(true);
  });

  test('the host of a whole URL counts as well', () => {
    expect(refused('localhost', 'http://evil.example/run_code')).toBe(true);
    expect(refused('localhost', 'http://node1:80/run_code')).toBe(false);
  });

  test('without names every host is accepted', () => {
    expect(foreignRequestGuard(null).wrongHost({ headers: { host: 'evil.example' } })).toBeUndefined();
  });
});

describe('pages of other sites', () => {
  const refused = (headers: Record<string, string>, method = 'POST') =>
    guard.otherSite({ method, headers: { host: 'node1:8080', ...headers } }) !== undefined;

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://node1:8081' },
    { origin: 'http://node1' },
    { origin: 'http://node1:8080.evil.example' },
    { origin: 'file://' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'Same-Origin, cross-site' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://node1:8080' },
    { 'sec-fetch-site': 'none', origin: 'https://evil.example' },
  ])('%j is refused', (headers) => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      expect(refused(headers, method), method).toBe(true);
    for (const method of ['GET', 'HEAD']) expect(refused(headers, method), method).toBe(false);
  });

  test.each([
    {},
    { origin: 'http://node1:8080' },
    { origin: 'HTTPS://Node1:8080' },
    { 'sec-fetch-site': 'same-origin', origin: 'http://node1:8080' },
    { 'sec-fetch-site': 'none' },
  ])('%j is accepted', (headers) => {
    expect(refused(headers)).toBe(false);
  });
});
