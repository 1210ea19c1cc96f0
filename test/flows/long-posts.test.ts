import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let portal: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  portal = await flow.follow(alice, bob)
})
afterEach(() => flow.close())

/** What a post says: it stands in a paragraph already. */
const article = (word: string, paragraphs: number): string =>
  Array.from({ length: paragraphs }, (_, at) => `<b>${at}</b> ${word} ${word}`).join('</p><p>')

/** What stands in the room now, edits applied, without markup. */
function standing(): string[] {
  const texts = new Map<string, string>()
  for (const { eventId, content, type } of flow.messages(portal)) {
    if (type !== 'm.room.message' || content['body'] === undefined) continue
    const relation = content['m.relates_to'] as { rel_type?: string; event_id?: string } | undefined
    const isEdit = relation?.rel_type === 'm.replace'
    const shown = (isEdit ? content['m.new_content'] : content) as Record<string, string>
    const target = isEdit ? (relation.event_id ?? '') : eventId
    const text = (shown['formatted_body'] ?? shown['body'] ?? '').replaceAll(/<[^>]*>|\s/g, '')
    if (!isEdit || texts.has(target)) texts.set(target, text)
  }
  return [...texts.values()]
}

const wordsOf = (html: string): string => html.replaceAll(/<[^>]*>|\s/g, '')

test('a long text stands in several messages, each of which is the post', async () => {
  const content = article('предложение', 1_200)
  const post = bob.post({ content })
  await flow.tell(post)
  const texts = standing()
  expect(texts.length).toBeGreaterThan(1)
  expect(texts.join('') === wordsOf(content)).toBe(true)
  const last = flow.messages(portal).at(-1)?.eventId
  if (last === undefined) throw new Error('nothing there')
  alice.reply(portal, last, 'A good read')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toMatchObject([{ object: { inReplyTo: post.object } }])
})

test('an edit changes, adds and takes away messages; a delete takes all of them', async () => {
  const post = bob.post({ content: article('предложение', 800) })
  await flow.tell(post)
  for (const paragraphs of [1_240, 10, 1_000]) {
    const content = article('фраза', paragraphs)
    await flow.tell(bob.edit(post.object, content))
    expect(standing().join('') === wordsOf(content)).toBe(true)
  }
  await flow.tell(bob.delete(post.object))
  expect(standing()).toEqual([])
})
