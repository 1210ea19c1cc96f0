import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let cats: Account
let carl: Account
let dora: Account
let portal: RoomId

beforeEach(async () => {
  flow = await createFlow()
  cats = flow.account('cats', 'lemmy.example')
  cats.profile = { type: 'Group', name: 'Cats' }
  carl = flow.account('carl', 'lemmy.example')
  dora = flow.account('dora', 'other.example')
  portal = await flow.follow(flow.user('alice'), cats)
})
afterEach(() => flow.close())

let count = 0
/** As a group tells of what was done in it (FEP-1b12). */
const announce = (by: Account, object: unknown): Sent =>
  by.sign({
    '@context': 'https://www.w3.org/ns/activitystreams',
    id: `${by.id}/announces/${++count}`,
    type: 'Announce',
    actor: by.id,
    to: ['https://www.w3.org/ns/activitystreams#Public'],
    object,
  })

const page = () => carl.post({ content: 'look at her', extra: { type: 'Page', name: 'My cat' } })
const said = () => flow.bodies(portal).join('\n')

test('a page and its comments stand in the room of the group, as posts of their authors', async () => {
  const first = page()
  await flow.tell(announce(cats, first.activity))
  const comment = dora.post({ content: 'so soft', inReplyTo: first.object })
  await flow.tell(announce(cats, comment.activity))
  await flow.minutes(2)
  expect(said()).toContain('look at her')
  expect(said()).toContain('@carl@lemmy.example')
  expect(said()).toContain('so soft')
  expect(said()).toContain('@dora@other.example')
})

test('a page that is announced as itself as well stands there once', async () => {
  const first = page()
  await flow.tell(announce(cats, first.activity), announce(cats, first.object))
  await flow.minutes(2)
  expect(said().split('look at her')).toHaveLength(2)
})

test('what the group says of a post is never believed', async () => {
  const first = page()
  const object = { ...(first.activity['object'] as object), content: '<p>forged</p>' }
  const made = { ...object, id: `${dora.id}/statuses/none`, attributedTo: dora.id }
  await flow.tell(announce(cats, { ...first.activity, object }))
  await flow.tell(announce(cats, { ...first.activity, actor: dora.id, object: made }))
  await flow.minutes(2)
  expect(said()).toContain('look at her')
  expect(said()).not.toContain('forged')
})

test('a post for few is not shown', async () => {
  const few = dora.post({ content: 'for few', visibility: 'followers' })
  const lines = flow.bodies(portal).length
  await flow.tell(announce(cats, few.activity))
  await flow.minutes(2)
  expect(flow.bodies(portal)).toHaveLength(lines)
})

/** What stands in the room of the group now, edits applied. */
const shown = (): string =>
  flow
    .messages(portal)
    .map(({ content }) => {
      const changed = content['m.new_content'] as { body?: unknown } | undefined
      const text = changed?.body ?? content['body']
      return typeof text === 'string' ? text : ''
    })
    .join('\n')

/** Answers at the id of an activity, as its own server does. */
function serve(activity: Sent['activity']): void {
  const { host, pathname } = new URL(String(activity['id']))
  const bytes = Buffer.from(JSON.stringify(activity))
  flow.fediverse.server(host).files.set(pathname, { bytes, type: 'application/activity+json' })
}

const asked = (id: string) => flow.fediverse.requests.filter(({ url }) => url === id).length

describe('an edit that the group tells of', () => {
  test('is read from the server of the author', async () => {
    const first = page()
    await flow.tell(announce(cats, first.activity))
    const edit = carl.edit(first.object, 'look at him')
    const forged = { ...(edit.activity['object'] as object), content: '<p>forged</p>' }
    await flow.tell(announce(cats, { ...edit.activity, object: forged }))
    await flow.minutes(1)
    expect(shown()).toContain('look at him')
    expect(shown()).not.toContain('forged')
  })

  test('is fetched once however often it is told in a moment, and not of an unknown post', async () => {
    const first = page()
    await flow.tell(announce(cats, first.activity))
    const before = asked(first.object)
    const edit = carl.edit(first.object, 'look at him')
    for (let n = 0; n < 30; n += 1) flow.senders.send(announce(cats, edit.activity))
    const unknown = dora.post({ content: 'elsewhere' })
    await flow.tell(announce(cats, dora.edit(unknown.object, 'changed').activity))
    await flow.minutes(1)
    expect(asked(first.object) - before).toBeLessThanOrEqual(2)
    expect(asked(unknown.object)).toBe(0)
    expect(shown().split('look at him')).toHaveLength(2)
  })
})

