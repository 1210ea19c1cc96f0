import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { askConsole } from '../../src/console/ask.ts'
import { validFile } from '../config/example.ts'
import { freePort } from '../support/free-port.ts'
import { makeFolder, removeFolder } from './temporary.ts'

const script = fileURLToPath(new URL('../../bin/footbridge.js', import.meta.url))

let folder: string
let file: string
let ports: readonly number[]
let bridge: ChildProcess
let out: string

/** The homeserver is away: the bridge starts all the same. */
function writeConfig(permissions: string, rest = ''): void {
  const text = validFile
    .replace('http://127.0.0.1:8008', `http://127.0.0.1:${ports[0]}`)
    .replace('https://fedi.example.org', `https://127.0.0.1:${ports[1]}`)
    .replace('appservice:', `appservice:\n  bind: 127.0.0.1\n  port: ${ports[2]}`)
    .replace('activitypub:', `activitypub:\n  bind: 127.0.0.1\n  port: ${ports[3]}`)
    .replace('  example.org: user\n', permissions)
  writeFileSync(file, `${text}database: sqlite:data/footbridge.db\n${rest}`, { mode: 0o600 })
}

/** What the bridge that runs answers to `footbridge admin`. */
const ask = async (...words: string[]): Promise<string> =>
  (await askConsole(path.join(folder, 'data/footbridge.db.sock'), words)).text

/** Until that holds; fails when the bridge has ended before. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    if (bridge.exitCode !== null || bridge.signalCode !== null)
      throw new Error(`it ended before: ${what}\n${out}`)
    await sleep(50)
  }
}

const lines = (words: string): number => out.split(words).length - 1
const readAnew = 'the configuration was read anew'

beforeEach(async () => {
  folder = makeFolder()
  file = path.join(folder, 'config.yaml')
  mkdirSync(path.join(folder, 'data'))
  ports = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  out = ''
  writeConfig('  example.org: user\n')
  bridge = spawn(process.execPath, [script, 'run', '-c', file], {
    env: { PATH: process.env['PATH'] ?? '' },
  })
  for (const stream of [bridge.stdout, bridge.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (out += text))
  await until('it answers', () =>
    ask('log-level').then(
      (said) => said.includes('`info`'),
      () => false,
    ),
  )
})
afterEach(async () => {
  if (bridge.exitCode === null && bridge.signalCode === null) {
    bridge.kill('SIGKILL')
    await once(bridge, 'close')
  }
  removeFolder(folder)
})

test('SIGHUP: permissions and the level of the log of the file hold at once, of a wrong file nothing', async () => {
  const alice = () => ask('user', '@alice:example.org')
  expect(await alice()).toContain('Their permission is `user`.')
  writeConfig(
    '  example.org: none\n  "@alice:example.org": admin\n',
    'logging:\n  level: debug\nmoderation:\n  allow_list: on\n',
  )
  expect(await alice()).toContain('Their permission is `user`.')

  bridge.kill('SIGHUP')
  await until('it has read the file', () => lines(readAnew) === 1)
  expect(await alice()).toContain('Their permission is `admin`.')
  expect(await ask('user', '@bob:example.org')).toContain('Their permission is `none`.')
  expect(await ask('log-level')).toContain('`debug`')
  const strange = () => ask('unblock-domain', 'strange.example')
  expect(await strange()).toContain('Only servers that `allow-domain` names are let in here')

  writeFileSync(file, 'permissions: [', { mode: 0o600 })
  bridge.kill('SIGHUP')
  await until('it has refused the file', () => out.includes('the one before stays in force'))
  writeConfig('  example.org: follow\n')
  expect(await alice()).toContain('Their permission is `admin`.')

  bridge.kill('SIGHUP')
  await until('it has read the file again', () => lines(readAnew) === 2)
  expect(await alice()).toContain('Their permission is `follow`.')
  expect(await ask('log-level')).toContain('`info`')
  expect(await strange()).toContain('`strange.example` is not blocked')
  expect(bridge.exitCode).toBeNull()

  bridge.kill('SIGTERM')
  expect(await once(bridge, 'close')).toEqual([0, null])
})
