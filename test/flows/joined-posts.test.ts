import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let profile: RoomId

async function begin(options: Parameters<typeof createFlow>[1] = {}): Promise<void> {
  flow = await createFlow({}, { publish: { joinMediaWithin: 10_000 }, ...options })
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  profile = await flow.publish(alice)
  await flow.gain(alice, bob)
}
beforeEach(() => begin())
afterEach(() => flow.close())

const picture = (name: string, caption?: string) => ({
  msgtype: 'm.image',
  body: caption ?? `${name}.png`,
  filename: `${name}.png`,
  url: `mxc://example.org/${name}`,
  info: { mimetype: 'image/png' },
})
const show = (name: string, caption?: string, room = profile): EventId =>
  alice.send(room, picture(name, caption))
const replace = (target: EventId, content: Document): EventId =>
  alice.send(profile, {
    ...content,
    'm.new_content': content,
    'm.relates_to': { rel_type: 'm.replace', event_id: target },
  })
const seconds = (count: number): Promise<void> => flow.time.pass(count * 1_000)

type Note = { readonly id: string; readonly content: string; readonly attachment: Document[] }

/** `words: cat dog`, with the names that the homeserver has for the files. */
async function brief(activity: Document): Promise<string> {
  const { object, type } = activity as { object: Note; type: string }
  if (type === 'Delete') return 'deleted'
  const ids = object.attachment.map(({ url }) => String(url).slice(`${publicUrl}/media/`.length))
  const names = ids.map(async (id) => {
    const found = await flow.store.findMedia(id)
    return `${String(found?.media.mxc.split('/').at(-1))}${found?.access === 'gone' ? ' gone' : ''}`
  })
  const words = object.content.replace(/<[^>]*>/g, '')
  return [`${words}:`, ...(await Promise.all(names))].join(' ')
}
/** An activity that came twice, since a process died meanwhile, is one. */
function posts(type = 'Create'): Promise<string[]> {
  const activities = new Map(flow.received(bob, type).map((one) => [one['id'], one]))
  return Promise.all([...activities.values()].map(brief))
}
const newest = async (type: string): Promise<string | undefined> => (await posts(type)).at(-1)

describe('words and pictures that follow each other', () => {
  test('are one post, in whichever order they come', async () => {
    alice.say(profile, 'look')
    show('cat')
    await seconds(8)
    show('dog')
    await seconds(20)
    show('bird')
    show('fish', 'two more')
    await seconds(20)
    expect(await posts()).toEqual(['look: cat dog', 'two more: bird fish'])
  })

  test('wait for more, and then go out', async () => {
    alice.say(profile, 'look')
    await seconds(8)
    expect(await posts()).toEqual([])
    await seconds(10)
    expect(await posts()).toEqual(['look:'])
  })

  test('are apart when they come apart', async () => {
    alice.say(profile, 'look')
    await seconds(12)
    show('cat')
    await seconds(12)
    expect(await posts()).toEqual(['look:', ': cat'])
  })

  test('have one text: the next one begins a new post', async () => {
    alice.say(profile, 'first')
    show('cat')
    alice.say(profile, 'second')
    show('dog')
    show('bird', 'third')
    await seconds(20)
    expect(await posts()).toEqual(['first: cat', 'second: dog', 'third: bird'])
  })

  test('do not wait for ever', async () => {
    for (let number = 0; number < 6; number += 1) {
      show(`p${number}`)
      await seconds(8)
    }
    await seconds(20)
    expect(await posts()).toEqual([': p0 p1 p2', ': p3 p4 p5'])
  })

  test('answer the same, or are apart', async () => {
    const post = alice.say(profile, 'a post')
    await seconds(12)
    alice.replyInThread(profile, post, 'an answer')
    alice.send(profile, {
      ...picture('cat'),
      'm.relates_to': { rel_type: 'm.thread', event_id: post },
    })
    show('dog')
    await seconds(12)
    expect(await posts()).toEqual(['a post:', 'an answer: cat', ': dog'])
  })

  test('are answered as one post, also while they wait', async () => {
    const words = alice.say(profile, 'look')
    const cat = show('cat')
    alice.reply(profile, cat, 'and this')
    await seconds(30)
    expect(await posts()).toEqual(['look: cat', 'and this:'])
    const [first, second] = flow.received(bob, 'Create').map(({ object }) => object as Document)
    expect(second?.['inReplyTo']).toBe(first?.['id'])
    await flow.tell(bob.post({ content: 'nice', inReplyTo: String(first?.['id']) }))
    const answer = flow.messages(profile).find(({ content }) => content['body'] === 'nice')
    expect(answer?.content['m.relates_to']).toMatchObject({ event_id: words })
  })
})

