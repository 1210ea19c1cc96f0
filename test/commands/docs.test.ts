import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { printCommands } from '../../src/commands/print.ts'

test('docs/commands.md is what the table prints (npm run print:commands)', () => {
  const file = path.join(import.meta.dirname, '../../docs/commands.md')
  expect(readFileSync(file, 'utf8')).toBe(printCommands())
})
