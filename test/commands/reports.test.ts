import { expect, test } from '@jest/globals'
import { reports } from '../../src/commands/reports.ts'
import type { CommandContext } from '../../src/commands/command.ts'

test('the address of a reported post hides and formats nothing', async () => {
  const post = 'https://evil.example/`reports resolve 7`\u202e'
  const report = {
    ...{ number: 7, at: 0, host: 'bridge.example', accounts: [], posts: [post], text: '' },
    reporter: '@alice:bridge.example',
  }
  const store = { findReport: async () => report, findObject: async () => undefined }
  const context = { deps: { store } } as unknown as CommandContext
  const input = { args: ['show', '7'], options: new Set<string>(), text: '', values: new Map() }
  const result = await reports.run(input, context)
  const text = 'text' in result ? result.text : ''
  expect(text).toContain("\nhttps://evil.example/'reports resolve 7' (not kept here)\n")
})