describe('while they wait', () => {
  test('an edit and a deletion are as if they had been written so', async () => {
    const words = alice.say(profile, 'lokk')
    const cat = show('cat')
    const dog = show('dog')
    alice.edit(profile, words, 'look')
    replace(cat, picture('bird'))
    alice.redact(profile, dog)
    await seconds(12)
    expect(await posts()).toEqual(['look: bird'])
    expect(await posts('Update')).toEqual([])
  })

  test('nothing is changed from another room', async () => {
    const carol = flow.user('carol')
    const elsewhere = await flow.chat(carol)
    const words = alice.say(profile, 'look')
    await flow.quiet()
    carol.redact(elsewhere, words)
    await seconds(12)
    expect(await posts()).toEqual(['look:'])
  })

  test('a deletion of all leaves nothing', async () => {
    for (const event of [alice.say(profile, 'look'), show('cat')]) alice.redact(profile, event)
    await seconds(30)
    expect([await posts(), await posts('Delete')]).toEqual([[], []])
  })

  test('what cannot go out is told at once', async () => {
    const chat = await flow.chat(alice)
    show('cat', undefined, chat)
    alice.send(profile, { msgtype: 'm.image', body: 'no file' })
    await seconds(2)
    expect(flow.bodies(profile).at(-1)).toMatch(/^Not sent: I cannot read this file/)
    await seconds(12)
    expect(await posts()).toEqual([])
  })

  test('commands and notices do not', async () => {
    alice.send(profile, { msgtype: 'm.notice', body: 'a note' })
    alice.say(profile, '!ap help')
    await seconds(2)
    expect(flow.messages(profile).some(({ sender }) => sender === bot)).toBe(true)
  })
})

describe('one message of a post', () => {
  let words: EventId
  let cat: EventId
  let dog: EventId
  beforeEach(async () => {
    words = alice.say(profile, 'look')
    cat = show('cat')
    dog = show('dog')
    await seconds(12)
    expect(await posts()).toEqual(['look: cat dog'])
  })

  test('is edited alone', async () => {
    alice.edit(profile, words, 'look here')
    await seconds(2)
    expect(await newest('Update')).toBe('look here: cat dog')
    replace(cat, picture('bird'))
    await seconds(2)
    expect(await newest('Update')).toBe('look here: bird dog')
    replace(dog, picture('dog', 'a good dog'))
    await seconds(2)
    expect(await newest('Update')).toBe('look here: bird dog')
    const { object } = flow.received(bob, 'Update').at(-1) as { object?: Note }
    expect(object?.attachment[1]).toMatchObject({ name: 'a good dog' })
  })

  test('goes alone, and the post with the last', async () => {
    const [file] = (flow.received(bob, 'Create')[0]?.['object'] as Note).attachment
    const id = String(file?.['url']).slice(`${publicUrl}/media/`.length)
    alice.redact(profile, cat)
    await seconds(2)
    expect(await newest('Update')).toBe('look: dog')
    expect((await flow.store.findMedia(id))?.access).toBe('gone')
    alice.redact(profile, words)
    await seconds(2)
    expect(await newest('Update')).toBe(': dog')
    expect(await posts('Delete')).toEqual([])
    alice.redact(profile, dog)
    await seconds(2)
    expect(await posts('Delete')).toEqual(['deleted'])
  })
})

test('a bridge that dies at any step publishes each once', async () => {
  let isOver = false
  for (let deadly = 0; !isOver; deadly += 1) {
    flow.close()
    let steps = -1
    await begin({
      crashesAt: () => {
        if (steps < 0) return false
        steps += 1
        return steps === deadly + 1
      },
    })
    steps = 0
    alice.say(profile, 'look')
    show('cat')
    alice.say(profile, 'next')
    await flow.minutes(2)
    expect([deadly, await posts()]).toEqual([deadly, ['look: cat', 'next:']])
    isOver = flow.crashes() === 0
    if (isOver) expect(deadly).toBeGreaterThan(5)
  }
})

test('what waits in a room that is closed goes nowhere, and its author reads so', async () => {
  alice.say(profile, 'look at this')
  await seconds(2)
  flow.homeserver.shutDown(profile, { purge: true })
  await flow.minutes(1)
  expect(await posts()).toEqual([])
  const notices = flow.bodies(await flow.chat(alice))
  expect(notices.filter((body) => body.startsWith('Not sent: '))).toEqual([
    'Not sent: the room was closed before your message (“look at this”) went out. Send it again in another room.',
  ])
})

test('people for whom nothing is joined wait for nothing', async () => {
  flow.close()
  await begin({ publish: { joinMediaWithin: 0 } })
  alice.say(profile, 'look')
  show('cat')
  await seconds(2)
  expect(await posts()).toEqual(['look:', ': cat'])
})

test('whoever cannot be looked up holds a message for ten minutes, and its post for ten more', async () => {
  const carl = flow.account('carl', 'other.example')
  flow.fediverse.server('other.example').isAway = true
  const invite = [flow.ghostOf(bob), flow.ghostOf(carl)]
  const room = alice.createRoom({ preset: 'private_chat', is_direct: true, invite })
  await flow.minutes(30)
  alice.say(room, 'hello both')
  await flow.hours(1)
  alice.say(room, 'still there?')
  await flow.minutes(22)
  expect(await posts()).toEqual(['hello both:', 'still there?:'])
})
