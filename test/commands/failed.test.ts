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

type Page = { readonly before?: number; readonly limit: number }

test.each([
  [0, 'Nothing was given up.'],
  [20, 'Tried again: 20. `queue`'],
  [45, 'Tried again: 45. `queue`'],
  [600, 'Tried again: 500. There may be more'],
])('all of %i are tried again in their order, and read a page at a time', async (count, said) => {
  const retried: number[] = []
  const limits: number[] = []
  const jobs = {
    listFailed: async ({ before = Infinity, limit }: Page) => {
      limits.push(limit)
      return Array.from({ length: count }, (_, n) => ({ ...job, id: n + 1 }))
        .reverse()
        .filter(({ id }) => id < before)
        .slice(0, limit)
    },
    retryFailed: async (id: number) => (retried.push(id), true),
  }
  const input = { args: ['retry', 'all'], options: new Set<string>(), text: '', values: new Map() }
  const result = await failed.run(input, { deps: { jobs } } as unknown as CommandContext)
  expect('text' in result && result.text).toContain(said)
  const least = Math.max(0, count - 500)
  expect(retried).toEqual(Array.from({ length: count - least }, (_, n) => least + n + 1))
  expect(Math.max(...limits)).toBe(20)
})
