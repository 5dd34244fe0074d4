import { expect, test } from 'vitest';
import { ownHosts } from '../../src/machine/own-hosts.js';

const none = { addresses: [], hostsFile: '', resolverFile: '' };

test('a short name is full in the domains that this machine searches', () => {
  expect(
    ownHosts({ ...none, hostname: 'Node1', resolverFile: '# x\nsearch cluster.org lab.org.\n' }),
  ).toEqual({
    names: ['node1', 'node1.cluster.org', 'node1.lab.org', 'node1.local'],
    domains: ['cluster.org', 'lab.org'],
  });
});

test('a host name may be full already', () => {
  const { names, domains } = ownHosts({ ...none, hostname: 'node1.cluster.org' });
  expect(names).toEqual(expect.arrayContaining(['node1', 'node1.cluster.org']));
  expect(domains).toEqual(['cluster.org']);
});

test('/etc/hosts has the names of own addresses, and of the line with the host name', () => {
  const hostsFile = `127.0.0.1 localhost ads.example.com
127.0.1.1 node1.cluster.org node1 # this machine
10.0.0.1\tnode1-ib.fabric.org  node1-ib
10.0.0.2 node2.other.org node2`;
  expect(ownHosts({ ...none, hostname: 'node1', addresses: ['10.0.0.1'], hostsFile })).toEqual({
    names: expect.arrayContaining(['node1', 'node1.cluster.org', 'node1-ib.fabric.org', 'node1-ib']),
    domains: ['cluster.org', 'fabric.org'],
  });
});

test('a top-level domain is nobody’s own', () => {
  const resolverFile = 'search org\ndomain local\n';
  expect(ownHosts({ ...none, hostname: 'node1.org', resolverFile }).domains).toEqual([]);
});

test('this machine has a name', () => {
  expect(ownHosts().names.length).toBeGreaterThan(0);
});
