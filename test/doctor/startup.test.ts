import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Trouble } from '../../src/model/trouble.ts'
import { openDatabase } from '../../src/store/database.ts'
import { makeFolder, removeFolder } from '../cli/temporary.ts'
import { validFile } from '../config/example.ts'
import { freePort } from '../support/free-port.ts'

const script = fileURLToPath(new URL('../../bin/footbridge.js', import.meta.url))

/** Root may read and write everything; without these two capabilities only what is its own, as others. */
const asOthers: readonly string[] =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : []

let folder = ''
let undo: (() => unknown)[] = []
beforeEach(() => {
  folder = makeFolder()
  undo = []
})
afterEach(async () => {
  for (const one of undo) await one()
  chmodSync(folder, 0o700)
  removeFolder(folder)
})

const data = (): string => path.join(folder, 'data')
const databaseFile = (): string => path.join(data(), 'footbridge.db')

type Place = { readonly bind?: string; readonly port?: number }

/** A configuration that is valid, in a folder whose owner the bridge is. */
async function writeConfig({ bind = '127.0.0.1', port }: Place = {}): Promise<string> {
  const ports = [port ?? (await freePort()), await freePort()]
  const text = validFile
    .replace('http://127.0.0.1:8008', `http://127.0.0.1:${await freePort()}`)
    .replace('https://fedi.example.org', `https://127.0.0.1:${await freePort()}`)
    .replace('appservice:', `appservice:\n  bind: ${bind}\n  port: ${ports[0]}`)
    .replace('activitypub:', `activitypub:\n  port: ${ports[1]}`)
  const file = path.join(folder, 'config.yaml')
  writeFileSync(file, `${text}database: sqlite:data/footbridge.db\n`, { mode: 0o600 })
  mkdirSync(data(), { recursive: true })
  return file
}

type Ended = { readonly code: number; readonly out: string; readonly err: string }

