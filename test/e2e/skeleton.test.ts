import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from './support/peers.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'snac'], 'a Matrix user and a snac account', () => {
  let stack: Stack
  let snac: Snac
  let alice: Guest

  beforeAll(async () => {
    snac = await startSnac({ users: ['anna'] })
    stack = await startStack()
    alice = await stack.meet('alice')
  })

  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await stack.stop()
    await snac.stop()
  })

  test('follow, read, reply, publish and write to each other', async () => {
    const anna = snac.user('anna')
    await anna.note('an old post')
    const asked = await alice.command(`follow ${anna.id}`)
    expect(asked).toContain('Requested')
    const room = await alice.client.waitForInvite(stack.botId)
    await alice.client.join(room)
    const history = await alice.client.messages(room)
    expect(history.map(({ content }) => content['body'])).toContain('an old post')

    const post = await anna.note('a new post')
    const shown = await alice.client.waitFor((e) => e.content['body'] === 'a new post')
    await alice.client.threadReply(room, shown.event_id ?? '', 'a reply from Matrix')
    const reply = await anna.reads('a reply from Matrix')
    expect(reply.in_reply_to_id).toBe(post.id)

    await alice.command('publish')
    const profile = await waitUntil('an invite to the profile room', async () =>
      (await alice.client.seen()).find(
        (e) =>
          e.type === 'm.room.member' &&
          e.state_key === alice.client.userId &&
          e.room_id !== room &&
          e.content['membership'] === 'invite',
      ),
    )
    await alice.client.join(profile.room_id)
    await anna.follow(alice.handle.slice(1))
    const notices = await waitUntil(
      'an invite to the notifications',
      async () =>
        (await alice.client.seen()).find(
          (e) =>
            e.type === 'm.room.member' &&
            e.state_key === alice.client.userId &&
            ![room, profile.room_id].includes(e.room_id) &&
            e.content['membership'] === 'invite',
        ),
      60_000,
    )
    await alice.client.join(notices.room_id)
    await alice.client.waitFor((e) => String(e.content['body']).includes('follows you now'))
    await alice.client.text(profile.room_id, 'hello fediverse')
    await anna.reads('hello fediverse')
  })
})
