/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  // On two cores jest would keep one for itself, which mostly waits.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/test/longestFirst.mjs',
  // Only for what hangs: how long a test takes on a busy machine decides nothing.
  testTimeout: 120_000,
  roots: ['<rootDir>/test'],
  // Longer proofs, with processes that are killed and a real browser: `npm run test:long`.
  testPathIgnorePatterns: ['/node_modules/', '\\.long\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
};
export default config;
