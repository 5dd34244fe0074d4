import { expect, test } from 'vitest';
import { importsAnyOf, preloadSets, setFor } from '../../../src/sandbox/isolation/warm/imports.js';

test.each([
  ['import hashlib', true],
  ['import sys, hashlib as h  # both', true],
  ['    from hashlib import md5', true],
  ['import hashlibs', false],
  ['print("import hashlib")', false],
])('%j imports hashlib: %s', (code, imports) => {
  expect(importsAnyOf(['unittest', 'hashlib'], code)).toBe(imports);
});

test('of the sets whose modules are all imported, the largest is taken', () => {
  const sets = ['numpy', 'numpy+pandas', 'torch'];
  expect(setFor('import numpy as np\nimport pandas', sets)).toBe('numpy+pandas');
  expect(setFor('import numpy as np', sets)).toBe('numpy');
  expect(setFor('import json', sets)).toBeUndefined();
});

test('sets are told apart by commas and by words; what is no module is refused', () => {
  expect(preloadSets(['numpy, numpy+pandas', 'scipy.stats'])).toEqual([
    'numpy',
    'numpy+pandas',
    'scipy.stats',
  ]);
  for (const wrong of ['numpy pandas', 'numpy,', 'numpy+', '-x', './a.py'])
    expect(() => preloadSets([wrong])).toThrow(/is no module/);
});
