import { WrongEncryptionKey } from '../../src/activitypub/sealing.ts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TroubleError } from '../../src/model/trouble.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Loaded } from '../../src/config/load.ts'
import { openSession } from './fake-world.ts'
import type { Session } from './fake-world.ts'
import { makeFolder, removeFolder } from './temporary.ts'
import { validFile } from '../config/example.ts'

let folder = ''
beforeAll(() => {
  folder = makeFolder({ 'config.yaml': validFile })
})
afterAll(() => removeFolder(folder))

/** A session whose bridge notes when it starts and stops. */
function recording(): Session & {
  readonly started: Promise<string>
  readonly log: string[]
  readonly reloaded: Loaded[]
} {
  const reloaded: Loaded[] = []
  const started = Promise.withResolvers<string>()
  const log: string[] = []
  const session = openSession({
    folder,
    startBridge: async (config) => {
      started.resolve(config.homeserver.serverName)
      return {
        reload: (loaded) => void reloaded.push(loaded),
        stop: async () => void log.push('stopped'),
      }
    },
  })
  return { ...session, started: started.promise, log, reloaded }
}

describe('footbridge run', () => {
  test.each([[['run']], [['run', '-c', 'config.yaml']], [['-c', 'config.yaml']]])(
    '%p runs until it is told to stop, then ends well',
    async (args) => {
      const session = recording()
      const ended = session.type(...args)
      expect(await session.started).toBe('example.org')
      expect(session.log).toEqual([])
      session.stop()
      expect(await ended).toEqual({ code: 0, out: '', err: '' })
      expect([session.log, session.events]).toEqual([['stopped'], []])
    },
  )

  test('hands on the configuration as it is when it is asked to read it again, right or wrong', async () => {
    const own = makeFolder({ 'own.yaml': validFile })
    const path = join(own, 'own.yaml')
    const session = recording()
    const ended = session.type('run', '-c', path)
    await session.started
    await Promise.resolve()
    session.reload()
    writeFileSync(path, validFile.replace('server_name', 'server_nam'))
    session.reload()
    removeFolder(own)
    session.reload()
    session.stop()
    await ended
    // Nobody listens any more.
    session.reload()
    expect(
      session.reloaded.map((one) => ('config' in one ? 'good' : one.problems[0]?.what)),
    ).toEqual([
      'good',
      expect.stringContaining('server_nam'),
      expect.stringContaining('there is no such file'),
    ])
  })

  test('a request that comes while the bridge starts is for what it becomes', async () => {
    const starting = Promise.withResolvers<undefined>()
    const begun = Promise.withResolvers<undefined>()
    const reloaded: Loaded[] = []
    const session = openSession({
      folder,
      startBridge: async () => {
        starting.resolve(undefined)
        await begun.promise
        return { reload: (loaded) => void reloaded.push(loaded), stop: async () => undefined }
      },
    })
    const ended = session.type('run')
    await starting.promise
    session.reload()
    expect(reloaded).toEqual([])
    begun.resolve(undefined)
    session.stop()
    await ended
    expect(reloaded).toHaveLength(1)
  })

  test('a second request to stop ends the process at once', async () => {
    const stopped = Promise.withResolvers<undefined>()
    const started = Promise.withResolvers<undefined>()
    const session = openSession({
      folder,
      startBridge: async () => {
        started.resolve(undefined)
        return {
          reload: () => undefined,
          stop: async () => {
            await stopped.promise
          },
        }
      },
    })
    const ended = session.type('run')
    await started.promise
    session.stop()
    session.stop()
    expect(session.events).toEqual(['abandoned'])
    stopped.resolve(undefined)
    expect((await ended).code).toBe(0)
  })

  test('a request that comes while it starts stops it as soon as it has started', async () => {
    const ready = Promise.withResolvers<undefined>()
    const began = Promise.withResolvers<undefined>()
    const log: string[] = []
    const session = openSession({
      folder,
      startBridge: async () => {
        began.resolve(undefined)
        await ready.promise
        return {
          reload: () => undefined,
          stop: async () => void log.push('stopped'),
        }
      },
    })
    const ended = session.type('run')
    await began.promise
    session.stop()
    ready.resolve(undefined)
    expect([(await ended).code, log]).toEqual([0, ['stopped']])
  })

  test('a wrong configuration starts nothing', async () => {
    const session = openSession({
      environment: { FOOTBRIDGE_HOMESERVER_URL: 'https://hs.test', FOOTBRIDGE_DATABASE: 'mysql:' },
    })
    const { code, err } = await session.type('run')
    expect([code, err.split('\n')[0]]).toEqual([
      3,
      'FOOTBRIDGE_HOMESERVER_SERVER_NAME: homeserver.server_name is missing.',
    ])
  })

  const coded = (message: string, code: string) => Object.assign(new Error(message), { code })
  const rows: readonly { title: string; error: Error; code: number; told: string }[] = [
    {
      title: 'a port in use',
      error: coded('listen EADDRINUSE: address already in use 127.0.0.1:8710', 'EADDRINUSE'),
      code: 5,
      told: 'listen EADDRINUSE: address already in use 127.0.0.1:8710.\n  Stop what listens there (another Footbridge?), or give another port in the configuration.\n  More: docs/troubleshooting.md#port-taken',
    },
    {
      title: 'a database in use',
      error: new Error('database: /x is in use by another process', {
        cause: coded('database is locked', 'SQLITE_BUSY'),
      }),
      code: 5,
      told: 'database: /x is in use by another process.\n  Stop the other Footbridge first, or give this one a database of its own.\n  More: docs/troubleshooting.md#database-in-use',
    },
    {
      title: 'a database that cannot be opened',
      error: coded('unable to open database file', 'SQLITE_CANTOPEN'),
      code: 1,
      told: 'unable to open database file.\n  Check that the path exists and that the user Footbridge runs as may write there.\n  More: docs/troubleshooting.md#data-unwritable',
    },
    {
      title: 'another encryption key',
      error: new WrongEncryptionKey('the keys were sealed with another encryption_key'),
      code: 6,
      told: 'the keys were sealed with another encryption_key.\n  Put that encryption_key back into the configuration; to change it, give the one before as old_encryption_key.\n  More: docs/troubleshooting.md#encryption-key',
    },
    {
      title: 'a full disk',
      error: coded('database or disk is full', 'SQLITE_FULL'),
      code: 1,
      told: 'database or disk is full.\n  Make room on the disk; nothing is lost.\n  More: docs/troubleshooting.md#disk-full',
    },
    {
      title: 'an address that is not ours',
      error: Object.assign(coded('listen EACCES: permission denied 0.0.0.0:80', 'EACCES'), {
        syscall: 'listen',
      }),
      code: 1,
      told: 'listen EACCES: permission denied 0.0.0.0:80.\n  Give an address of this machine as bind, and a port above 1023.\n  More: docs/troubleshooting.md#address-unavailable',
    },
    {
      title: 'a damaged database',
      error: coded('file is not a database', 'SQLITE_NOTADB'),
      code: 7,
      told: 'file is not a database.\n  The database is damaged: move it away with its -wal and -shm, and put the newest backup in its place.\n  More: docs/troubleshooting.md#database-damaged',
    },
    {
      title: 'a database of a newer version',
      error: new TroubleError('database-newer', 'database: /x was changed by a newer version', {
        mend: 'Run that version, or restore a copy made before it.',
      }),
      code: 7,
      told: 'database: /x was changed by a newer version.\n  Run that version, or restore a copy made before it.\n  More: docs/troubleshooting.md#database-newer',
    },
    {
      title: 'names that were changed',
      error: new TroubleError('names-changed', 'the names were changed', { mend: 'Back.' }),
      code: 3,
      told: 'the names were changed.\n  Back.\n  More: docs/troubleshooting.md#names-changed',
    },
  ]
  test.each(rows)('$title is told with a way out', async ({ error, code, told }) => {
    const session = openSession({ folder, startBridge: () => Promise.reject(error) })
    expect(await session.type('run')).toEqual({ code, out: '', err: `footbridge: ${told}\n` })
  })

  test('anything else shows where it happened', async () => {
    const session = openSession({
      folder,
      startBridge: () => Promise.reject(new Error('surprise')),
    })
    const { code, err } = await session.type('run')
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /^footbridge: surprise\.\n {2}If this .* report it\.\nError: surprise\n +at /,
      ),
    ])
  })
})
