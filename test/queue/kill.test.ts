import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSeededRandom } from './virtual-clock.ts'
import { openDatabase } from '../../src/store/database.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'footbridge-kill-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const child = join(import.meta.dirname, 'kill-child.ts')

/** Runs the child until `lines` were said, kills it, and answers all that it said. */
function runAndKill(path: string, from: number, lines: number): Promise<string[]> {
  const running = spawn(process.execPath, [child, path, `${from}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  let said = ''
  running.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (said.split('\n').length > lines) running.kill('SIGKILL')
  })
  return new Promise((resolve) =>
    running.on('close', () =>
      // A last line without its end was not said.
      resolve(said.split('\n').slice(0, -1)),
    ),
  )
}

type Counts = { marks: number; waiting: number; upkeep: number }

describe('a process that is killed while it works', () => {
  test('loses nothing that it acknowledged and finishes nothing twice', async () => {
    const path = join(folder, 'queue.db')
    const random = createSeededRandom(7).number
    const added = new Set<string>()
    const finished: string[] = []
    for (let from = 0; from < 6_000_000; from += 1_000_000) {
      for (const line of await runAndKill(path, from, 20 + Math.floor(random() * 600))) {
        if (line.startsWith('+')) added.add(line.slice(2))
        else finished.push(line.slice(2))
      }
    }
    expect(added.size).toBeGreaterThan(100)
    expect(new Set(finished).size).toBe(finished.length)

    const database = await openDatabase(`sqlite:${path}`)
    const isThere = database.prepare<[string, string, string], Counts>(
      `select (select count(*) from mark where key = 'ended ' || ?) as marks,
         (select count(*) from job where kind <> 'upkeep' and key = ?) as waiting,
         (select count(*) from job where kind = 'upkeep' and key = ?) as upkeep`,
    )
    const states = [...added].map((key) => {
      const counts = isThere.get(key, key, key)
      return `${counts?.marks} ended, ${counts?.waiting} waiting, ${counts?.upkeep} followed`
    })
    const allowed = ['1 ended, 0 waiting, 1 followed', '0 ended, 1 waiting, 0 followed']
    expect(states.filter((state) => !allowed.includes(state))).toEqual([])
    for (const key of finished) expect(isThere.get(key, key, key)?.marks).toBe(1)
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
    database.close()
  })

  test('a second process is refused while the first one lives', async () => {
    const url = `sqlite:${join(folder, 'one.db')}`
    const first = await openDatabase(url)
    await expect(openDatabase(url)).rejects.toThrow('is in use by another process')
    first.close()
    ;(await openDatabase(url)).close()
  })
})
