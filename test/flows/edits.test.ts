import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, PostOptions, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

test('an Update that changes nothing visible edits nothing', async () => {
  const portal = await flow.follow(alice, bob)
  const post = bob.post({ content: 'one' })
  await flow.tell(post)
  for (const text of ['one', 'two', 'two', 'two', 'one', 'two']) {
    await flow.tell(bob.edit(post.object, text))
  }
  expect(flow.bodies(portal)).toEqual(['one', '* two', '* one', '* two'])
})

/** What Bob's ghost says, anywhere. */
const said = (): readonly string[] =>
  flow.homeserver.rooms().flatMap((roomId) => {
    const lines = flow.messages(roomId).filter(({ sender }) => sender === flow.ghostOf(bob))
    return lines.map(({ content }) => String(content['body']))
  })

const toAlice = async (options: PostOptions, from = bob): Promise<Sent> =>
  from.post({
    mentions: [{ id: await flow.actorOf(alice), name: '@alice@bridge.example' }],
    ...options,
  })

describe('an Update of the same words edits nothing where the post stands', () => {
  const stay = async (post: Sent, text: string): Promise<void> => {
    await flow.tell(post)
    expect(said().at(-1)).toBe(text)
    const before = said().length
    await flow.tell(bob.edit(post.object, 'one'))
    expect(said()).toHaveLength(before)
    await flow.tell(bob.edit(post.object, 'two'))
    expect(said().at(-1)).toBe(`* ${text.replace('one', 'two')}`)
  }

  test('for followers', async () => {
    await flow.follow(alice, bob)
    await stay(bob.post({ content: 'one', visibility: 'followers' }), '🔒 followers\n\none')
  })

  test('as a quoted line', async () => {
    await flow.follow(alice, bob)
    await flow.command(alice, `follow ${bob.handle} --replies`)
    const other = flow.account('carl', 'other.example').post({ content: 'somewhere' })
    const reply = bob.post({ content: 'one', inReplyTo: other.object })
    const page = String(bob.notes.get(reply.object)?.['url'])
    await stay(reply, `↪ one ${page}`)
  })

  test('among notifications', async () => {
    await flow.command(alice, 'register')
    await stay(await toAlice({ content: 'one' }), 'one')
  })

  test('below a post of ours', async () => {
    const room = await flow.publish(alice)
    await flow.gain(alice, bob)
    alice.say(room, 'hello')
    await flow.quiet()
    const [{ object } = {}] = flow.received(bob, 'Create')
    const { id } = object as { id: string }
    await stay(await toAlice({ content: 'one', inReplyTo: id }), 'one')
  })

  test('privately among notifications', async () => {
    await flow.command(alice, 'register')
    // So many strangers may open chats with her in a day.
    for (let n = 0; n < 20; n += 1) {
      const other = flow.account(`s${n}`, 'other.example')
      await flow.tell(await toAlice({ visibility: 'direct' }, other))
    }
    await stay(await toAlice({ content: 'one', visibility: 'direct' }), '✉️ private\n\none')
  })
})
