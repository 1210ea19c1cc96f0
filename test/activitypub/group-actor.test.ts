import { expect, test } from '@jest/globals'
import { actorContext } from '../../src/activitypub/actor-document.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { toWebFinger } from '../../src/activitypub/webfinger.ts'
import { asActorId, asMxc, asRoomAlias, asUserId } from '../../src/model/ids.ts'
import type { LocalActor } from '../../src/model/actor.ts'
import { testKeys } from '../support/keys.ts'
import { actorDocument } from './own-actor.ts'
import { startRoutes } from './routes-setup.ts'

const place = { publicUrl: 'https://fedi.here.example', handleDomain: 'here.example' }
const id = asActorId(actorDocument.id)
const { serializeActor } = createSerializer({
  ...place,
  bridgeName: 'The bridge',
  findKeys: testKeys,
  clock: { now: () => 0 },
})

const room: LocalActor = {
  ...{ id, userId: asUserId(id), username: 'alice', displayName: 'Alice' },
  avatar: asMxc('mxc://here.example/abc'),
  createdAt: Date.UTC(2024, 0, 2, 3, 4, 5),
  group: {},
}

test('the actor of a room is a Group, and nobody on Matrix', () => {
  const { attachment, ...document } = actorDocument
  expect(JSON.parse(serializeActor(room, testKeys(id)))).toEqual({
    '@context': actorContext,
    ...document,
    ...{ type: 'Group', attachment: attachment.slice(1), postingRestrictedToMods: false },
    matrixUserId: undefined,
    tag: undefined,
  })
})

test('it says where anybody may join the room, and claims no profile there', () => {
  const open = { ...room, group: { alias: asRoomAlias('#garden:here.example') } }
  expect(JSON.parse(serializeActor(open, testKeys(id)))).toMatchObject({
    attachment: [
      {
        name: 'Matrix',
        value:
          '<a href="https://matrix.to/#/%23garden:here.example" rel="noopener">#garden:here.example</a>',
      },
      { name: 'Bridged by' },
    ],
    tag: [
      {
        ...{ type: 'Link', rel: 'canonical' },
        href: 'https://matrix.to/#/%23garden:here.example',
      },
    ],
  })
})

test('it is found by its name like everybody', () => {
  expect(toWebFinger(room, place)).toMatchObject({
    subject: 'acct:alice@here.example',
    aliases: ['https://fedi.here.example/@alice', id],
  })
})

test('of its followers it tells only how many they are', async () => {
  const world = await startRoutes()
  const path = '/actors/garden/followers'
  const whole = await world.get(path, 'bob')
  const page = await world.get(`${path}?page=1`, 'bob')
  await world.close()
  expect(JSON.parse(whole.text)).toMatchObject({ totalItems: 3 })
  expect(whole.text).not.toContain('first')
  expect(page.status).toBe(403)
})
