import { describe, expect, test } from '@jest/globals'
import { matrixLink } from '../../src/bridge/portals.ts'
import { asActivityId, asUserId, type UserId } from '../../src/model/ids.ts'
import type { RemoteActor } from '../../src/model/actor.ts'
import type { Bridge } from '../support/bridge.ts'
import { alice, carol, setUp } from './setup.ts'

async function actorIdOf(bridge: Bridge, userId: UserId) {
  const actor = await bridge.store.findLocalActorByUser(userId)
  if (actor === undefined) throw new Error(`${userId} is no actor`)
  return actor.id
}

/** Bob's server answers every follow that it has got. */
async function accept(bridge: Bridge, { id }: RemoteActor): Promise<void> {
  for (const { activity } of bridge.delivered.filter(({ activity: { type } }) => type === 'follow'))
    await bridge.receive({
      '@context': 'https://www.w3.org/ns/activitystreams',
      id: `${id}#accepts-${activity.id}`,
      type: 'Accept',
      actor: id,
      object: activity.id,
    })
  await bridge.settle()
}

const follows = async (bridge: Bridge, userId: UserId) =>
  bridge.store.followsOf(await actorIdOf(bridge, userId))

describe('follow', () => {
  test('makes the user somebody, records one request and sends one Follow', async () => {
    const { bridge, bob, ask } = await setUp()
    expect(await ask('follow @bob@social.test')).toEqual([
      'On the fediverse you are now @alice@hs.test.\n' +
        'Requested to follow @bob@social.test. I will tell you when they answer.',
    ])
    const actor = await actorIdOf(bridge, alice)
    const [delivery] = bridge.delivered
    const activityId = delivery?.activity.id ?? asActivityId('none')
    expect(await follows(bridge, alice)).toEqual([
      {
        follower: actor,
        followed: bob.id,
        activityId,
        state: 'requested',
        requestedAt: bridge.clock.now(),
        withReplies: false,
        withBoosts: true,
        shownIn: 'room' as const,
      },
    ])
    expect(bridge.delivered).toEqual([
      {
        inbox: bob.inbox,
        activity: {
          type: 'follow',
          id: activityId,
          actor,
          object: bob.id,
          to: [bob.id],
          cc: [],
        },
      },
    ])
    expect(bridge.hs.rooms()).toHaveLength(1)
    expect(await bridge.store.findRemoteActor(bob.id)).toEqual(bob)
  })

  test.each([
    ['@bob@social.test'],
    ['bob@social.test'],
    ['BOB@Social.Test'],
    ['acct:bob@social.test'],
    ['https://social.test/@bob'],
    ['https://social.test/users/bob'],
    ['https://elsewhere.test/@bob@social.test'],
    ['<@bob@social.test>'],
    ['\u2068@bob@social.test\u2069'],
    ['@_ap_bob_social.test:hs.test'],
    ['https://matrix.to/#/@_ap_bob_social.test:hs.test'],
  ])('finds the account that is written %s', async (name) => {
    const { bridge, bob, ask } = await setUp()
    await ask(`follow ${name}`)
    expect((await follows(bridge, alice)).map(({ followed }) => followed)).toEqual([bob.id])
  })

  test.each([
    ['a completed name', '<a href="https://matrix.to/#/@_ap_bob_social.test:hs.test">Bob B.</a>'],
    ['a link with a name', '<a href="https://social.test/@bob">Bob B.</a>'],
    ['an address that looks like mail', '<a href="mailto:bob@social.test">bob@social.test</a>'],
  ])('finds the account behind %s', async (_what, link) => {
    const { bridge, bob, ask } = await setUp()
    await ask('follow Bob B.', `<p>follow ${link}</p>`)
    expect((await follows(bridge, alice)).map(({ followed }) => followed)).toEqual([bob.id])
  })

  test('finds the account that a completed name stands for, whatever that name is', async () => {
    const { bridge, bob, ask } = await setUp()
    const ghost = { actorId: bob.id, userId: asUserId('@_ap_bob==2_social.test:hs.test') }
    await bridge.store.commit([
      { change: 'put-remote-actor', actor: bob },
      { change: 'put-ghost', ghost: { ...ghost, registered: false } },
    ])
    await ask('follow Bob', `follow <a href="https://matrix.to/#/${ghost.userId}">Bob</a>`)
    expect((await follows(bridge, alice)).map(({ followed }) => followed)).toEqual([bob.id])
    await ask('unfollow Bob', `unfollow <a href="https://matrix.to/#/${ghost.userId}">Bob</a>`)
    expect(await follows(bridge, alice)).toEqual([])
  })

  test('--replies is kept, however the keyboard spells it', async () => {
    const { bridge, ask } = await setUp()
    await ask('follow —replies @bob@social.test')
    expect((await follows(bridge, alice)).map((one) => one.withReplies)).toEqual([true])
  })

  test('twice asks again and keeps one row', async () => {
    const { bridge, ask } = await setUp()
    await ask('follow @bob@social.test')
    expect(await ask('follow @bob@social.test')).toEqual([
      'Asked @bob@social.test again. I will tell you when they answer.',
    ])
    expect(await follows(bridge, alice)).toHaveLength(1)
    expect(bridge.delivered.map(({ activity }) => activity.type)).toEqual(['follow', 'follow'])
  })

  test('after acceptance invites again and sends nothing', async () => {
    const { bridge, bob, user, ask } = await setUp()
    await ask('follow @bob@social.test')
    await accept(bridge, bob)
    expect((await follows(bridge, alice)).map(({ state }) => state)).toEqual(['accepted'])
    const [room] = user.rooms('invite')
    if (room === undefined) throw new Error('not invited')
    expect(await ask('follow @bob@social.test')).toEqual([
      'You follow @bob@social.test already. I have invited you to its room again.',
    ])
    user.join(room)
    await bridge.settle()
    expect(await ask('follow bob@social.test --replies')).toEqual([
      `You follow @bob@social.test already. Its answers to others come from now on, too. Its room: ${matrixLink(room)}`,
    ])
    expect((await follows(bridge, alice)).map((one) => one.withReplies)).toEqual([true])
    expect(bridge.delivered).toHaveLength(1)
  })

  test('of oneself is answered', async () => {
    const { bridge, ask } = await setUp()
    await ask('register')
    for (const name of ['@alice@hs.test', 'https://fedi.hs.test/@alice', '@alice:hs.test'])
      expect(await ask(`follow ${name}`)).toEqual([
        'That is you. `publish` opens the room where your own posts are.',
      ])
    expect([bridge.delivered, bridge.fediverse.lookups]).toEqual([[], []])
  })

  test('of the bridge itself is answered', async () => {
    const { bridge, ask } = await setUp()
    for (const name of [
      '@apbot:hs.test',
      '@fedi.hs.test@fedi.hs.test',
      'https://fedi.hs.test/actor',
      'https://fedi.hs.test/',
    ])
      expect(await ask(`follow ${name}`)).toEqual([
        'That is me, and I have no posts. `help` lists what I can do for you.',
      ])
    expect(bridge.fediverse.lookups).toEqual([])
  })

  test('of somebody on this server invites to their public room and federates nothing', async () => {
    const { bridge, user, ask } = await setUp()
    const other = await bridge.meet(carol)
    other.user.say(other.chat, 'register')
    await bridge.settle()
    expect(await ask('follow @carol@hs.test')).toEqual([
      '@carol@hs.test is on this server, as @carol:hs.test, and has no public room yet.',
    ])
    other.user.say(other.chat, 'publish')
    await bridge.settle()
    const [room] = other.user.rooms('invite')
    if (room === undefined) throw new Error('no public room')
    for (const name of ['@carol@hs.test', '@carol:hs.test', 'https://fedi.hs.test/@carol'])
      expect(await ask(`follow ${name}`)).toEqual([
        `@carol@hs.test is on this server. I have invited you to their public room: ${matrixLink(room)}`,
      ])
    expect(user.rooms('invite')).toEqual([room])
    expect([bridge.delivered, bridge.fediverse.lookups]).toEqual([[], []])
    expect(await bridge.store.findLocalActorByUser(alice)).toBeUndefined()
  })

  test.each([
    ['@nobody@hs.test', 'There is no `@nobody@hs.test` on this server.'],
    ['https://fedi.hs.test/@nobody', 'There is no `https://fedi.hs.test/@nobody` on this server.'],
    ['@dave:hs.test', '`@dave:hs.test` is not on the fediverse. You can write to them on Matrix.'],
    [
      '@bbo@social.test',
      'I cannot find @bbo@social.test: social.test says there is no such account.',
    ],
    [
      'bob',
      '`bob` is no fediverse address. It looks like `@user@host`, or is the link of a profile.',
    ],
  ])('of %s says what is wrong, and makes nobody somebody', async (name, text) => {
    const { bridge, ask } = await setUp()
    expect(await ask(`follow ${name}`)).toEqual([text])
    expect(await bridge.store.findLocalActorByUser(alice)).toBeUndefined()
  })

  test('of an account that has blocked the user sends nothing', async () => {
    const { bridge, bob, ask } = await setUp()
    await ask('register')
    const blocked = await actorIdOf(bridge, alice)
    const activityId = asActivityId('https://social.test/blocks/1')
    const block = { blocker: bob.id, blocked, activityId }
    await bridge.store.commit([{ change: 'put-block', block }])
    expect(await ask('follow @bob@social.test')).toEqual(['@bob@social.test has blocked you.'])
    expect(await ask('dm @bob@social.test')).toEqual(['@bob@social.test has blocked you.'])
    expect([await follows(bridge, alice), bridge.delivered]).toEqual([[], []])
  })

  test.each([
    ['follow'],
    ['follow --replies'],
    ['follow a@b.test c@d.test'],
    ['follow a@b.test --x'],
  ])('%s is answered with how it is written', async (line) => {
    const { bridge, ask } = await setUp()
    expect(await ask(line)).toEqual([
      'Brings the posts of an account into a room of its own.\n' +
        'It is written like this: `follow <@user@host> [--home] [--replies] [--no-boosts]`',
    ])
    expect(bridge.fediverse.lookups).toEqual([])
  })
})

