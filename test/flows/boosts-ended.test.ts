import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import { asObjectId } from '../../src/model/ids.ts'
import { everybody } from '../fakes/fediverse.ts'
import { accountOn, openGroup, typesOf } from './group-stage.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let carol: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  carol = flow.account('carol', 'carol.example')
})
afterEach(async () => {
  expect(await flow.failures()).toEqual([])
  expect(flow.fediverse.refusals).toEqual([])
  flow.close()
})

const newsOf = (account: Account): readonly string[] =>
  typesOf(flow.received(account)).filter((type) => type !== 'Accept' && type !== 'Follow')

describe('a boost by somebody here', () => {
  let fan: Account
  let portal: RoomId
  let post: Sent
  let reaction: EventId

  beforeEach(async () => {
    portal = await flow.follow(alice, carol)
    fan = flow.account('fan', 'fans.example')
    await flow.tell(fan.follow(await flow.actorOf(alice)))
    post = carol.post({ content: 'look at this' })
    await flow.tell(post)
    reaction = alice.react(portal, flow.eventOf(portal, 'look at this'), '🔁')
    await flow.quiet()
    expect(newsOf(fan)).toEqual(['Announce'])
  })

  async function expectEnded(): Promise<void> {
    await flow.minutes(30)
    expect(newsOf(fan)).toEqual(['Announce', 'Undo'])
    const [boost, undo] = flow.received(fan).slice(-2)
    expect(undo).toMatchObject({ object: { id: boost?.['id'], type: 'Announce' } })
    expect(await flow.store.ownBoostsOf(asObjectId(post.object))).toEqual([])
    expect(await flow.store.findMappingByEvent(portal, reaction)).toBeUndefined()
  }

  test('is taken back once the author wants no bridges, and they hear of it', async () => {
    await flow.tell(carol.updateProfile({ summary: '<p>#nobridge</p>' }))
    await expectEnded()
    expect(newsOf(carol)).toContain('Announce')
    expect(flow.received(carol, 'Undo').map(({ object }) => object)).toContainEqual(
      expect.objectContaining({ type: 'Announce', object: post.object }),
    )
  })

  test('is taken back once an admin has suspended the author', async () => {
    const admin = flow.user('admin')
    flow.permissions.set(admin.userId, 'admin')
    await flow.command(admin, `suspend ${carol.handle}`)
    await expectEnded()
  })

  test('is taken back once the author is deleted', async () => {
    await flow.tell(carol.deleteActor())
    await expectEnded()
  })
})

test('of a deleted author nothing stays in a group, however much there is', async () => {
  const { id: group } = await openGroup(flow, alice)
  const [bob, lou] = [accountOn(flow, 'bob', 'mastodon'), accountOn(flow, 'lou', 'lemmy')]
  await flow.tell(bob.follow(group), lou.follow(group))
  const extra = { audience: group, to: [everybody], cc: [group] }
  const posts = Array.from({ length: 12 }, (_, n) => carol.post({ content: `no ${n}`, extra }))
  await flow.tell(...posts)
  expect(newsOf(bob)).toEqual(posts.map(() => 'Announce'))
  await flow.tell(carol.deleteActor())
  await flow.minutes(30)
  const undone = flow.received(bob, 'Undo').map(({ object }) => (object as Sent).object)
  expect(undone.toSorted()).toEqual(posts.map(({ object }) => object).toSorted())
  expect(newsOf(lou).filter((type) => type === 'Announce(Delete)')).toHaveLength(12)
})
