import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import { editedTo, follow, idOf, isOut, openProfile, redacted, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

/** 12 is what all other tests run with. */
describeWith(['synapse', 'fedify'], 'rooms of older versions', () => {
  let fedify: ControlledPeer

  beforeAll(async () => {
    fedify = await startFedify({ accounts: ['v10', 'v11'] })
  })

  describe.each(['10', '11'])('version %s', (version) => {
    const name = `v${version}`
    let stack: Stack
    let alice: Guest

    beforeAll(async () => {
      stack = await startStack({ roomVersion: version })
      alice = await stack.meet(`alice${version}`)
    })
    afterAll(() => stack.stop())

    test('an account is followed, read, answered, changed and left', async () => {
      const account = fedify.account(name)
      const room = await follow(alice, account)
      const { client } = alice
      expect(await client.state(room, 'm.room.create')).toMatchObject({ room_version: version })
      expect(await client.state(room, 'm.room.power_levels')).toMatchObject({
        users: { [stack.botId]: 100 },
        invite: 100,
        state_default: 100,
      })
      const post = await fedify.post(name, { content: `hello, ${name}` })
      const event = idOf(await shown(client, room, `hello, ${name}`))
      await client.threadReply(room, event, `thanks, ${name}`)
      await receives(fedify, 'Create', `thanks, ${name}`)
      await fedify.update(name, post.object, `goodbye, ${name}`)
      await editedTo(client, event, `goodbye, ${name}`)
      await fedify.remove(name, post.object)
      await redacted(client, event)
      await client.text(alice.management, `unfollow ${account.handle}`)
      await isOut(client, room)
    })

    test('a profile has its owner, whose posts and redactions go out', async () => {
      const { client } = alice
      const room = await openProfile(alice)
      expect(await client.state(room, 'm.room.power_levels')).toMatchObject({
        users: { [stack.botId]: 100, [client.userId]: 50 },
      })
      await fedify.follow(name, await findActor(stack.publicUrl, alice.handle))
      await waitUntil('the follow', async () => (await fedify.following(name)).length === 1)
      const event = await client.text(room, `a post of ${name}`)
      const create = await receives(fedify, 'Create', `a post of ${name}`)
      await client.redact(room, event)
      await receives(fedify, 'Delete', (create.object as { id: string }).id)
    })
  })
})
