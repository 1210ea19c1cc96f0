import { afterAll, beforeAll, expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { createHomeserver } from '../../src/matrix/client.ts'
import { asUserId, type UserId } from '../../src/model/ids.ts'
import { createSystemClock } from '../../src/net/clock.ts'
import { createHomeserverHttp } from '../../src/net/homeserver.ts'
import type { MatrixClient } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

/** What an application service sees of accounts that are deactivated, on a real homeserver. */
describeWith(['synapse'], 'a deactivated account', () => {
  let stack: Stack
  let home: ReturnType<typeof createHomeserverHttp>
  let guests: Readonly<Record<'here' | 'deactivated' | 'erased', Guest>>

  beforeAll(async () => {
    stack = await startStack()
    home = createHomeserverHttp({ baseUrl: stack.homeserver.url })
    guests = {
      here: await stack.meet('here'),
      deactivated: await stack.meet('deactivated'),
      erased: await stack.meet('erased'),
    }
    await deactivate(guests.deactivated.client, false)
    await deactivate(guests.erased.client, true)
  })
  afterAll(async () => {
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
})
