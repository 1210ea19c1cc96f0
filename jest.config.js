/** Native type stripping: no transformer, so stack traces name the real lines. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/test/peers/', '/test/e2e/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cache/', '<rootDir>/test/peers/'],
  maxWorkers: 2,
  workerIdleMemoryLimit: '600MB',
  // Only what hangs is to fail: a slow or loaded machine takes its time. No test has a limit of its own.
  testTimeout: 300_000,
}
