import { describe, expect, test } from '@jest/globals'
import type { Identity } from '../src/bridge/ports.ts'
import { asActorId, asUserId } from '../src/model/ids.ts'
import { TransientError } from '../src/model/errors.ts'
import { introduce, keepNames } from '../src/startup.ts'
import { openDatabase } from '../src/store/database.ts'
import { createStore } from '../src/store/store.ts'

const identity: Identity = {
  serverName: 'example.org',
  bot: asUserId('@apbot:example.org'),
  prefix: '_ap_',
  publicUrl: 'https://fedi.example.org',
  handleDomain: 'example.org',
  commandPrefix: '!ap',
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
const clock = { now: () => 7, sleep: async () => undefined }

async function openStore() {
  const database = await openDatabase('sqlite::memory:')
  return createStore({ database, clock })
}

const alice = {
  id: asActorId('https://fedi.example.org/actors/a1'),
  userId: asUserId('@alice:example.org'),
  username: 'alice',
  createdAt: 1,
}

describe('names that accounts are known by', () => {
  test('may change as long as there is no account', async () => {
    const store = await openStore()
    await keepNames(store, identity, 1)
    await keepNames(store, { ...identity, handleDomain: 'other.example' }, 2)
    expect(await store.findMark('names')).toContain('other.example')
  })

  test.each([
    ['homeserver.server_name', { serverName: 'new.example' }],
    ['activitypub.public_url', { publicUrl: 'https://new.example' }],
    ['activitypub.handle_domain', { handleDomain: 'new.example' }],
  ])('refuse a changed %s once there is one', async (setting, changed) => {
    const store = await openStore()
    await keepNames(store, identity, 1)
    await store.commit([{ change: 'put-local-actor', actor: alice }])
    await keepNames(store, identity, 2)
    await expect(keepNames(store, { ...identity, ...changed }, 3)).rejects.toMatchObject({
      trouble: 'names-changed',
      message: expect.stringMatching(
        new RegExp(`^${setting} is .*new\\.example, but the accounts .*example\\.org`),
      ),
      mend: expect.stringMatching(/^Put .*example\.org back/),
    })
  })
})

describe('the first words to the homeserver', () => {
  test('are said again, with longer pauses, until it is there and has reached us', async () => {
    const said: string[] = []
    const pauses: number[] = []
    let tries = 0
    const log = { ...silent, info: (_: object, line: string) => void said.push(`log ${line}`) }
    await introduce(
      {
        identity,
        log,
        clock: { now: () => 0, sleep: async (ms) => void pauses.push(ms) },
        homeserver: {
          register: async (userId) => {
            tries += 1
            if (tries < 3) throw new TransientError('away', { of: 'homeserver' })
            said.push(`register ${userId}`)
          },
          setDisplayName: async (_, name) => void said.push(`name ${name}`),
        },
        ping: async () => {
          said.push('ping')
          return tries > 3 ? 'reached' : 'unreached'
        },
      },
      new AbortController().signal,
    )
    const once = ['register @apbot:example.org', 'name Footbridge', 'ping']
    // The last line is what an administrator looks for after each start.
    const last = 'log the homeserver and Footbridge reach each other'
    expect(said).toEqual([...once, ...once, last])
    expect(pauses).toEqual([5_000, 10_000, 20_000])
  })

  test('end where the homeserver knows no ping, and say how to see what it would have told', async () => {
    const lines: unknown[] = []
    const log = { ...silent, info: (...line: [object, string]) => void lines.push(line) }
    const homeserver = { register: async () => undefined, setDisplayName: async () => undefined }
    const deps = { identity, log, clock, homeserver, ping: async () => 'unknown' as const }
    await introduce(deps, new AbortController().signal)
    expect(lines).toEqual([
      [
        { see: 'docs/deploying.md#homeservers' },
        'the homeserver knows Footbridge; it has no ping, so write to the bot to see whether it is reached',
      ],
    ])
  })

  test('end when the bridge stops', async () => {
    const end = new AbortController()
    const away = () => Promise.reject(new TransientError('away', { of: 'homeserver' }))
    const sleep = async () => {
      end.abort()
    }
    const deps = {
      identity,
      log: silent,
      clock: { now: () => 0, sleep },
      ping: async () => 'unreached' as const,
    }
    await introduce({ ...deps, homeserver: { register: away, setDisplayName: away } }, end.signal)
    expect(end.signal.aborted).toBe(true)
  })

  test('are no trouble when the bridge stops in the middle of them', async () => {
    const end = new AbortController()
    const warnings: string[] = []
    const away = () => {
      end.abort()
      return Promise.reject(new TransientError('cut off', { of: 'homeserver' }))
    }
    const log = { ...silent, warn: (_: object, line: string) => void warnings.push(line) }
    const deps = { identity, log, clock, ping: async () => 'unreached' as const }
    await introduce({ ...deps, homeserver: { register: away, setDisplayName: away } }, end.signal)
    expect(warnings).toEqual([])
  })
})