test('of posts of others only a group that somebody here follows has us ask', async () => {
  const first = page()
  await flow.tell(announce(cats, first.activity))
  const before = asked(first.object)
  const dogs = flow.account('dogs', 'dogs.example')
  dogs.profile = { type: 'Group' }
  const edit = carl.edit(first.object, 'look at him')
  carl.notes.delete(first.object)
  const gone = { id: `${carl.id}/deletes/x`, type: 'Delete', actor: carl.id, object: first.object }
  await flow.tell(announce(dogs, edit.activity), announce(dogs, gone))
  await flow.minutes(1)
  expect(asked(first.object)).toBe(before)
  expect(shown()).toContain('look at her')
})

describe('a deletion that the group tells of', () => {
  const deletes = (object: string, by = carl): Sent =>
    announce(cats, { id: `${by.id}/deletes/${++count}`, type: 'Delete', actor: by.id, object })

  test('is done where the post is gone at its own server', async () => {
    const first = page()
    await flow.tell(announce(cats, first.activity))
    carl.delete(first.object)
    await flow.tell(deletes(first.object))
    await flow.minutes(1)
    expect(shown()).not.toContain('look at her')
    expect(await flow.store.findObject(first.object as never)).toMatchObject({
      deletedAt: expect.any(Number),
    })
  })

  test('takes a post that is still there out of the room of the group, and nowhere else', async () => {
    const bea = flow.user('bea')
    const own = await flow.follow(bea, carl)
    const first = page()
    await flow.tell(first, announce(cats, first.activity))
    await flow.tell(deletes(first.object, dora))
    await flow.minutes(1)
    expect(shown()).not.toContain('look at her')
    expect(flow.bodies(own).join('\n')).toContain('look at her')
    expect(await flow.store.findObject(first.object as never)).not.toHaveProperty('deletedAt')
    // And back again.
    const undo = { type: 'Delete', actor: dora.id, object: first.object }
    const taken = { id: `${dora.id}/undos/1`, type: 'Undo', actor: dora.id, object: undo }
    await flow.tell(announce(cats, taken))
    await flow.minutes(1)
    expect(shown()).toContain('look at her')
  })

  test.each([
    ['once', false],
    ['for hours', true],
  ])('of a post that its server does not know %s deletes it: %s', async (_, isGone) => {
    const own = await flow.follow(flow.user('bea'), carl)
    const first = page()
    await flow.tell(first, announce(cats, first.activity))
    const note = carl.notes.get(first.object)
    if (note === undefined) throw new Error('there is no post')
    carl.notes.delete(first.object)
    await flow.tell(deletes(first.object))
    await flow.minutes(1)
    expect(shown()).not.toContain('look at her')
    expect(flow.bodies(own).join('\n')).toContain('look at her')
    if (!isGone) carl.notes.set(first.object, note)
    await flow.hours(2)
    expect(flow.bodies(own).join('\n').includes('look at her')).toBe(!isGone)
    const record = await flow.store.findObject(first.object as never)
    expect(record?.deletedAt !== undefined).toBe(isGone)
  })

  test('by a group that never brought it changes nothing', async () => {
    const own = await flow.follow(flow.user('bea'), carl)
    const first = page()
    await flow.tell(first)
    await flow.tell(deletes(first.object, dora))
    await flow.minutes(1)
    expect(flow.bodies(own).join('\n')).toContain('look at her')
  })

  test('of what is for few needs more than that we cannot see it', async () => {
    const bea = flow.user('bea')
    const own = await flow.follow(bea, carl)
    flow.fediverse.server(carl.host)
    const few = carl.post({ content: 'for few', visibility: 'followers' })
    await flow.tell(few)
    carl.notes.delete(few.object)
    await flow.tell(deletes(few.object))
    await flow.minutes(1)
    expect(flow.bodies(own).join('\n')).toContain('for few')
  })
})

