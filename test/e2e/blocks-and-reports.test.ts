import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, listed, received, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  bodiesIn,
  bodyOf,
  enter,
  follow,
  followedBy,
  idOf,
  isOut,
  openProfile,
  shown,
} from './support/scene.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'blocks and reports', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let witness: ControlledPeer
  let alice: Guest
  let root: Guest
  let me: string
  let profile: string

  beforeAll(async () => {
    ;[stack, snac, apex, fedify, witness] = await Promise.all([
      startStack({ admins: ['root'] }),
      startSnac({ users: ['anna'] }),
      startApex({ accounts: ['dora', 'dan'] }),
      startFedify({ accounts: ['carol'] }),
      startFedify({ accounts: ['will'] }),
    ])
    ;[alice, root] = [await stack.meet('alice'), await stack.meet('root')]
    profile = await openProfile(alice)
    me = await findActor(stack.publicUrl, alice.handle)
    await snac.user('anna').follow(alice.handle.slice(1))
    await apex.follow('dora', me)
    await fedify.follow('carol', me)
    await witness.follow('will', me)
    await followedBy(alice, ['anna', 'dora', 'carol', 'will'])
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(`${stack.bridge.output()}\n${snac.output()}\n${apex.output()}`)
    await stack.stop()
  })

  /** Until what went to that server has been taken there. */
  const taken = (activity: { readonly id: string }, url: string): Promise<true> =>
    waitUntil(`${url} takes ${activity.id}`, () =>
      stack.bridge
        .log()
        .some(
          ({ kind, key, outcome }) =>
            kind === 'delivery' &&
            outcome === 'delivered' &&
            String(key).startsWith(`${activity.id} ${url}`),
        ),
    )
  /** Ids of the activities that were taken by a server, by what the bridge says of its deliveries. */
  const takenBy = (url: string): readonly string[] =>
    stack.bridge.log().flatMap(({ kind, key, outcome }) => {
      const [id = '', inbox = ''] = String(key).split(' ')
      return kind === 'delivery' && outcome === 'delivered' && inbox.startsWith(url) ? [id] : []
    })

  /** How an activity that came in ended, once it has. */
  const endOf = (activity: string): Promise<string> =>
    waitUntil(`the end of ${activity}`, () => {
      const end = stack.bridge.log().findLast(({ key }) => key === activity)?.['outcome']
      return typeof end === 'string' && end !== 'retry' && end
    })

  describe('a block by a Matrix user', () => {
    const everybody = (): readonly (readonly [string, string])[] => [
      [snac.user('anna').handle, snac.url],
      [apex.account('dora').handle, apex.url],
      [fedify.account('carol').handle, fedify.url],
    ]

    test('is told to every server, with the end of the follow, and nothing more goes there', async () => {
      const before = takenBy(snac.url).length
      for (const [handle] of everybody()) await ask(alice, `block ${handle}`, 'You have blocked')
      for (const peer of [apex, fedify]) {
        expect(await receives(peer, 'Block', peer.url)).toMatchObject({ actor: me })
        expect(await receives(peer, 'Reject', me)).toMatchObject({ actor: me })
      }
      await waitUntil('snac takes both', () => takenBy(snac.url).length === before + 2)
      await alice.client.text(profile, 'not for everybody')
      const create = await receives(witness, 'Create', 'not for everybody')
      await taken(create, witness.url)
      for (const peer of [apex, fedify])
        expect(await received(peer, 'Create', 'not for everybody')).toEqual([])
      expect(JSON.stringify(await snac.user('anna').timeline())).not.toContain('not for everybody')
    })

    test('keeps away what the others write', async () => {
      for (const [handle, content] of [
        ['carol', 'let me in'],
        ['dora', 'me too'],
      ] as const) {
        const peer = handle === 'carol' ? fedify : apex
        const direct = { visibility: 'direct', mentions: [me] } as const
        const { activity } = await peer.post(handle, { content, ...direct })
        expect(await endOf(activity)).toMatch(/^skipped/)
      }
      const said = JSON.stringify(await alice.client.seen())
      for (const word of ['let me in', 'me too']) expect(said).not.toContain(word)
    })

    test('taken back is told as well, and they may follow again', async () => {
      for (const [handle] of everybody()) await ask(alice, `unblock ${handle}`, 'not blocked any')
      for (const peer of [apex, fedify]) {
        const undo = await receives(peer, 'Undo', 'Block')
        expect(undo).toMatchObject({ actor: me, object: { type: 'Block', actor: me } })
      }
      await snac.user('anna').unfollow(me)
      await snac.user('anna').follow(alice.handle.slice(1))
      await apex.follow('dora', me)
      await fedify.follow('carol', me)
      await followedBy(alice, ['anna', 'dora', 'carol'])
      await alice.client.text(profile, 'for everybody again')
      await snac.user('anna').reads('for everybody again')
      for (const peer of [apex, fedify]) await receives(peer, 'Create', 'for everybody again')
    })
  })

  test('a block from activitypub-express ends both directions until it is taken back', async () => {
    const dan = apex.account('dan')
    const room = await follow(alice, dan)
    const block = await apex.block('dan', me)
    await isOut(alice.client, room)
    await ask(alice, `follow ${dan.handle}`, 'blocked you')
    await apex.undo('dan', me, block)
    await waitUntil('following again', async () =>
      (await ask(alice, `follow ${dan.handle}`, dan.handle)).includes('Requested'),
    )
  })

  describe('a report', () => {
    const reasons = { fedify: 'sells snake oil', apex: 'sells more of it', snac: 'sells all of it' }

    let reports = ''

    test('goes to every server by the account of the bridge, and does not say whose it is', async () => {
      const post = await fedify.post('carol', { content: 'buy this' })
      await ask(alice, `report ${post.object} ${reasons.fedify}`, 'Reported to the admins')
      const flag = await receives(fedify, 'Flag', post.object)
      const actor = `${stack.publicUrl}/actor`
      expect(flag).toMatchObject({ actor, content: reasons.fedify })
      expect(listed(flag.object)).toEqual([fedify.account('carol').id, post.object])
      const dora = apex.account('dora')
      await ask(alice, `report ${dora.handle} ${reasons.apex}`, 'Reported to the admins')
      expect(await receives(apex, 'Flag', dora.id)).toMatchObject({ actor })
      expect(JSON.stringify([flag, await received(apex, 'Flag', dora.id)])).not.toContain(me)
      const before = takenBy(snac.url).length
      const anna = snac.user('anna')
      await ask(alice, `report ${anna.handle} ${reasons.snac}`, 'Reported to the admins')
      await waitUntil('snac takes it', () => takenBy(snac.url).length > before)
      reports = await enter(root.client, 'Fediverse reports')
      for (const reason of Object.values(reasons)) await shown(root.client, reports, reason)
    })

    test('from other servers is told to the admins alone', async () => {
      await alice.client.text(profile, 'buy mine instead')
      const create = await receives(fedify, 'Create', 'buy mine instead')
      const { id } = create.object as { readonly id: string }
      const report = { objects: [me, id], to: me }
      await fedify.accounts.flag('carol', { ...report, content: 'a report from Fedify' })
      await apex.accounts.flag('dora', { ...report, content: 'a report from apex' })
      for (const [peer, words] of [
        [fedify, 'a report from Fedify'],
        [apex, 'a report from apex'],
      ] as const) {
        const notice = bodyOf(await shown(root.client, reports, words))
        expect(notice).toContain(`${new URL(peer.url).host} reports ${alice.handle}, for a post`)
        expect(notice).toContain('> buy mine instead')
      }
      const said = (await bodiesIn(alice.client, alice.management)).join()
      expect(said).not.toContain('a report from')
      await expect(alice.client.join(reports)).rejects.toThrow()
    })

    test('that an admin closes says by whom', async () => {
      const notice = await shown(root.client, reports, 'a report from apex')
      await root.client.react(reports, idOf(notice), '✅')
      await waitUntil('the notice to say so', async () =>
        (await root.client.messages(reports)).some(({ content }) => {
          const edited = content['m.new_content'] as { readonly body?: string } | undefined
          return edited?.body?.includes(`Closed by ${root.client.userId} on `) === true
        }),
      )
    })
  })
})
