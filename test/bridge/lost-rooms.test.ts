import { describe, expect, test } from '@jest/globals'
import { asActorId, asRoomId, asUserId, type RoomId } from '../../src/model/ids.ts'
import { createBridge, type Bridge, type Kill } from '../support/bridge.ts'

const alice = asUserId('@alice:hs.test')
const publicCollection = 'https://www.w3.org/ns/activitystreams#Public'
const never = (): Kill => undefined

/** Alice reads bob's room when it is closed; then comes a post. What is left when all is quiet. */
async function run(
  purge: boolean,
  kill: (call: string) => Kill,
  onKill: (bridge: Bridge, first: RoomId) => void = () => undefined,
) {
  let isArmed = false
  let calls = 0
  let first = asRoomId('!none')
  const bridge = await createBridge({
    kill: (call) => {
      if (!isArmed) return undefined
      calls += 1
      const when = kill(`${calls} ${call}`)
      if (when === undefined) return undefined
      bridge.hs.restart()
      onKill(bridge, first)
      return when
    },
  })
  const bob = bridge.fediverse.addAccount('bob@social.test')
  const { user, chat } = await bridge.meet(alice)
  user.say(chat, 'follow @bob@social.test')
  await bridge.settle()
  const actor = await bridge.store.findLocalActorByUser(alice)
  const follow = actor && (await bridge.store.findFollow(actor.id, bob.id))
  await bridge.receive({
    id: 'https://social.test/accepts/1',
    type: 'Accept',
    actor: bob.id,
    object: follow?.activityId,
  })
  await bridge.settle()
  const [room] = user.rooms('invite')
  if (actor === undefined || room === undefined) throw new Error('there is no room')
  first = room
  user.join(first)
  await bridge.settle()
  isArmed = true
  bridge.hs.shutDown(first, { purge })
  await bridge.settle()
  const id = 'https://social.test/notes/1'
  const note = { id, type: 'Note', attributedTo: bob.id, to: [publicCollection], content: 'next' }
  await bridge.receive({ id: `${id}/create`, type: 'Create', actor: bob.id, object: note })
  await bridge.settle()
  await bridge.clock.advance(60_000)
  await bridge.settle()
  isArmed = false
  const portal = await bridge.store.findPortal({ kind: 'actor', actorId: asActorId(bob.id) })
  if (portal === undefined) throw new Error('there is no other room')
  const bodies = bridge.hs
    .timeline(portal.roomId)
    .flatMap(({ content }) => (content as { body?: string }).body ?? [])
  const end = {
    isAnother: portal.roomId !== first,
    bodies,
    rooms: bridge.hs.rooms().length,
    invites: user.rooms('invite').map((roomId) => roomId === portal.roomId),
    told: bridge.notices(chat).filter((text) => text.includes('was closed')).length,
    isFollowing: (await bridge.store.findFollow(actor.id, bob.id))?.state,
    undone: bridge.delivered.filter(({ activity }) => activity.type === 'undo').length,
  }
  return { end, calls }
}

describe.each([
  ['purged', true],
  ['shut down', false],
])('a room that was %s', (_, purge) => {
  test('has one that follows it wherever the process is killed', async () => {
    const { end, calls } = await run(purge, never)
    expect(end).toEqual({
      isAnother: true,
      bodies: ['next'],
      rooms: purge ? 2 : 3,
      invites: [true],
      told: 1,
      isFollowing: 'accepted',
      undone: 0,
    })
    for (let at = 1; at <= calls; at++) {
      for (const when of ['before', 'after'] as const) {
        const killed = await run(purge, (call) => (call.startsWith(`${at} `) ? when : undefined))
        expect({ at, when, end: killed.end }).toEqual({ at, when, end })
      }
    }
  })
})

test('an alias that is free again makes no second room after a crash', async () => {
  let made = 0
  // The first try finds its alias taken; the second one makes the room, and dies.
  const kill = (call: string): Kill =>
    call.endsWith(' createRoom') && (made += 1) === 2 ? 'after' : undefined
  const purge = (bridge: Bridge, first: RoomId): void => bridge.hs.shutDown(first, { purge: true })
  const { end } = await run(false, kill, purge)
  expect(made).toBeGreaterThan(2)
  expect(end).toMatchObject({ isAnother: true, bodies: ['next'], rooms: 2, invites: [true] })
})