const ended = (command: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const [program = '', ...args] = command
    const env = { PATH: process.env['PATH'] ?? '' }
    execFile(program, args, { env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })

const bridge = (...args: string[]): string[] => [...asOthers, process.execPath, script, ...args]

/** As whoever may read and write the database. */
async function prepareDatabase(): Promise<void> {
  ;(await openDatabase(`sqlite:${databaseFile()}`)).close()
}

type Row = {
  readonly trouble: Trouble
  readonly code: number
  readonly what: RegExp
  readonly place?: Place
  readonly prepare: () => unknown
}

const rows: readonly Row[] = [
  {
    trouble: 'data-unwritable',
    code: 1,
    what: /EACCES: permission denied.*footbridge\.db-lock/,
    prepare: () => chmodSync(data(), 0o555),
  },
  {
    trouble: 'database-damaged',
    code: 7,
    what: /file is not a database/,
    prepare: () =>
      writeFileSync(databaseFile(), 'This is no database, whatever it is called. '.repeat(99)),
  },
  {
    trouble: 'database-newer',
    code: 7,
    what: /was changed by a newer version \(migration 9999-later\)/,
    prepare: async () => {
      await prepareDatabase()
      const sqlite = new Sqlite(databaseFile())
      sqlite
        .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
        .run('9999-later', '2030-01-01')
      sqlite.close()
    },
  },
  {
    trouble: 'database-in-use',
    code: 5,
    what: /is in use by another process/,
    prepare: async () => {
      await prepareDatabase()
      const database = await openDatabase(`sqlite:${databaseFile()}`)
      undo.push(() => database.close())
    },
  },
  {
    trouble: 'address-unavailable',
    code: 1,
    what: /EADDRNOTAVAIL/,
    place: { bind: '192.0.2.1' },
    prepare: () => undefined,
  },
]

describe('footbridge run names what keeps it from starting', () => {
  test.each(rows)('$trouble', async ({ trouble, code, what, place, prepare }) => {
    const file = await writeConfig(place)
    await prepare()
    const { code: found, err } = await ended(bridge('run', '-c', file))
    expect(err).toMatch(what)
    expect(err.trimEnd().split('\n').at(-1)).toBe(`  More: docs/troubleshooting.md#${trouble}`)
    expect(found).toBe(code)
    expect(err).not.toMatch(/ at /)
  })

  test('port-taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    undo.push(() => other.close())
    const file = await writeConfig({ port: (other.address() as AddressInfo).port })
    const { code, err } = await ended(bridge('run', '-c', file))
    expect(err).toMatch(/EADDRINUSE[^]*\n {2}More: docs\/troubleshooting\.md#port-taken\n$/)
    expect(code).toBe(5)
  })
})

const findingsOf = ({ out }: Ended) =>
  (JSON.parse(out) as { findings: readonly Record<string, string>[] }).findings

describe('footbridge doctor', () => {
  const look = async (file: string): Promise<Ended> =>
    ended(bridge('doctor', '--json', '-c', file, '--reach', '127.0.0.1:9'))

  test('names a folder that cannot be written', async () => {
    const file = await writeConfig()
    chmodSync(data(), 0o555)
    const result = await look(file)
    expect(result.code).toBe(8)
    expect(findingsOf(result)).toContainEqual({
      check: 'disk',
      result: 'failed',
      trouble: 'data-unwritable',
      what: expect.stringMatching(/cannot write into .*data, where the database is: EACCES/),
      why: expect.any(String),
      mend: expect.stringMatching(/^chown /),
      page: 'docs/troubleshooting.md#data-unwritable',
    })
  })

  test('names a configuration that cannot be changed, as a warning', async () => {
    const file = await writeConfig()
    chmodSync(file, 0o444)
    chmodSync(folder, 0o555)
    const found = findingsOf(await look(file)).find(({ check }) => check === 'configuration')
    expect(found).toMatchObject({
      result: 'warning',
      trouble: 'config-read-only',
      what: `${file} cannot be changed by this user.`,
      mend: expect.stringContaining(`chown `),
    })
  })

  test('shows people the same in lines', async () => {
    const { code, out } = await ended(
      bridge('doctor', '-c', await writeConfig(), '--reach', '127.0.0.1:9'),
    )
    expect(out).toMatch(/^ok {7}configuration {2}.*config\.yaml is valid\.$/m)
    expect(out).toMatch(
      /^FAILED {3}homeserver {5}nothing answers[^]*\n {9} {2}why {10}Nothing[^]*\n {9} {2}mend {9}Start/m,
    )
    expect(out).toMatch(/\nTo be mended: \d+.*\.\n$/)
    expect(code).toBe(8)
  })
})

/** A disk of that many bytes, for one command; where this user may make one. */
const withDisk = (size: string, command: readonly string[]): readonly string[] => {
  const mount = `mount -t tmpfs -o size=${size},mode=777 none "$0" && exec "$@"`
  return ['unshare', '-rm', 'sh', '-c', mount, data(), ...command]
}
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0
const testWithDisk = canMount ? test : test.skip

describe('a full disk', () => {
  testWithDisk('is named by footbridge run', async () => {
    const file = await writeConfig()
    const { code, err } = await ended(withDisk('40k', bridge('run', '-c', file)))
    expect(err).toMatch(
      /\n {2}Make room on the disk; nothing is lost\.\n {2}More: docs\/troubleshooting\.md#disk-full\n$/,
    )
    expect(code).toBe(1)
  })

  testWithDisk('is named by the doctor', async () => {
    const file = await writeConfig()
    const command = withDisk(
      '40k',
      bridge('doctor', '--json', '-c', file, '--reach', '127.0.0.1:9'),
    )
    const result = await ended(command)
    expect(findingsOf(result).find(({ check }) => check === 'disk')).toMatchObject({
      result: 'failed',
      trouble: 'disk-full',
      what: `the disk is full where the database is: ${data()}.`,
      mend: expect.stringContaining(`df -h ${data()}`),
    })
    expect(result.code).toBe(8)
  })
})
