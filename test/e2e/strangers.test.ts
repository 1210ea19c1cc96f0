import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import { type LoopbackFediverse, startLoopbackFediverse } from '../fakes/loopback.ts'
import { findActor, listed } from './support/fediverse.ts'
import type { MatrixEvent } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { ask, bodiesIn, bodyOf, enter, idOf, messagesIn, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

/** Chats that strangers may open with one user in a day, and how many try. */
const limit = 20
const crowd = 26

describeWith(['synapse'], 'more strangers than a day allows', () => {
  let stack: Stack
  let outside: LoopbackFediverse
  let strangers: readonly Account[]
  let alice: Guest
  let me: { readonly id: string; readonly name: string }
  let notifications: string

  beforeAll(async () => {
    stack = await startStack()
    outside = await startLoopbackFediverse(stack.publicUrl, 3)
    const { fediverse, hosts } = outside
    strangers = Array.from({ length: crowd }, (_, n) =>
      fediverse.account(`stranger${n}`, hosts[n % hosts.length] ?? ''),
    )
    alice = await stack.meet('alice')
    await ask(alice, 'register', 'On the fediverse you are now')
    me = { id: await findActor(stack.publicUrl, alice.handle), name: alice.handle }
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await outside.stop()
    await stack.stop()
  })

  const write = (from: Account, content: string): void =>
    outside.fediverse.send(from.post({ content, visibility: 'direct', mentions: [me] }))
  const taken = async (count: number): Promise<void> => {
    const { taken: ok, refused } = await outside.fediverse.flush(outside.inbox)
    expect([ok, refused]).toEqual([count, []])
  }
  /** Rooms that she is or was invited to as chats, each once. */
  const chats = async (): Promise<readonly string[]> => {
    const isInvite = (e: MatrixEvent): boolean =>
      e.type === 'm.room.member' &&
      e.state_key === alice.client.userId &&
      e.sender.startsWith('@_ap_') &&
      e.content['membership'] === 'invite' &&
      e.content['is_direct'] === true
    const invites = (await alice.client.seen()).filter(isInvite)
    return [...new Set(invites.map(({ room_id }) => room_id))]
  }
  /** Until the bridge has no activity left: each was done once. */
  const settled = (count: number): Promise<true> =>
    waitUntil(
      `${count} activities done`,
      () => {
        const ends = stack.bridge.log().filter(({ kind }) => kind === 'activity')
        return ends.filter(({ outcome }) => outcome === 'done').length >= count
      },
      60_000,
    )
  const nameIn = (text: string): string => /stranger\d+/.exec(text)?.[0] ?? text

  test('who writes much before being answered opens one chat', async () => {
    const [first] = strangers
    if (first === undefined) throw new Error('nobody')
    for (let n = 0; n < 5; n++) write(first, `I am stranger0, word ${n}`)
    await taken(5)
    await settled(5)
    const [room, ...more] = await chats()
    expect([room, more]).toEqual([expect.any(String), []])
    await alice.client.join(room ?? '')
    const words = [0, 1, 2, 3, 4].map((n) => `I am stranger0, word ${n}`)
    expect(await bodiesIn(alice.client, room ?? '')).toEqual(words)
  })

  test('so many chats are opened, also when all write at once', async () => {
    for (const one of strangers.slice(1)) write(one, `I am ${one.username}`)
    await taken(crowd - 1)
    await settled(5 + crowd - 1)
    expect(await chats()).toHaveLength(limit)
  })

  test('the others stand among the notifications, once each, below one word of why', async () => {
    notifications = await enter(alice.client, 'Fediverse notifications')
    const bodies = await bodiesIn(alice.client, notifications)
    const why = bodies.filter((body) => body.includes('whom you do not follow'))
    expect(why).toHaveLength(1)
    expect(bodies[0]).toBe(why[0])
    const held = bodies.slice(1)
    for (const body of held) expect(body).toContain('✉️ private')
    const rooms = await chats()
    for (const roomId of rooms) await alice.client.join(roomId)
    const inChats = await Promise.all(rooms.map((roomId) => bodiesIn(alice.client, roomId)))
    const people = [...held.map(nameIn), ...inChats.map((texts) => nameIn(texts[0] ?? ''))]
    expect(people.sort()).toEqual(strangers.map(({ username }) => username).sort())
  })

  test('an answer there goes to who wrote it, in private, and so does what follows', async () => {
    const held = (await messagesIn(alice.client, notifications)).at(-1)
    const name = nameIn(held === undefined ? '' : bodyOf(held))
    const from = strangers.find(({ username }) => username === name)
    if (held === undefined || from === undefined) throw new Error('nothing is held')
    await alice.client.reply(notifications, idOf(held), 'who are you?')
    const { activity } = await waitUntil('the answer', () =>
      outside.fediverse.deliveries.find(
        (one) => one.inbox === from.inbox && JSON.stringify(one.activity).includes('who are you?'),
      ),
    )
    expect([listed(activity['to']), listed(activity['cc'])]).toEqual([[from.id], []])
    write(from, `${name} again`)
    await taken(1)
    await shown(alice.client, notifications, `${name} again`)
    expect(await chats()).toHaveLength(limit)
  })
})
