import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Admin, registerAdmin } from './support/admin.ts'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, receives } from './support/fediverse.ts'
import { demand } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import { ask, bodiesIn, enter, follow, openProfile, portalAlias, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const homeName = 'Home'

describeWith(['synapse', 'fedify'], 'rooms that somebody upgrades', () => {
  let fedify: ControlledPeer

  beforeAll(async () => {
    fedify = await startFedify({ accounts: ['carol', 'cleo', 'dan', 'dina', 'reader'] })
  })
  afterAll(() => fedify.stop())

  /** Joins the room as soon as an invite to it is there. */
  const enterNext = (guest: Guest, to: string): Promise<string> =>
    waitUntil(`joining ${to}`, () => guest.client.join(to))

  const upgradeAs = (guest: Guest, from: string, version: string): Promise<string> =>
    guest.client
      .request<{ replacement_room: string }>(
        'POST',
        `v3/rooms/${encodeURIComponent(from)}/upgrade`,
        { new_version: version },
      )
      .then(({ replacement_room }) => replacement_room)

  const roomOfAlias = async ({ client }: Guest, alias: string): Promise<string> =>
    (
      await client.request<{ room_id: string }>(
        'GET',
        `v3/directory/room/${encodeURIComponent(alias)}`,
      )
    ).room_id

  /** Said once in the old room, and nothing else there after it. */
  async function leftBehind({ client }: Guest, from: string, to: string): Promise<void> {
    await shown(client, from, 'goes on in another one')
    const said = (await bodiesIn(client, from)).filter((body) => body.includes('goes on in'))
    expect(said).toEqual([expect.stringContaining(encodeURIComponent(to))])
  }

  describe('of version 11, by a member whom the admin of the homeserver gave its power', () => {
    let stack: Stack
    let admin: Admin
    let alice: Guest

    beforeAll(async () => {
      stack = await startStack({ roomVersion: '11' })
      admin = await registerAdmin(stack.homeserver, 'root')
      alice = await stack.meet('alice')
    })
    afterAll(async () => {
      if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
      await stack.stop()
    })

    /** To version 12, and the bot is asked in, as the upgrade itself invites nobody. */
    async function upgrade(from: string): Promise<string> {
      await admin.makeRoomAdmin(from, alice.client.userId)
      const to = await upgradeAs(alice, from, '12')
      await alice.client.invite(to, stack.botId)
      return to
    }

    test('the room of an account goes on in the new one, with its alias and all who read it', async () => {
      const bob = await stack.meet('bob')
      const carol = fedify.account('carol')
      const from = await follow(alice, carol)
      expect(await follow(bob, carol)).toBe(from)
      const old = await fedify.post('carol', { content: 'in the old room' })
      await shown(alice.client, from, 'in the old room')

      const to = await upgrade(from)
      await enterNext(bob, to)
      await leftBehind(bob, from, to)
      await fedify.post('carol', { content: 'in the new room' })
      const { event_id } = await shown(alice.client, to, 'in the new room')
      await shown(bob.client, to, 'in the new room')
      await bob.client.reply(to, event_id ?? '', 'an answer from the new room')
      await receives(fedify, 'Create', 'an answer from the new room')
      await fedify.remove('carol', old.object)
      await waitUntil('the old post gone', async () =>
        (await bodiesIn(alice.client, from)).every((body) => !body.includes('in the old room')),
      )
      const { client } = alice
      expect(await client.state(to, 'm.room.create')).toMatchObject({ room_version: '12' })
      expect(await roomOfAlias(alice, portalAlias(carol.handle))).toBe(to)
      expect(await client.state(to, 'm.room.canonical_alias')).toMatchObject({
        alias: portalAlias(carol.handle),
      })
      expect(await bodiesIn(client, from)).not.toContain('in the new room')
    })

    test('a home room takes its accounts along', async () => {
      await ask(alice, `follow ${fedify.account('cleo').handle} --home`, 'Requested')
      const from = await enter(alice.client, homeName)
      await fedify.post('cleo', { content: 'at the old home' })
      await shown(alice.client, from, 'at the old home')
      const to = await upgrade(from)
      await leftBehind(alice, from, to)
      await fedify.post('cleo', { content: 'at the new home' })
      await shown(alice.client, to, 'at the new home')
      expect(await bodiesIn(alice.client, from)).not.toContain('at the new home')
    })

    test('a public room publishes from the new one and no more from the old one', async () => {
      const from = await openProfile(alice)
      await fedify.follow('reader', await findActor(stack.publicUrl, alice.handle))
      await waitUntil('the follow', async () => (await fedify.following('reader')).length === 1)
      const to = await upgrade(from)
      await leftBehind(alice, from, to)
      await alice.client.text(to, 'published from the new room')
      await receives(fedify, 'Create', 'published from the new room')
      await alice.client.text(from, 'written to nobody')
      await shown(alice.client, from, 'Not sent')
    })
  })

  describe('of version 12', () => {
    let stack: Stack
    let alice: Guest

    beforeAll(async () => {
      stack = await startStack()
      alice = await stack.meet('alice')
    })
    afterAll(() => stack.stop())

    test('go on where a tool with the power of the bot upgrades them; others cannot', async () => {
      const admin = await registerAdmin(stack.homeserver, 'root')
      const dan = fedify.account('dan')
      const from = await follow(alice, dan)
      await fedify.post('dan', { content: 'in the old room' })
      await shown(alice.client, from, 'in the old room')
      await admin.makeRoomAdmin(from, alice.client.userId)
      await expect(upgradeAs(alice, from, '12')).rejects.toThrow('403')

      const { replacement_room: to } = await demand<{ replacement_room: string }>({
        method: 'POST',
        url: `${stack.homeserver.url}/_matrix/client/v3/rooms/${encodeURIComponent(from)}/upgrade`,
        token: 'as-token-0123456789abcdef',
        json: { new_version: '12' },
      })
      await enterNext(alice, to)
      await leftBehind(alice, from, to)
      await fedify.post('dan', { content: 'in the new room' })
      await shown(alice.client, to, 'in the new room')
      expect(await roomOfAlias(alice, portalAlias(dan.handle))).toBe(to)
    })
  })
})
