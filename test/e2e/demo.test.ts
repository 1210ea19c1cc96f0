import { expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { describeWith } from './support/peers.ts'
import { repository } from './support/process.ts'

type Ending = { readonly code: number | string; readonly text: string }

/** As somebody types it, but with another setting for the bridge where a test wants one. */
function demo(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<Ending>((resolve) => {
    execFile(
      'npm',
      ['run', '--silent', 'demo', '--', ...args],
      { cwd: repository, env: { ...process.env, NODE_OPTIONS: '', ...env }, timeout: 150_000 },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, text: stdout + stderr }),
    )
  })
}

const leftovers = async (): Promise<readonly string[]> =>
  (await readdir(path.join(repository, '.cache'))).filter((name) => name.startsWith('demo-'))

const said = (text: string): RegExp => new RegExp(text.replace(/ +/g, ' +'), 'u')

const essential = [
  'follow @bob@127.0.0.1:\\d+ ──▶ Follow from @alice@127.0.0.1:\\d+',
  'alice gets a room: “bob of fedify” ◀── bob accepts',
  'bob: “Written long before” ◀──',
  'bob: “Good morning, Matrix” ◀── bob posts “Good morning, Matrix”',
  'alice, thread: “Good mornning, bob” ──▶ bob reads “Good mornning, bob”',
  'alice edits: “Good morning, bob” ──▶ bob now reads “Good morning, bob”',
  'bob, edited: “Good morning, all” ◀── bob edits his post',
  'apbot: carol follows alice ◀── Follow of @alice',
  'alice: “My first words” ──▶ carol reads “My first words”',
  'carol, thread: “Welcome, alice!” ◀── carol answers “Welcome, alice!”',
  'carol, private: “For you alone” ◀── carol, to alice: “For you alone”',
  'alice, private: “This is secret” ──▶ to carol alone: “This is secret”',
  'alice removes her first words ──▶ carol reads them no more',
  'bob’s message is gone ◀── bob deletes his post',
]

describeWith(['synapse', 'fedify'], 'npm run demo', () => {
  test('plays once, shows what crossed, and leaves nothing behind', async () => {
    const before = await leftovers()
    const { code, text } = await demo(['--once'])
    for (const line of essential) expect(text).toMatch(said(line))
    expect(text).toContain('✔ Everything arrived.')
    expect(code).toBe(0)
    const lines = text.split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([])
    expect((await leftovers()).filter((name) => !before.includes(name))).toEqual([])
  })

  test('fails and says what never came', async () => {
    const noPermission = { FOOTBRIDGE_PERMISSIONS: 'nobody.example=user' }
    const { code, text } = await demo(['--once', '--patience', '3'], noPermission)
    expect(text).toMatch(/✘ .*not within 3000 ms/)
    expect(text).not.toContain('Everything arrived')
    expect(code).toBe(1)
  })

  test('refuses what it does not know', async () => {
    const { code, text } = await demo(['--twice'])
    expect(text).toContain("'--twice'")
    expect(code).toBe(2)
  })
})
