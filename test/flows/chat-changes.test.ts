import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

/** What becomes of a private message when it is changed after somebody left. */

let flow: Flow
let alice: FakeUser
let bob: Account
let carl: Account
let room: RoomId
let message: EventId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carl = flow.account('carl', 'other.example')
  const invite = [flow.ghostOf(bob), flow.ghostOf(carl)]
  room = alice.createRoom({ preset: 'private_chat', is_direct: true, invite })
  await flow.quiet()
})
afterEach(() => flow.close())

async function say(text: string): Promise<void> {
  message = alice.say(room, text)
  await flow.quiet()
}

async function leave(account: Account): Promise<void> {
  alice.kick(room, flow.ghostOf(account))
  await flow.quiet()
}

async function edit(text: string): Promise<void> {
  alice.edit(room, message, text)
  await flow.quiet()
}

/** All that an account got: the kind, the words, whom it is for. */
const heard = (account: Account): unknown[] =>
  flow.received(account).map(({ type, to, object }) => {
    const { content } = object as Document
    return [type, typeof content === 'string' ? content.replace(/<[^>]*>/g, '') : '', to]
  })

const both = (): string[] => [bob.id, carl.id]

describe('after somebody left', () => {
  test('an edit goes to those who are there, and names nobody else', async () => {
    await say('one')
    await leave(carl)
    await edit('two')
    expect(heard(carl)).toEqual([['Create', 'one', both()]])
    expect(heard(bob)).toEqual([
      ['Create', 'one', both()],
      ['Update', 'two', [bob.id]],
    ])
    const [note] = flow.received(bob, 'Update').map(({ object }) => object as Document)
    expect(note).toMatchObject({ to: [bob.id], cc: [], tag: [{ href: bob.id }] })
  })

  test('what the message said is taken back from everybody who got it', async () => {
    await say('one')
    await leave(carl)
    await edit('two')
    alice.redact(room, message)
    await flow.quiet()
    for (const account of [bob, carl])
      expect(flow.received(account).at(-1)).toMatchObject({ type: 'Delete' })
  })

  test('their late copy is the one from when they were there', async () => {
    flow.fediverse.server('other.example').isAway = true
    await say('one')
    await leave(carl)
    await edit('two')
    await edit('three')
    flow.fediverse.server('other.example').isAway = false
    await flow.hours(1)
    expect(heard(carl)).toEqual([['Create', 'one', both()]])
    expect(heard(bob).at(-1)).toEqual(['Update', 'three', [bob.id]])
  })
})

test('an edit goes to all who are there, in a late copy as well', async () => {
  flow.fediverse.server('other.example').isAway = true
  await say('one')
  await edit('two')
  flow.fediverse.server('other.example').isAway = false
  await flow.hours(1)
  expect(heard(carl)).toEqual([
    ['Create', 'two', both()],
    ['Update', 'two', both()],
  ])
})
