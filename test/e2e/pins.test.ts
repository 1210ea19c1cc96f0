import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { followedByAll, startCompany } from './support/company.ts'
import type { ControlledPeer } from './support/control-peer.ts'
import { noteIn, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import { bodyOf } from './support/scene.ts'
import type { Snac, SnacUser } from './support/snac.ts'
import type { Guest, Stack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'pins of a Matrix user', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let anna: SnacUser
  let alice: Guest
  let aliceId: string
  let room: string

  beforeAll(async () => {
    const company = await startCompany()
    ;({ stack, snac, apex, fedify, alice, anna } = company)
    ;({ profile: room, aliceId } = await followedByAll(company))
  })
  afterAll(async () => {
    await Promise.all([stack.stop(), snac.stop(), apex.stop(), fedify.stop()])
  })

  const pin = (...pinned: readonly string[]): Promise<string> =>
    alice.client.setState(room, 'm.room.pinned_events', { pinned })

  /** apex knows pins of activities alone, and says so. */
  const refusedAdd = (object: string): Promise<unknown> =>
    waitUntil('apex refuses Add', async () => {
      const adds = (await apex.received()).filter(({ activity }) => activity.type === 'Add')
      return adds.find(({ activity, status }) => activity.object === object && status === 400)
        ?.activity
    })

  test('are told to all kinds of servers, which go on as before and can read them', async () => {
    const first = await alice.client.text(room, 'Read me first')
    const { id } = noteIn(await receives(fedify, 'Create', 'Read me first'))
    await anna.reads('Read me first')
    await pin(first)
    const said = { actor: aliceId, target: `${aliceId}/featured` }
    expect(await receives(fedify, 'Add', id)).toMatchObject(said)
    expect(await refusedAdd(id)).toMatchObject(said)
    const featured = { type: 'OrderedCollection', totalItems: 1, orderedItems: [id] }
    expect(await anna.request(`${aliceId}/featured`)).toMatchObject(featured)
    expect(await fedify.readFeatured('carol', aliceId)).toEqual([id])
    await pin()
    await receives(fedify, 'Remove', id)
    expect(await anna.request(`${aliceId}/featured`)).toMatchObject({ totalItems: 0 })
    await alice.client.text(room, 'And on')
    await anna.reads('And on')
    for (const peer of [fedify, apex]) await receives(peer, 'Create', 'And on')
    const seen = (await anna.timeline()).filter(({ content }) => content.includes('Read me'))
    expect(seen).toHaveLength(1)
    // What some servers do not take is no failure that a person has to know of.
    for (const where of [room, alice.management]) {
      const bodies = (await alice.client.messages(where)).map(bodyOf)
      expect(bodies.filter((body) => /not (?:sent|delivered)|could not/i.test(body))).toEqual([])
    }
  })
})
