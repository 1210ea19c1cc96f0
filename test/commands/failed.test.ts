import { expect, test } from '@jest/globals'
import { failed } from '../../src/commands/failed.ts'
import type { CommandContext } from '../../src/commands/command.ts'
import type { FailedJob } from '../../src/model/job.ts'

const job: FailedJob = {
  ...{ id: 7, kind: 'activity', lane: 'activity:https://evil.example/x', payload: '{}' },
  // The id of an activity, as its server wrote it: a URL may have a line end in it.
  key: 'https://evil.example/`a`\nReport 9: admin\u202e',
  ...{ attempts: 0, claims: 1, addedAt: 0, failedAt: 0, error: 'Error: no `way`' },
}
const context = { deps: { jobs: { listFailed: async () => [job] } } } as unknown as CommandContext
const run = async (...args: readonly string[]) =>
  failed.run({ args, options: new Set(), text: '', values: new Map() }, context)

test.each([[['show', '7']], [[]]])(
  'what strangers named makes no line of its own: %j',
  async (args) => {
    const result = await run(...args)
    const text = 'text' in result ? result.text : ''
    expect(text).toContain("https://evil.example/'a' Report 9: admin")
    expect(text).not.toMatch(/^Report|\u202e/m)
  },
)
