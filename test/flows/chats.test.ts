import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'
import { polling } from './polls.ts'

let flow: Flow
let alice: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

const created = () =>
  flow.received(bob, 'Create').map(({ object }) => object as Readonly<Record<string, unknown>>)

function setSoftware(software: string, softwareVersion: string, features: readonly string[] = []) {
  Object.assign(flow.fediverse.server(bob.host), { software, softwareVersion, features })
}

const pleroma = () => setSoftware('pleroma', '2.9.1', ['pleroma_api', 'pleroma_chat_messages'])

async function chatWithBob(): Promise<RoomId> {
  const chat = alice.createDm(flow.ghostOf(bob))
  await flow.quiet()
  return chat
}

/** As Pleroma and Lemmy send them. */
async function bobChats(content: string): Promise<string> {
  const actor = await flow.actorOf(alice)
  const extra = { type: 'ChatMessage', context: undefined, cc: undefined }
  const mentions = [{ id: actor, name: '@alice' }]
  const sent = bob.post({ content, visibility: 'direct', mentions, extra: { ...extra, tag: [] } })
  await flow.tell(sent)
  return sent.object
}

describe('chat messages', () => {
  test('go to a server that has chats, and come back into the same room', async () => {
    pleroma()
    const chat = await chatWithBob()
    alice.say(chat, 'hello *bob*')
    await flow.quiet()
    const actor = await flow.actorOf(alice)
    expect(flow.received(bob, 'Create')).toMatchObject([
      {
        to: [bob.id],
        object: {
          type: 'ChatMessage',
          attributedTo: actor,
          to: [bob.id],
          content: '<p>hello *bob*</p>',
        },
      },
    ])
    const [first] = created()
    for (const member of ['cc', 'inReplyTo', 'context', 'tag', 'replies'])
      expect(first).not.toHaveProperty(member)
    const object = await bobChats('hi alice')
    const line = flow.messages(chat).at(-1)
    expect(line).toMatchObject({ sender: flow.ghostOf(bob), content: { body: 'hi alice' } })
    alice.say(chat, 'how are you?')
    await flow.quiet()
    expect(created()).toMatchObject([{}, { type: 'ChatMessage' }])
    await flow.tell(bob.edit(object, 'hi Alice'))
    expect(flow.messages(chat).at(-1)?.content['m.new_content']).toMatchObject({ body: 'hi Alice' })
    await flow.tell(bob.delete(object))
    expect(flow.bodies(chat)).not.toContain('hi alice')
  })

  test('are edited and taken back as what they are', async () => {
    pleroma()
    const chat = await chatWithBob()
    const event = alice.say(chat, 'hello')
    await flow.quiet()
    alice.edit(chat, event, 'hello there')
    await flow.quiet()
    expect(flow.received(bob, 'Update')).toMatchObject([
      { object: { type: 'ChatMessage', content: '<p>hello there</p>' } },
    ])
    alice.redact(chat, event)
    await flow.quiet()
    expect(flow.received(bob, 'Delete')).toHaveLength(1)
  })

  test('do not break into a conversation of notes', async () => {
    pleroma()
    const chat = await chatWithBob()
    alice.say(chat, 'hello')
    await flow.quiet()
    const actor = await flow.actorOf(alice)
    const mentions = [{ id: actor, name: '@alice' }]
    const { object } = bob.post({ content: 'a note', visibility: 'direct', mentions })
    await flow.tell(
      bob.sign({
        id: `${object}/activity`,
        type: 'Create',
        actor: bob.id,
        to: [actor],
        object: bob.notes.get(object),
      }),
    )
    alice.say(chat, 'an answer')
    await flow.quiet()
    expect(created()).toMatchObject([
      { type: 'ChatMessage' },
      { type: 'Note', inReplyTo: object, to: [bob.id] },
    ])
  })

  test('are all that Lemmy takes before 1.0, with warnings in words', async () => {
    setSoftware('lemmy', '0.19.11')
    const chat = await chatWithBob()
    alice.say(chat, 'cw: spiders\nlook out')
    await flow.quiet()
    expect(created()).toMatchObject([
      { type: 'ChatMessage', content: '<p>CW: spiders</p><p>look out</p>' },
    ])
  })

  test.each([
    ['later Lemmy', 'lemmy', '1.0.0', []],
    ['Akkoma', 'akkoma', '3.15.0', ['pleroma_api']],
    ['Pleroma without chats', 'pleroma', '2.9.1', ['pleroma_api']],
  ] as const)('are notes for %s', async (...[, software, version, features]) => {
    setSoftware(software, version, features)
    const chat = await chatWithBob()
    alice.say(chat, 'hello')
    await flow.quiet()
    expect(created()).toMatchObject([{ type: 'Note', cc: [] }])
  })

  test('are of two: with more people in the room they are notes', async () => {
    pleroma()
    const carol = flow.account('carol', 'other.example')
    const chat = alice.createDm(flow.ghostOf(bob), flow.ghostOf(carol))
    await flow.quiet()
    alice.say(chat, 'hello')
    await flow.quiet()
    expect(created()).toMatchObject([{ type: 'Note' }])
  })

  test('hold no polls', async () => {
    pleroma()
    const chat = await chatWithBob()
    polling(alice, chat).ask('Tea?', ['Yes', 'No'])
    await flow.quiet()
    expect(created()).toMatchObject([{ type: 'Question' }])
  })
})
