import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { asActorId, type RoomId } from '../../src/model/ids.ts'
import { pruneKinds } from '../../src/model/prune.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carol: Account
let profile: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carol = flow.account('carol', 'other.example')
  profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  alice.say(profile, `hello ${carol.handle}`)
  await flow.quiet()
})
afterEach(() => flow.close())

const isKnown = async (account: Account): Promise<boolean> =>
  (await flow.store.findRemoteActor(asActorId(account.id))) !== undefined

/** As if a season had passed. */
async function forget(): Promise<void> {
  const now = flow.time.now()
  for (const kind of pruneKinds)
    await flow.store.prune({ kind, limit: 500, before: now + 1, now, isDry: false })
}

describe('what was forgotten is asked for again', () => {
  beforeEach(async () => {
    expect(await isKnown(carol)).toBe(true)
    await forget()
    expect([await isKnown(bob), await isKnown(carol)]).toEqual([true, false])
  })

  test('when somebody is named', async () => {
    alice.say(profile, `once more, ${carol.handle}`)
    await flow.quiet()
    expect(flow.received(carol, 'Create')).toHaveLength(2)
  })

  test('when the account answers', async () => {
    const [create] = flow.received(carol, 'Create')
    const { id } = create?.['object'] as { readonly id: string }
    const mentions = [{ id: await flow.actorOf(alice), name: '@alice@hs.test' }]
    await flow.tell(carol.post({ content: 'good morning', mentions, inReplyTo: id }))
    expect(flow.bodies(profile).at(-1)).toContain('good morning')
  })

  test('when a post of before is edited and deleted', async () => {
    const event = flow.eventOf(profile, `hello ${carol.handle}`)
    const content = { msgtype: 'm.text', body: `hello again ${carol.handle}` }
    alice.send(profile, {
      ...content,
      'm.new_content': content,
      'm.relates_to': { rel_type: 'm.replace', event_id: event },
    })
    await flow.quiet()
    alice.redact(profile, event)
    await flow.quiet()
    const told = (account: Account) =>
      flow.received(account).flatMap(({ type }) => (type === 'Accept' ? [] : [type]))
    expect(told(carol)).toEqual(['Create', 'Update', 'Delete'])
    expect(told(bob)).toEqual(['Create', 'Update', 'Delete'])
  })
})
