import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Admin, registerAdmin } from './support/admin.ts'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import { ask, bodiesIn, follow, openProfile, shown, told } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'fedify'], 'rooms that an admin of the homeserver deletes', () => {
  let stack: Stack
  let fedify: ControlledPeer
  let admin: Admin
  let alice: Guest
  let bob: Guest

  beforeAll(async () => {
    ;[stack, fedify] = await Promise.all([
      startStack(),
      startFedify({ accounts: ['carol', 'cleo', 'dan'] }),
    ])
    admin = await registerAdmin(stack.homeserver, 'root')
    ;[alice, bob] = [await stack.meet('alice'), await stack.meet('bob')]
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await Promise.all([stack.stop(), fedify.stop()])
  })

  const roomsSeen = async ({ client }: Guest): Promise<readonly string[]> =>
    (await client.seen()).map(({ room_id }) => room_id)

  /** The room that somebody is invited to and was in none of those before; they join it. */
  async function enterAnother({ client }: Guest, known: readonly string[]): Promise<string> {
    const invite = await client.waitFor(
      (e) =>
        e.type === 'm.room.member' &&
        e.state_key === client.userId &&
        e.content['membership'] === 'invite' &&
        !known.includes(e.room_id),
      { what: 'an invite to another room' },
    )
    await waitUntil('joining', () => client.join(invite.room_id))
    return invite.room_id
  }

  /** What accounts were told of who follows them. */
  const follows = async (): Promise<readonly string[]> =>
    (await fedify.received()).flatMap(({ activity: { id, type } }) =>
      type === 'Follow' || type === 'Undo' ? [`${type} ${id}`] : [],
    )

  test.each([
    ['carol', 'purged', { purge: true }],
    ['cleo', 'shut down and blocked', { purge: false, block: true }],
  ])('the next post of %s, whose room was %s, is in another one', async (name, _, how) => {
    const account = fedify.account(name)
    const room = await follow(alice, account)
    expect(await follow(bob, account)).toBe(room)
    await fedify.post(name, { content: `the first of ${name}` })
    for (const { client } of [alice, bob]) await shown(client, room, `the first of ${name}`)
    const before = await follows()

    const known = [...(await roomsSeen(alice)), ...(await roomsSeen(bob))]
    await admin.deleteRoom(room, how)
    for (const guest of [alice, bob]) {
      await told(guest, `The room of ${account.handle} was closed on this server.`)
    }
    await fedify.post(name, { content: `the next of ${name}` })
    const next = await enterAnother(alice, known)
    expect(await enterAnother(bob, known)).toBe(next)
    for (const { client } of [alice, bob]) await shown(client, next, `the next of ${name}`)
    await fedify.post(name, { content: `one more of ${name}` })
    await shown(alice.client, next, `one more of ${name}`)
    expect(await bodiesIn(bob.client, next)).toEqual([`the next of ${name}`, `one more of ${name}`])
    expect((await fedify.followers(name)).length).toBe(2)
    expect(await follows()).toEqual(before)
  })

  test('a chat is followed by another one with the next message', async () => {
    const me = await findActor(stack.publicUrl, alice.handle)
    const write = (content: string) =>
      fedify.post('dan', { content, visibility: 'direct', mentions: [me] })
    const known = await roomsSeen(alice)
    await write('can you hear me?')
    const chat = await enterAnother(alice, known)
    await shown(alice.client, chat, 'can you hear me?')
    await admin.deleteRoom(chat)
    await write('and now?')
    const next = await enterAnother(alice, [...known, chat])
    await shown(alice.client, next, 'and now?')
    await alice.client.text(next, 'as if nothing had been')
    await receives(fedify, 'Create', 'as if nothing had been')
  })

  test('a public room: its owner hears of it, and opens another one', async () => {
    const profile = await openProfile(bob)
    await fedify.follow('dan', await findActor(stack.publicUrl, bob.handle))
    await waitUntil('the follow', async () => (await fedify.following('dan')).length === 1)
    await admin.deleteRoom(profile)
    await told(bob, 'Your public room was closed on this server.')
    // Of his new follower he is told in a room of its own, at its own time.
    const answer = await ask(bob, 'publish', 'I invite you to the room:')
    const room = decodeURIComponent(/#\/([^?\s]+)/.exec(answer)?.[1] ?? '')
    expect(room).not.toBe(profile)
    await waitUntil('joining', () => bob.client.join(room))
    await bob.client.text(room, 'in public again')
    await receives(fedify, 'Create', 'in public again')
  })
})
