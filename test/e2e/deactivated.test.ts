import { afterAll, beforeAll, expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { createHomeserver } from '../../src/matrix/client.ts'
import { asUserId, type UserId } from '../../src/model/ids.ts'
import { createSystemClock } from '../../src/net/clock.ts'
import { createHomeserverHttp } from '../../src/net/homeserver.ts'
import { type ControlledPeer, startApex } from './support/control-peer.ts'
import { findActor, receives } from './support/fediverse.ts'
import { call } from './support/json-http.ts'
import type { MatrixClient } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { makeMovedClock, type MovedClock } from './support/preloads.ts'
import { ask } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const activityJson = 'application/activity+json'
const aDay = 24 * 3_600_000 + 60_000

/** What an application service sees of accounts that are deactivated, on a real homeserver. */
describeWith(['synapse', 'apex'], 'a deactivated account', () => {
  let stack: Stack
  let home: ReturnType<typeof createHomeserverHttp>
  let apex: ControlledPeer
  let clock: MovedClock
  let guests: Readonly<Record<'here' | 'deactivated' | 'erased', Guest>>
  let actors: readonly string[]

  beforeAll(async () => {
    clock = await makeMovedClock()
    ;[stack, apex] = await Promise.all([
      startStack({ env: clock.env }),
      startApex({ accounts: ['dora'] }),
    ])
    home = createHomeserverHttp({ baseUrl: stack.homeserver.url })
    guests = {
      here: await stack.meet('here'),
      deactivated: await stack.meet('deactivated'),
      erased: await stack.meet('erased'),
    }
    const everybody = Object.values(guests)
    for (const guest of everybody) await ask(guest, 'register', 'you are now')
    actors = await Promise.all(everybody.map(({ handle }) => findActor(stack.publicUrl, handle)))
    for (const actor of actors) await apex.follow('dora', actor)
    await waitUntil(
      'dora follows all',
      async () => (await apex.following('dora')).length === actors.length,
    )
    await deactivate(guests.deactivated.client, false)
    await deactivate(guests.erased.client, true)
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await home.close()
    await stack.stop()
  })

  async function deactivate(client: MatrixClient, erase: boolean): Promise<void> {
    const name = client.userId.slice(1).split(':')[0] ?? ''
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: client.userId },
      password: `${name}-password`,
    }
    await client.request('POST', 'v3/account/deactivate', { auth, erase })
  }

  const nothing = (): void => undefined

  const hasProfile = (userId: UserId): Promise<boolean> => {
    const { asToken } = stack.appservice
    const access = { http: home.http, baseUrl: stack.homeserver.url, asToken }
    const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
    const bot = asUserId(stack.botId)
    const client = createHomeserver({ ...access, botUserId: bot, clock: createSystemClock(), log })
    return client.hasProfile(userId)
  }
  test('has no profile any more where it was erased, and only there', async () => {
    const ids = Object.values(guests).map(({ client }) => asUserId(client.userId))
    expect(await Promise.all(ids.map(hasProfile))).toEqual([true, true, false])
  })

  test('leaves the chat with the bot, of which the bridge hears', async () => {
    const database = new Sqlite(stack.databasePath)
    const membership = database
      .prepare<[string, string], string>(
        'select membership from membership where room_id = ? and user_id = ?',
      )
      .pluck()
    for (const { client, management } of [guests.deactivated, guests.erased])
      await waitUntil(
        `${client.userId} to be out`,
        () => membership.get(management, client.userId) === 'leave',
      )
    database.close()
  })

  test('that was erased is deleted on the fediverse, once it is gone for a day', async () => {
    const deleted = async () =>
      (await apex.received()).flatMap(({ activity: { type, object } }) =>
        type === 'Delete' ? [object] : [],
      )
    for (const days of [1, 2]) {
      expect(await deleted()).toEqual([])
      await stack.bridge.stop()
      await Promise.all([clock.set(days * aDay), apex.moveClock(days * aDay)])
      await stack.bridge.restart()
      // What is done each day is done at the start.
      await waitUntil('the daily work', () =>
        stack.bridge.log().some(({ key }) => String(key).startsWith('deactivated ')),
      )
    }
    const [, , erased] = actors
    await receives(apex, 'Delete', String(erased))
    expect(await deleted()).toEqual([erased])
    const statuses = actors.map(async (url) => (await call({ url, accept: activityJson })).status)
    expect(await Promise.all(statuses)).toEqual([200, 200, 410])
  })
})
