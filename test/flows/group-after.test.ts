import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { everybody } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { accountOn, agree, openGroup } from './group-stage.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
/** Agreed and then took it back. */
let ann: FakeUser
let room: RoomId
let group: string
let carol: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  ann = flow.user('ann')
  ;({ roomId: room, id: group } = await openGroup(flow, alice, ann))
  await agree(flow, room, alice)
  await agree(flow, room, ann)
  carol = flow.account('carol', 'carol.example')
  await flow.tell(accountOn(flow, 'bob', 'mastodon').follow(group))
  alice.say(room, 'from alice')
  ann.say(room, 'from ann')
  const extra = { audience: group, to: [everybody], cc: [group] }
  await flow.tell(carol.ask(['Tea', 'Milk'], { content: 'from carol', extra }))
  await flow.command(ann, '!ap group out', room)
})
afterEach(() => flow.close())

const sent = (): string => JSON.stringify(flow.fediverse.deliveries.map(({ activity }) => activity))

/** Whatever they say, vote or feel about what stands there. */
async function speak(who: FakeUser, own: string): Promise<void> {
  const [post] = flow.messages(room).filter(({ sender }) => sender === flow.ghostOf(carol))
  const target = post?.eventId ?? flow.eventOf(room, 'none')
  who.edit(room, flow.eventOf(room, own), 'for this room alone')
  who.say(room, 'for this room alone')
  who.reply(room, target, 'for this room alone')
  who.react(room, target, '🦔')
  const relation = { rel_type: 'm.reference', event_id: target }
  const answers = { answers: ['0', '1', 'Tea', 'Milk'] }
  const vote = { 'm.relates_to': relation, 'org.matrix.msc3381.poll.response': answers }
  who.send(room, vote, 'org.matrix.msc3381.poll.response')
  await flow.minutes(2)
}

async function expectSilence(who: FakeUser, own: string): Promise<void> {
  const before = flow.received(carol).length
  await speak(who, own)
  expect(sent()).not.toContain('for this room alone')
  expect(flow.received(carol)).toHaveLength(before)
  expect(await flow.failures()).toEqual([])
}

describe('in a room that is no group any more', () => {
  beforeEach(async () => {
    await flow.command(alice, '!ap group close confirm', room)
    await flow.minutes(1)
  })

  test('nothing of who had agreed goes out, not even new words of an old post', async () => {
    await expectSilence(alice, 'from alice')
  })

  test('nothing of who had not goes out', async () => {
    await expectSilence(ann, 'from ann')
  })

  test('what went out before can be deleted there', async () => {
    alice.redact(room, flow.eventOf(room, 'from alice'))
    await flow.quiet()
    expect(sent()).toContain('"type":"Delete"')
    expect(flow.rows()['object']?.join()).not.toContain('from alice')
  })

  test('and becomes one again, nobody has agreed', async () => {
    // As a command does that is under way while an admin ends the room.
    const { userId } = ann
    await flow.store.commit([{ change: 'put-consent', roomId: room, userId, at: flow.time.now() }])
    await flow.command(alice, '!ap group open again', room)
    expect(await flow.store.consentsIn(room)).toEqual([])
    await expectSilence(ann, 'from ann')
    await agree(flow, room, ann)
    ann.say(room, 'for everybody')
    await flow.quiet()
    expect(flow.rows()['object']?.join()).toContain('for everybody')
  })
})

test('in a room that an admin has ended nothing goes out', async () => {
  const admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  await flow.command(admin, `unbridge ${room}`)
  await flow.minutes(1)
  await expectSilence(ann, 'from ann')
})

test('in a room that goes on elsewhere nothing goes out of who has not agreed', async () => {
  const predecessor = { room_id: room }
  const to = alice.createRoom({ name: 'Next', creation_content: { predecessor } })
  alice.invite(to, bot)
  alice.setState(room, 'm.room.tombstone', { body: 'replaced', replacement_room: to })
  await flow.minutes(1)
  expect((await flow.store.findGroupByRoom(to))?.id).toBe(group)
  await expectSilence(ann, 'from ann')
})

test('after the end nobody comes back to change a post or to react, only for who takes theirs back', async () => {
  const extra = { audience: group, to: [everybody], cc: [group] }
  const [kept, gone] = [
    carol.post({ content: 'to stay', extra }),
    carol.post({ content: 'to go', extra }),
  ]
  await flow.tell(kept, gone)
  const alices = await flow.store.findMappingByEvent(room, flow.eventOf(room, 'from alice'))
  await flow.command(alice, '!ap group close confirm', room)
  await flow.minutes(1)
  const others = () =>
    flow.homeserver
      .members(room, 'join')
      .filter((userId) => ![alice.userId, ann.userId, String(bot)].includes(userId))
  expect(others()).toEqual([])
  const dave = flow.account('dave', 'dave.example')
  await flow.tell(carol.edit(kept.object, 'in new words'), dave.like(alices?.remoteId ?? ''))
  await flow.minutes(1)
  expect(others()).toEqual([])
  const standing = () => JSON.stringify(flow.homeserver.timeline(room))
  expect(standing()).toContain('to go')
  await flow.tell(carol.delete(gone.object))
  await flow.minutes(1)
  expect(standing()).not.toContain('to go')
  expect(standing()).not.toContain('in new words')
  await flow.minutes(5)
  expect(others()).toEqual([])
  expect(await flow.failures()).toEqual([])
})
