import { afterAll } from '@jest/globals'
import { endAll } from './process.ts'

// Before every end-to-end test file, so none can forget to end what it started.
afterAll(endAll)