describe('unfollow', () => {
  test('takes a request back without asking the other server', async () => {
    const { bridge, bob, ask } = await setUp()
    await ask('follow @bob@social.test')
    const actor = await actorIdOf(bridge, alice)
    const lookups = bridge.fediverse.lookups.length
    expect(await ask('unfollow https://social.test/@bob')).toEqual([
      'I have taken back your request to follow @bob@social.test.',
    ])
    const [asked, undone] = bridge.delivered
    expect(undone).toEqual({
      inbox: bob.inbox,
      activity: {
        type: 'undo',
        id: undone?.activity.id,
        actor,
        inner: { type: 'Follow', id: asked?.activity.id, actor, object: bob.id },
        to: [bob.id],
        cc: [],
      },
    })
    expect(await follows(bridge, alice)).toEqual([])
    expect(bridge.fediverse.lookups).toHaveLength(lookups)
  })

  test('ends a follow and takes the user out of the room', async () => {
    const { bridge, bob, user, ask } = await setUp()
    await ask('follow @bob@social.test')
    await accept(bridge, bob)
    const [room] = user.rooms('invite')
    if (room === undefined) throw new Error('not invited')
    user.join(room)
    await bridge.settle()
    expect(await ask('unfollow @bob@social.test')).toEqual([
      'You no longer follow @bob@social.test.',
    ])
    expect(bridge.hs.members(room, 'leave')).toEqual([alice])
    expect(await follows(bridge, alice)).toEqual([])
    expect(bridge.delivered.map(({ activity }) => activity.type)).toEqual(['follow', 'undo'])
  })

  test('of somebody who is not followed says so', async () => {
    const { bridge, ask } = await setUp()
    expect(await ask('unfollow @bob@social.test')).toEqual([
      'You do not follow anybody. `following` shows whom you follow.',
    ])
    await ask('register')
    expect(await ask('unfollow @bob@social.test')).toEqual([
      'You do not follow @bob@social.test. `following` shows whom you follow.',
    ])
    expect(await ask('unfollow @alice@hs.test')).toEqual([
      'That person is on this server: leave their room to stop reading.',
    ])
    expect(bridge.delivered).toEqual([])
  })
})