describe('a reaction that the group tells of', () => {
  async function ownPost(): Promise<string> {
    const alice = flow.user('alice')
    const room = await flow.publish(alice)
    alice.say(room, 'mine')
    await flow.quiet()
    const objects = (flow.rows()['object'] ?? []).map((row) => JSON.parse(row) as { id: string })
    return objects.find(({ id }) => id.startsWith('https://bridge.example/'))?.id ?? ''
  }
  const like = (object: string, type = 'Like') => ({
    '@context': 'https://www.w3.org/ns/activitystreams',
    ...{ id: `https://other.example/likes/${++count}`, type, actor: dora.id, object },
  })
  const given = (object: string) => flow.store.countReactions(object as never, '!x' as never, 10)

  test('to a post of ours counts once its own server has said it, and ends so', async () => {
    const post = await ownPost()
    const activity = like(post)
    await flow.tell(announce(cats, activity))
    await flow.minutes(1)
    expect((await given(post)).size).toBe(0)
    const other = like(post)
    serve(other)
    await flow.tell(announce(cats, other))
    await flow.minutes(1)
    expect([...(await given(post)).values()]).toEqual([1])
    const undo = { ...like(post), type: 'Undo', object: other }
    serve(undo)
    await flow.tell(announce(cats, undo))
    await flow.minutes(1)
    expect((await given(post)).size).toBe(0)
  })

  test('keeps no post away that goes by the same id', async () => {
    const post = await ownPost()
    const room = await flow.follow(flow.user('alice'), dora)
    const words = dora.post({ content: 'my own words' })
    serve(words.activity)
    await flow.tell(announce(cats, { ...like(post), id: words.id }))
    await flow.minutes(1)
    await flow.tell(carl.sign(words.activity))
    expect(flow.bodies(room)).toContain('my own words')
  })

  test('to a post of somebody else is not asked for', async () => {
    const first = page()
    await flow.tell(announce(cats, first.activity))
    const activity = like(first.object, 'Dislike')
    serve(activity)
    await flow.tell(announce(cats, activity))
    await flow.minutes(1)
    expect(asked(activity.id)).toBe(0)
  })

  test('whose server is away is left alone after a while, and holds nothing up', async () => {
    const post = await ownPost()
    const away = { ...like(post), id: 'https://away.example/likes/1' }
    const gone = { ...away, actor: 'https://away.example/users/x' }
    flow.fediverse.server('away.example').isAway = true
    const first = page()
    await flow.tell(announce(cats, gone), announce(cats, first.activity))
    expect(shown()).toContain('look at her')
    await flow.hours(30)
    expect(await flow.failures()).toEqual([])
    const depth = await flow.queue.depth()
    expect(depth).toContainEqual({ kind: 'activity', waiting: 0, failed: 0 })
  })
})

describe('what the group pins', () => {
  const pinsOf = () => flow.homeserver.state(portal, 'm.room.pinned_events', '')

  test('is pinned in its room, and taken off', async () => {
    const featured = `${cats.id}/featured`
    cats.profile = { ...cats.profile, featured }
    await flow.tell(cats.updateProfile({}))
    const first = page()
    await flow.tell(announce(cats, first.activity))
    const act = (type: string, target = featured) => ({
      ...{ id: `${dora.id}/acts/${++count}`, type, actor: dora.id, object: first.object, target },
    })
    await flow.tell(announce(cats, act('Add', `${cats.id}/moderators`)))
    expect(pinsOf()).toBeUndefined()
    await flow.tell(announce(cats, act('Add')))
    expect(pinsOf()).toMatchObject({ pinned: [expect.any(String)] })
    await flow.tell(announce(cats, act('Remove')))
    expect(pinsOf()).toMatchObject({ pinned: [] })
  })
})

test('what else a group tells of is counted and does nothing', async () => {
  const first = page()
  await flow.tell(announce(cats, first.activity))
  const lines = flow.messages(portal).length
  for (const type of ['Lock', 'Block', 'Flag', 'Follow', 'Announce', 'Accept'])
    flow.senders.send(
      announce(cats, { id: `${dora.id}/${type}`, type, actor: dora.id, object: first.object }),
    )
  await flow.minutes(1)
  expect(flow.messages(portal)).toHaveLength(lines)
  expect(await flow.failures()).toEqual([])
})
