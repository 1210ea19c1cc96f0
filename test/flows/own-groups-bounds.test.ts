import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { everybody } from '../fakes/fediverse.ts'
import { accountOn, agree, openGroup, typesOf } from './group-room.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let ann: FakeUser
let room: RoomId
let group: string
/** Follow the group: a microblog, and a server of groups. */
let bob: Account
let lou: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  ann = flow.user('ann')
  ;({ roomId: room, id: group } = await openGroup(flow, alice, ann))
  await agree(flow, room, alice)
  bob = accountOn(flow, 'bob', 'mastodon')
  lou = accountOn(flow, 'lou', 'lemmy')
  await flow.tell(bob.follow(group), lou.follow(group))
})
afterEach(() => {
  expect(flow.fediverse.refusals).toEqual([])
  flow.close()
})

const newsOf = (account: Account): readonly string[] =>
  typesOf(flow.received(account)).filter((type) => type !== 'Accept')

const toGroup = () => ({ extra: { audience: group, to: [everybody], cc: [group] } })

describe('what somebody of another server says over and over', () => {
  test('is a post that the group told of, and nothing new', async () => {
    const carol = flow.account('carol', 'carol.example')
    const sent = carol.post({ content: 'look at this', ...toGroup() })
    await flow.tell(sent)
    for (let n = 0; n < 3; n++)
      await flow.tell(carol.sign({ ...sent.activity, id: `${carol.id}/creates/${n}` }))
    expect(newsOf(lou)).toEqual(['Announce(Create)'])
    expect(newsOf(bob)).toEqual(['Announce'])
  })
})
