import { describe, expect, test } from '@jest/globals'
import { perform } from '../../src/bridge/perform.ts'
import { profileUpdate } from '../../src/bridge/own-profile.ts'
import { RejectedError } from '../../src/model/errors.ts'
import { asEventId, asRoomId } from '../../src/model/ids.ts'
import { createBridge } from '../support/bridge.ts'

describe('a user whom nobody may invite', () => {
  test('is told where the room is, and the rest of the work stands', async () => {
    const bridge = await createBridge()
    const { user } = await bridge.meet('@alice:hs.test')
    const refused = () => Promise.reject(new RejectedError('no', { code: 'M_FORBIDDEN' }))
    const homeserver = { ...bridge.deps.homeserver, invite: refused }
    const place = { kind: 'room', roomId: asRoomId('!some:hs.test') } as const
    const changes = await perform(
      [
        { do: 'invite', place, userId: user.userId },
        { do: 'commit', changes: [{ change: 'mark', key: 'after', value: '', at: 1 }] },
      ],
      { isRepeated: false },
      { ...bridge.deps, homeserver },
    )
    expect(changes).toMatchObject([
      { change: 'enqueue', job: { kind: 'upkeep' } },
      { change: 'mark', key: 'after' },
    ])
    expect(JSON.stringify(changes[0])).toContain('I could not invite you')
  })
})

describe('a profile that the homeserver does not show us', () => {
  const change = {
    ts: 1,
    type: 'member',
    membership: 'join',
    previous: 'join',
    isDirect: false,
  } as const

  test.each([
    ['stays as it was when the event itself names the user', 'Alice', 'Alice'],
    ['is emptied by the user’s own change to nothing', undefined, undefined],
  ])('%s', async (_, named, kept) => {
    const bridge = await createBridge()
    const { user, chat } = await bridge.meet('@alice:hs.test')
    user.say(chat, 'register')
    await bridge.settle()
    const actor = await bridge.store.findLocalActorByUser(user.userId)
    if (actor === undefined) throw new Error('alice is nobody')
    await bridge.store.commit([
      { change: 'put-local-actor', actor: { ...actor, displayName: 'Alice' } },
    ])
    const homeserver = { ...bridge.deps.homeserver, profile: async () => ({}) }
    const event = {
      ...change,
      eventId: asEventId('$1'),
      roomId: chat,
      sender: user.userId,
      user: user.userId,
      ...(named === undefined ? {} : { displayName: named }),
    }
    await profileUpdate(event, { ...bridge.deps, homeserver })
    const after = await bridge.store.findLocalActorByUser(user.userId)
    expect(after?.displayName).toBe(kept)
  })
})

test('an Accept that comes while the follow is taken back lets nobody in', async () => {
  const bridge = await createBridge()
  bridge.fediverse.addAccount('bob@social.test')
  const { user, chat } = await bridge.meet('@alice:hs.test')
  user.say(chat, 'follow @bob@social.test')
  await bridge.settle()
  const actor = await bridge.store.findLocalActorByUser(user.userId)
  const [follow] = actor === undefined ? [] : await bridge.store.followsOf(actor.id)
  if (follow === undefined) throw new Error('alice follows nobody')
  const place = { kind: 'actor', actorId: follow.followed } as const
  const { homeserver } = bridge.deps
  /** The follow ends while the homeserver is still at the invite. */
  const invite: typeof homeserver.invite = async (...call) => {
    await homeserver.invite(...call)
    const { follower, followed } = follow
    await bridge.store.commit([{ change: 'remove-follow', follower, followed }])
  }
  const accepted = { change: 'accept-follow', activityId: follow.activityId } as const
  await bridge.store.commit(
    await perform(
      [
        { do: 'invite', place, userId: user.userId },
        { do: 'commit', changes: [accepted] },
      ],
      { isRepeated: false },
      { ...bridge.deps, homeserver: { ...homeserver, invite } },
    ),
  )
  const portal = await bridge.store.findPortal(place)
  if (portal === undefined) throw new Error('no portal')
  expect(bridge.hs.members(portal.roomId, 'invite')).toEqual([])
  expect(bridge.hs.members(portal.roomId, 'leave')).toEqual([user.userId])
  expect(await bridge.store.findFollow(follow.follower, follow.followed)).toBeUndefined()
})
