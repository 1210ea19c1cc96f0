import { expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { dieAtEveryStep } from './support/every-step.ts'

type Given = {
  readonly bob: Account
  readonly carol: Account
  readonly keeper: FakeUser
  readonly list: RoomId
  readonly portals: Readonly<Record<'bob' | 'carol', RoomId>>
  readonly chat: RoomId
}

const ban = (entity: string) => ({ entity, recommendation: 'm.ban' })

test('rules of a list take effect once, and whole, wherever the bridge dies while it takes them', async () => {
  const steps = await dieAtEveryStep<Given>({
    async given(flow) {
      const [alice, admin] = [flow.user('alice'), flow.user('admin')]
      flow.permissions.set(admin.userId, 'admin')
      const bob = flow.account('bob', 'bad.example')
      const carol = flow.account('carol', 'good.example')
      const portals = { bob: await flow.follow(alice, bob), carol: await flow.follow(alice, carol) }
      await flow.tell(bob.post({ content: 'kept' }), carol.post({ content: 'redacted' }))
      const chat = alice.createRoom({ preset: 'private_chat', invite: [flow.ghostOf(bob)] })
      await flow.quiet()
      const keeper = flow.homeserver.addUser('@keeper:keepers.example')
      const list = keeper.createRoom({ preset: 'public_chat', room_alias_name: 'bans' })
      await flow.command(admin, 'policy-list add #bans:hs.test')
      return { bob, carol, keeper, list, portals, chat }
    },
    async when({ keeper, list, carol, chat }, flow) {
      keeper.setState(list, 'm.policy.rule.server one', ban('bad.example'))
      keeper.setState(list, 'm.policy.rule.user two', ban(flow.ghostOf(carol)))
      keeper.setState(list, 'm.policy.rule.room three', ban(chat))
      await flow.quiet()
    },
    then({ bob, carol, portals, chat }, flow) {
      const said = flow.bodies(portals.bob).filter((body) => body.includes('has blocked'))
      expect(said).toHaveLength(1)
      expect(flow.bodies(portals.bob)).toContain('kept')
      expect(flow.homeserver.members(portals.bob, 'join')).toContain(flow.ghostOf(bob))
      expect(flow.bodies(portals.carol)).not.toContain('redacted')
      expect(flow.homeserver.members(portals.carol, 'join')).not.toContain(flow.ghostOf(carol))
      // The same one may come again where its answer was lost.
      const undone = flow.received(carol, 'Undo').map(({ id }) => id)
      expect(new Set(undone).size).toBe(1)
      expect(flow.homeserver.members(chat, 'join')).toEqual(['@alice:hs.test'])
    },
  })
  expect(steps).toBeGreaterThan(10)
})
