import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { asActorId, asUserId } from '../../src/model/ids.ts'
import { createFlow, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let user: FakeUser
let room: RoomId
let alice: string
let ben: Account
const hour = 3_600_000
const me = asUserId('@alice:hs.test')

async function start(activitypub: { readonly rotateKeysAfter?: number } = {}): Promise<void> {
  flow = await createFlow({}, { activitypub })
  flow.permissions.set(me, 'admin')
  user = flow.user('alice')
  room = await flow.publish(user)
  alice = await flow.actorOf(user)
  ben = flow.account('ben', 'remote.example')
  await flow.gain(user, ben)
}
afterEach(() => flow.close())

const keysTold = (): readonly unknown[] =>
  flow.received(ben, 'Update').flatMap(({ object }) => {
    const { publicKey } = object as { publicKey?: Document }
    return publicKey === undefined ? [] : [publicKey['id']]
  })

describe('rotate-keys', () => {
  beforeEach(() => start())

  test('tells the followers of the new key, which signs what comes then', async () => {
    const answer = await flow.command(user, 'rotate-keys alice')
    expect(answer.at(-1)).toContain('gets new keys now')
    await flow.minutes(1)
    expect(keysTold()).toEqual([`${alice}#main-key-2`])
    user.say(room, 'hello again')
    await flow.minutes(1)
    const { deliveries } = flow.fediverse
    expect(deliveries.filter(({ activity }) => activity['type'] === 'Create').at(-1)?.keyId).toBe(
      `${alice}#main-key-2`,
    )
    const [create] = flow.received(ben, 'Create')
    expect(create?.['proof']).toMatchObject({ verificationMethod: `${alice}#ed25519-key-2` })
  })

  test('without a name is for all, the server itself too', async () => {
    await flow.command(user, 'rotate-keys')
    await flow.minutes(1)
    expect(keysTold()).toEqual([`${alice}#main-key-2`])
    const [newest] = await flow.store.keyPairsOf(asActorId(`${publicUrl}/actor`))
    expect(newest?.keyId).toMatch(/-key-2$/)
  })

  test('knows no account of that name, and is not for everybody', async () => {
    expect((await flow.command(user, 'rotate-keys nobody')).at(-1)).toBe(
      'There is no account `nobody` on this server.',
    )
    flow.permissions.set(me, 'user')
    await flow.command(user, 'rotate-keys')
    await flow.minutes(1)
    expect(keysTold()).toEqual([])
  })
})

test.each([
  ['are replaced once they have served long enough', hour, ['main-key-2']],
  ['stay until then', 30 * 24 * hour, []],
])('keys %s', async (_, rotateKeysAfter, told) => {
  await start({ rotateKeysAfter })
  // Looked at once a day.
  await flow.hours(17)
  expect(keysTold()).toEqual(told.map((name) => `${alice}#${name}`))
})
