import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let chat: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  chat = await flow.chat(alice)
})
afterEach(() => flow.close())

const told = (roomId: RoomId): string => flow.bodies(roomId).at(-1) ?? ''

async function asks(roomId: RoomId, words: string): Promise<string> {
  alice.say(roomId, words)
  await flow.quiet()
  return told(roomId)
}

test('a room with a name is no chat with the bot, though its maker is alone there', async () => {
  const room = alice.createRoom({ preset: 'public_chat', name: 'The garden' })
  await flow.quiet()
  alice.invite(room, bot)
  await flow.quiet()
  expect(flow.homeserver.members(room, 'join')).toContain(bot)
  expect(await asks(room, '!ap group open garden')).toContain('@garden@bridge.example')
  expect(await asks(chat, 'whoami')).toContain('@alice@bridge.example')
})

test('a newer chat is the one where the bot tells things, and both are answered', async () => {
  const newer = alice.createDm(bot)
  await flow.quiet()
  expect(told(chat)).toContain('our newer chat from now on')
  expect(told(chat)).toContain(encodeURIComponent(newer))
  for (const room of [chat, newer])
    expect(await asks(room, 'whoami')).toContain('@alice@bridge.example')
})

test('what was promised in a chat comes, whichever chat there is by then', async () => {
  const bob = flow.account('bob', 'remote.example')
  flow.fediverse.server('remote.example').isAway = true
  expect(await asks(chat, `follow ${bob.handle}`)).toContain('I keep trying for a day')
  alice.createDm(bot)
  await flow.quiet()
  flow.fediverse.server('remote.example').isAway = false
  await flow.hours(1)
  expect(flow.received(bob, 'Follow')).toHaveLength(1)
})

test('where others have come into an older chat nothing is a command without its prefix', async () => {
  alice.createDm(bot)
  await flow.quiet()
  alice.invite(chat, flow.user('dora').userId)
  await flow.quiet()
  const named = () => flow.bodies(chat).filter((body) => body.includes('@alice@')).length
  const before = named()
  alice.say(chat, 'whoami')
  await flow.quiet()
  expect(named()).toBe(before)
})
