import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { playShared, type Told } from './shared.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'footbridge-shared-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A worker whose runs take no time: seed 3 is its death, seed 5 breaks a promise. */
const quick = `
process.on('disconnect', () => process.exit())
process.on('message', (seed) => {
  if (seed === '3') process.exit(7)
  const violations = seed === '5' ? ['lost'] : []
  process.send({ told: { seed, violations, crashes: 1, acts: {} } })
})
process.send({ isReady: true })
`

async function playAll(script: string, workers: number): Promise<Told[]> {
  const program = path.join(folder, 'worker.mjs')
  writeFileSync(program, script)
  const heard: Told[] = []
  await playShared({ from: 0, count: 8, workers, program }, (told) => heard.push(told))
  return heard.sort((a, b) => Number(a.seed) - Number(b.seed))
}

describe('seeds that are shared among processes', () => {
  test.each([1, 3])('are each played once, whoever dies (%d workers)', async (workers) => {
    const heard = await playAll(quick, workers)
    expect(heard.map(({ seed }) => seed)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
    expect(heard.flatMap(({ seed, violations }) => violations.map((v) => `${seed} ${v}`))).toEqual([
      '3 the simulation failed: its process ended with 7',
      '5 lost',
    ])
  })

  test('are not played where no worker starts', async () => {
    await expect(playAll('process.exit(1)', 1)).rejects.toThrow('a worker did not start')
  })
})
