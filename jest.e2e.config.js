import unit from './jest.config.js'

/** Real servers on loopback: one file at a time, and patience for servers that start. */
export default {
  ...unit,
  testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/test/peers/'],
  setupFilesAfterEnv: ['<rootDir>/test/e2e/support/end-all.ts'],
  maxWorkers: 1,
  testTimeout: 240_000,
}
