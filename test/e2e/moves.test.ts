import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import { ask, follow, followedBy, openProfile, shown, told } from './support/scene.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'accounts that move', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let me: string

  beforeAll(async () => {
    ;[stack, snac, apex, fedify] = await Promise.all([
      startStack(),
      startSnac({ users: ['anna', 'amos', 'ada'] }),
      startApex({ accounts: ['dora', 'dan'] }),
      startFedify({ accounts: ['carol', 'cleo', 'carl', 'next', 'last'], cavageFirst: true }),
    ])
    alice = await stack.meet('alice')
    await openProfile(alice)
    me = await findActor(stack.publicUrl, alice.handle)
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(`${stack.bridge.output()}\n${snac.output()}\n${apex.output()}`)
    await stack.stop()
  })

  const follows = (who: Guest, handle: string): Promise<true> =>
    waitUntil(`${who.handle} follows ${handle}`, async () =>
      (await ask(who, 'following', 'ollow')).includes(handle),
    )

  /** snac reads aliases where there are several: Fedify writes a single one without a list. */
  async function agree(as: string, actor: string): Promise<void> {
    for (const alias of [actor, `${fedify.url}/users/nobody`])
      await fedify.accounts.alias(as, alias)
  }

  /** Alice follows the account that another one has become, and the one of before no more. */
  async function followsOn(before: string, now: string, room: string): Promise<void> {
    await shown(alice.client, room, `${before} has moved to ${now}`)
    await follows(alice, now)
    expect(await ask(alice, 'following', now)).not.toContain(before)
  }

  describe('on the fediverse', () => {
    test('from Fedify are followed where they went', async () => {
      const [carol, cleo] = [fedify.account('carol'), fedify.account('cleo')]
      const room = await follow(alice, carol)
      await fedify.accounts.alias('cleo', carol.id)
      await fedify.accounts.move('carol', cleo.id)
      await followsOn(carol.handle, cleo.handle, room)
      await waitUntil('the new follower', async () => (await fedify.followers('cleo')).includes(me))
    })

    test('from activitypub-express are followed where they went', async () => {
      const [dora, carl] = [apex.account('dora'), fedify.account('carl')]
      const room = await follow(alice, dora)
      await fedify.accounts.alias('carl', dora.id)
      await apex.accounts.move('dora', carl.id)
      await followsOn(dora.handle, carl.handle, room)
    })

    test('from snac are followed where they went', async () => {
      const amos = snac.user('amos')
      const next = fedify.account('next')
      const room = await follow(alice, amos)
      await agree('next', amos.id)
      await amos.alias(next.id)
      await amos.migrate()
      await followsOn(amos.handle, next.handle, room)
    })

    test('to an account that does not agree are followed nowhere', async () => {
      const dan = apex.account('dan')
      await fedify.accounts.move('carl', dan.id)
      const said = await fedify.post('carl', { content: 'still here' })
      expect(said.object).toContain(fedify.url)
      await follows(alice, fedify.account('carl').handle)
    })
  })

  describe('from snac to Matrix', () => {
    test('find the alias that they look for, and their followers hear of it', async () => {
      const ada = snac.user('ada')
      await fedify.follow('cleo', ada.id)
      await waitUntil('the follow', async () => (await fedify.following('cleo')).includes(ada.id))
      await ask(alice, `alias add ${ada.handle}`, 'is you as well')
      await ada.alias(me)
      await ada.migrate()
      expect(await receives(fedify, 'Move', ada.id)).toMatchObject({ target: me })
      const document = await fedify.accounts.read('cleo', me)
      expect(document).toMatchObject({ alsoKnownAs: [ada.id] })
    })
  })

  describe('from Matrix to the fediverse', () => {
    test('are followed there by snac, and the others hear of it', async () => {
      const [anna, last] = [snac.user('anna'), fedify.account('last')]
      await anna.follow(alice.handle.slice(1))
      await apex.follow('dan', me)
      await fedify.follow('carol', me)
      await followedBy(alice, ['anna', 'dan', 'carol'])
      await ask(alice, `move-to ${last.id}`, 'does not say that it is you')
      await agree('last', me)
      // snac asks nobody at that moment: it goes by what it has.
      await anna.meet(last.id)
      await ask(alice, `move-to ${last.id}`, 'confirm')
      await ask(alice, `move-to ${last.id} confirm`, 'You have moved')
      for (const peer of [apex, fedify])
        expect(await receives(peer, 'Move', me)).toMatchObject({ actor: me, target: last.id })
      await waitUntil('snac follows on', async () =>
        (await fedify.followers('last')).includes(anna.id),
      )
      const document = await fedify.accounts.read('carol', me)
      expect(document).toMatchObject({ movedTo: last.id })
    })

    test('publish here again once they say so', async () => {
      await ask(alice, 'move-to cancel', 'is here again')
      await alice.client.text(alice.management, 'post back where I was')
      await receives(fedify, 'Create', 'back where I was')
      await told(alice, 'ublished')
    })
  })
})