describe('following and followers', () => {
  test('say how to start when there is nobody', async () => {
    const { ask } = await setUp()
    expect(await ask('following')).toEqual(['You follow nobody yet. `follow @user@host` starts.'])
    expect(await ask('followers')).toEqual([
      'Nobody follows you yet. `publish` gives you a profile that people can follow.',
    ])
    await ask('register')
    expect(await ask('followers')).toEqual([
      'Nobody follows you yet. People find you as @alice@hs.test; `publish` opens the room where you write to them.',
    ])
  })

  test('show pages of 20 with the command for the next one', async () => {
    const { bridge, ask } = await setUp()
    await ask('register')
    const actor = await actorIdOf(bridge, alice)
    const names = Array.from({ length: 45 }, (_, n) => `u${String(n).padStart(2, '0')}`)
    for (const name of names) {
      const other = bridge.fediverse.addAccount(`${name}@social.test`)
      const follow = {
        activityId: asActivityId(`${other.id}#follow`),
        state: 'accepted' as const,
        requestedAt: 0,
        withReplies: false,
        withBoosts: true,
        shownIn: 'room' as const,
      }
      await bridge.store.commit([
        { change: 'put-remote-actor', actor: other },
        { change: 'put-follow', follow: { ...follow, follower: actor, followed: other.id } },
        {
          change: 'put-follow',
          follow: {
            ...follow,
            activityId: asActivityId(`${other.id}#back`),
            follower: other.id,
            followed: actor,
          },
        },
      ])
    }
    const shown = (from: number, to: number) =>
      names.slice(from, to).map((name) => `@${name}@social.test`)
    const first = ['You follow (45):', ...shown(0, 20), 'Page 1 of 3. `following 2` shows more.']
    const last = ['You follow (45):', ...shown(40, 45), 'Page 3 of 3.']
    expect(await ask('following')).toEqual([first.join('\n')])
    expect(await ask('following 3')).toEqual([last.join('\n')])
    expect(await ask('following 99')).toEqual([last.join('\n')])
    expect(await ask('followers 2')).toEqual([
      ['Your followers (45):', ...shown(20, 40), 'Page 2 of 3. `followers 3` shows more.'].join(
        '\n',
      ),
    ])
    for (const wrong of ['0', '-1', '1e3', 'x', '9'.repeat(400)])
      expect(await ask(`following ${wrong}`)).toEqual([
        'Lists the accounts you follow.\nIt is written like this: `following [page]`',
      ])
  })
})
