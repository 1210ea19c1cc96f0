import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import type { MatrixClient } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { ask, bodiesIn, follow, ghostId, membership, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const list = '#bans:matrix.test'
const refusal = "This server's admin has not enabled Footbridge for you."

describeWith(['synapse', 'fedify'], 'policy lists', () => {
  let stack: Stack
  let fedify: ControlledPeer
  let alice: Guest
  let root: Guest
  let keeper: MatrixClient
  let room: string

  beforeAll(async () => {
    ;[stack, fedify] = await Promise.all([
      // A rule that names where the bridge is itself would not be taken.
      startStack({ admins: ['root'], host: 'localhost' }),
      startFedify({ accounts: ['carol', 'dan'] }),
    ])
    ;[alice, root] = [await stack.meet('alice'), await stack.meet('root')]
    keeper = await stack.homeserver.register('keeper')
    room = await keeper.createRoom({ preset: 'public_chat', room_alias_name: 'bans' })
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await Promise.all([stack.stop(), fedify.stop()])
  })

  const rule = (kind: string, entity: string, type = 'm.policy.rule') =>
    [`${type}.${kind}`, `rule ${entity}`] as const
  const ban = (kind: string, entity: string, type?: string) =>
    keeper.setState(room, rule(kind, entity, type), {
      entity,
      recommendation: 'm.ban',
      reason: 'spam',
    })
  const unban = (kind: string, entity: string) => keeper.setState(room, rule(kind, entity), {})
  const isRefused = async (guest: Guest): Promise<boolean> =>
    (await guest.command('whoami')) === refusal

  test('a list is followed by its address', async () => {
    await ban('server', 'spam.example')
    await ask(
      root,
      `policy-list add ${list}`,
      'Following the list `#bans:matrix.test`: 1 rule (1 for',
    )
    await membership(keeper, room, { of: stack.botId, is: 'join' })
  })

  test('a domain that a rule names is silent until the rule goes', async () => {
    const carol = fedify.account('carol')
    const portal = await follow(alice, carol)
    await fedify.post('carol', { content: 'before' })
    await shown(alice.client, portal, 'before')
    await ban('server', '127.0.0.1')
    await shown(alice.client, portal, 'has blocked 127.0.0.1')
    // The inbox answers 403, which the peer may take for a failure of its own.
    await fedify.post('carol', { content: 'unheard' }).catch(() => undefined)
    await ask(alice, `follow ${fedify.account('dan').id}`, 'has blocked 127.0.0.1')
    expect(await bodiesIn(alice.client, portal)).not.toContain('unheard')
    await unban('server', '127.0.0.1')
    await shown(alice.client, portal, 'is not blocked any more')
    await fedify.post('carol', { content: 'heard again' })
    await shown(alice.client, portal, 'heard again')
  })

  test('an account that a rule names by its Matrix id is suspended', async () => {
    const dan = fedify.account('dan')
    const portal = await follow(alice, dan)
    await fedify.post('dan', { content: 'hello' })
    await shown(alice.client, portal, 'hello')
    await ban('user', ghostId(dan.handle))
    await membership(alice.client, portal, { of: ghostId(dan.handle), is: 'leave' })
    await ask(root, `unsuspend ${dan.handle}`, `is suspended by the list ${list} (spam)`)
    await unban('user', ghostId(dan.handle))
    await waitUntil('dan may come again', async () =>
      (await root.command(`unsuspend ${dan.handle}`)).includes('is not suspended here'),
    )
  })

  test('a user whom a rule of an older name names is told that they are refused', async () => {
    const mallory = await stack.meet('mallory')
    const { userId } = mallory.client
    const event = await ban('user', userId, 'org.matrix.mjolnir.rule')
    await waitUntil('mallory is refused', () => isRefused(mallory))
    await stack.bridge.restart()
    expect(await isRefused(mallory)).toBe(true)
    expect(await isRefused(alice)).toBe(false)
    await keeper.redact(room, event)
    await waitUntil('mallory is let in', async () => !(await isRefused(mallory)))
  })

  test('a room that a rule names is left, and entered no more', async () => {
    const ghost = ghostId(fedify.account('carol').handle)
    const chat = await alice.client.createRoom({ preset: 'private_chat', invite: [ghost] })
    await membership(alice.client, chat, { of: ghost, is: 'join' })
    await ban('room', chat)
    await membership(alice.client, chat, { of: ghost, is: 'leave' })
    await alice.client.invite(chat, ghost)
    await membership(alice.client, chat, { of: ghost, is: 'leave' })
  })

  test('rules for the bridge itself are not taken, which its admin reads', async () => {
    await ban('user', '@*:matrix.test')
    await shown(root.client, root.management, 'because it names me')
    expect(await isRefused(alice)).toBe(false)
  })

  describe('where the room is upgraded', () => {
    test('the bot goes along, and what the next room says counts', async () => {
      const path = `v3/rooms/${encodeURIComponent(room)}/upgrade`
      const json = { new_version: '12' }
      const next = await keeper.request<{ replacement_room: string }>('POST', path, json)
      room = next.replacement_room
      await waitUntil('the list has moved', async () =>
        (await root.command('policy-list')).includes(`${list} in ${room}`),
      )
      await ban('user', alice.client.userId)
      await waitUntil('alice is refused', () => isRefused(alice))
      await ask(root, `policy-list remove ${list}`, 'is not followed any more')
      await waitUntil('alice is let in', async () => !(await isRefused(alice)))
    })
  })
})
