import { afterEach, beforeEach, expect, test } from '@jest/globals'
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

test('a post for few is not shown, and other activities are counted alone', async () => {
  const few = dora.post({ content: 'for few', visibility: 'followers' })
  const lines = flow.bodies(portal).length
  await flow.tell(announce(cats, few.activity))
  await flow.tell(announce(cats, dora.like(few.object).activity))
  await flow.tell(announce(cats, { ...few.activity, type: 'Delete' }))
  await flow.minutes(2)
  expect(flow.bodies(portal)).toHaveLength(lines)
})
