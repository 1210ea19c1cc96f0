import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carl: Account

/** Servers that let the bridge itself read what is for followers, as some do. */
beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carl = flow.account('carl', 'other.example')
})
afterEach(() => flow.close())

const said = (room: RoomId): string => flow.bodies(room).join('\n')
const quoting = (object: string, content: string) => ({ content, extra: { quoteUrl: object } })

describe('in the home of a follower, what is for followers', () => {
  let home: RoomId
  let old: string
  beforeEach(async () => {
    old = bob.post({ content: 'for few', visibility: 'followers' }).object
    home = await flow.followHome(alice, bob)
  })

  test('is a link in the words of another, also where its author boosts those', async () => {
    await flow.tell(bob.boost(carl.post(quoting(old, 'look here')).object))
    expect(said(home)).toContain('look here')
    expect(said(home)).not.toContain('for few')
  })

  test('is a link where another boosts what its author quotes it in', async () => {
    const mallory = flow.user('mallory')
    const other = await flow.followHome(mallory, carl)
    await flow.tell(carl.boost(bob.post(quoting(old, 'as I said')).object))
    expect(said(other)).toContain('as I said')
    expect(said(other)).not.toContain('for few')
  })

  test('is quoted by its author, until its reader stops following', async () => {
    const post = bob.post(quoting(old, 'as I said'))
    await flow.tell(post)
    expect(said(home)).toContain('for few')
    const before = flow.bodies(home).length
    await flow.command(alice, `unfollow ${bob.handle}`)
    await flow.tell(bob.edit(post.object, 'as I said before'))
    const since = flow.bodies(home).slice(before).join()
    expect(since).toContain('as I said before')
    expect(since).not.toContain('for few')
  })

  test('is boosted by its author, and by nobody else', async () => {
    const mallory = flow.user('mallory')
    const other = await flow.followHome(mallory, carl)
    await flow.tell(carl.boost(old), bob.boost(old))
    expect(said(home)).toContain('for few')
    expect(said(other)).toBe('')
  })
})

test('what its author has made narrower is judged so, whatever its server still gives', async () => {
  const portal = await flow.follow(alice, bob)
  const carls = await flow.follow(flow.user('mallory'), carl)
  const first = bob.post({ content: 'for few now' })
  await flow.tell(first)
  const served = bob.notes.get(first.object)
  const narrowed = bob.amend(first.object, { to: [`${bob.id}/followers`], cc: [] })
  await flow.tell(narrowed)
  if (served !== undefined) bob.notes.set(first.object, served)
  expect(said(portal)).toContain('for few now')
  const answer = { content: 'answers', inReplyTo: first.object }
  await flow.tell(carl.boost(first.object), carl.post(quoting(first.object, 'look')))
  await flow.tell(carl.post(answer))
  await flow.command(flow.user('mallory'), `open ${first.object}`)
  await flow.minutes(2)
  expect(said(carls)).toContain('look')
  const everywhere = flow.homeserver.rooms().filter((room) => said(room).includes('for few now'))
  expect(everywhere).toEqual([portal])
})
