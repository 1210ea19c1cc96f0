import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Admin, registerAdmin } from './support/admin.ts'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, listed, noteIn, received, receives } from './support/fediverse.ts'
import { cameIn, endOf, isTaken, takenBy, takesMore } from './support/jobs.ts'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import { names } from './support/preloads.ts'
import {
  ask,
  bodiesIn,
  bodyOf,
  enter,
  follow,
  followedBy,
  ghostId,
  idOf,
  isOut,
  membership,
  openProfile,
  portalAlias,
  redacted,
  shown,
  told,
} from './support/scene.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

/** Fedify is below a domain that no other server is in. */
const loud = 'loud.localhost'
const ofFedify = `social.${loud}`

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'blocks and reports', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let witness: ControlledPeer
  let alice: Guest
  let root: Guest
  /** An admin of the homeserver. */
  let keeper: Admin
  let me: string
  let profile: string

  beforeAll(async () => {
    ;[stack, snac, apex, fedify, witness] = await Promise.all([
      startStack({
        admins: ['root'],
        env: names,
        settings: { network: { allow_http: ['127.0.0.1', ofFedify] } },
      }),
      startSnac({ users: ['anna'] }),
      startApex({ accounts: ['dora', 'dan', 'ed'] }),
      startFedify({ accounts: ['carol', 'dina', 'dave'], host: ofFedify }),
      startFedify({ accounts: ['will'] }),
    ])
    ;[alice, root] = [await stack.meet('alice'), await stack.meet('root')]
    keeper = await registerAdmin(stack.homeserver, 'keeper')
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

  const everything = async (): Promise<string> => JSON.stringify(await alice.client.seen())
  const direct = (content: string) => ({ content, visibility: 'direct', mentions: [me] }) as const

  describe('a block by a Matrix user', () => {
    const everybody = (): readonly (readonly [string, string])[] => [
      [snac.user('anna').handle, snac.url],
      [apex.account('dora').handle, apex.url],
      [fedify.account('carol').handle, fedify.url],
    ]

    test('is told to every server, with the end of the follow, and nothing more goes there', async () => {
      const before = takenBy(stack, snac.url)
      for (const [handle] of everybody()) await ask(alice, `block ${handle}`, 'You have blocked')
      for (const peer of [apex, fedify]) {
        expect(await receives(peer, 'Block', peer.url)).toMatchObject({ actor: me })
        expect(await receives(peer, 'Reject', me)).toMatchObject({ actor: me })
      }
      await takesMore(stack, snac.url, { more: 2, than: before })
      expect(takenBy(stack, snac.url)).toHaveLength(before.length + 2)
      await alice.client.text(profile, 'not for everybody')
      const create = await receives(witness, 'Create', 'not for everybody')
      await isTaken(stack, create.id, witness.url)
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
        const { activity } = await peer.post(handle, direct(content))
        expect(await endOf(stack, activity)).toMatch(/^skipped/)
      }
      const said = await everything()
      for (const word of ['let me in', 'me too']) expect(said).not.toContain(word)
    })

    test('taken back is told as well, and they may follow again', async () => {
      for (const [handle] of everybody()) await ask(alice, `unblock ${handle}`, 'not blocked any')
      for (const peer of [apex, fedify]) {
        const undo = await receives(peer, 'Undo', 'Block')
        expect(undo).toMatchObject({ actor: me, object: { type: 'Block', actor: me } })
      }
      const anna = snac.user('anna')
      await anna.unfollow(me)
      // snac may send both at once, and its Undo names the followed alone: come late, it ends the new one.
      await cameIn(stack, anna.id, '#undo-')
      await anna.follow(alice.handle.slice(1))
      await apex.follow('dora', me)
      await fedify.follow('carol', me)
      await followedBy(alice, ['anna', 'dora', 'carol'])
      await alice.client.text(profile, 'for everybody again')
      await anna.reads('for everybody again')
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
      const before = takenBy(stack, snac.url)
      const anna = snac.user('anna')
      await ask(alice, `report ${anna.handle} ${reasons.snac}`, 'Reported to the admins')
      await takesMore(stack, snac.url, { more: 1, than: before })
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

    test('that an admin passes on is one of the homeserver', async () => {
      const notice = await shown(root.client, reports, 'a report from Fedify')
      await root.client.react(reports, idOf(notice), '📨')
      await shown(root.client, reports, 'Passed one message of report')
      expect(await keeper.reported()).toMatchObject([
        { reason: expect.stringContaining('a report from Fedify') },
      ])
    })

    test('in answer to a post names it, and its account is suspended by 🚫 until that ends', async () => {
      const dora = apex.account('dora')
      const room = await follow(alice, dora)
      const { object } = await apex.post('dora', { content: 'buy this, too' })
      const post = idOf(await shown(alice.client, room, 'buy this, too'))
      await alice.client.reply(room, post, '!ap report the same again')
      expect(await receives(apex, 'Flag', object)).toMatchObject({ content: 'the same again' })
      const notice = await shown(root.client, reports, 'the same again')
      await root.client.react(reports, idOf(notice), '🚫')
      await shown(root.client, reports, `Suspended for everybody here: ${dora.handle}`)
      await redacted(alice.client, post)
      await membership(alice.client, room, { of: ghostId(dora.handle), is: 'leave' })
      expect(await endOf(stack, (await apex.post('dora', direct('psst'))).activity)).toMatch(
        /^skipped/,
      )
      await alice.client.text(profile, 'after the suspension')
      await receives(witness, 'Create', 'after the suspension')
      expect(await received(apex, 'Create', 'after the suspension')).toEqual([])
      await ask(root, `unsuspend ${dora.handle}`, dora.handle)
      await ask(alice, `follow ${dora.handle}`, 'Requested')
      await waitUntil('joining again', () => alice.client.join(room))
      await apex.post('dora', { content: 'I am sorry' })
      await shown(alice.client, room, 'I am sorry')
    })
  })

  describe('a mute', () => {
    test('of an account, also in answer to it, shows nothing more of it, and is told to nobody', async () => {
      const { handle } = fedify.account('dina')
      await fedify.post('dina', direct('hello from dina'))
      const chat = await alice.client.waitForInvite(ghostId(handle))
      await alice.client.join(chat)
      const post = idOf(await shown(alice.client, chat, 'hello from dina'))
      const before = (await fedify.received()).length
      await alice.client.reply(chat, post, '!ap mute')
      await shown(alice.client, chat, `You have muted ${handle}`)
      for (const unheard of [direct('muted words'), { content: 'muted words', mentions: [me] }])
        expect(await endOf(stack, (await fedify.post('dina', unheard)).activity)).toMatch(
          /^skipped/,
        )
      expect(await everything()).not.toContain('muted words')
      await ask(alice, `unmute ${handle}`, 'not muted any more')
      await fedify.post('dina', direct('heard again'))
      await shown(alice.client, chat, 'heard again')
      expect(await fedify.received(before)).toEqual([])
    })

    test('of a server shows nothing more of its people', async () => {
      await ask(alice, `mute ${loud}`, `You have muted ${loud}`)
      for (const name of ['carol', 'dina']) {
        const post = await fedify.post(name, direct('from a muted server'))
        expect(await endOf(stack, post.activity)).toMatch(/^skipped/)
      }
      expect(await everything()).not.toContain('from a muted server')
      await ask(alice, `unmute ${loud}`, 'not muted any more')
    })
  })

  test('a block of a server for oneself ends follows both ways, until it is taken back', async () => {
    const carol = fedify.account('carol')
    const room = await follow(alice, carol)
    await ask(alice, `block ${loud}`, `You have blocked ${loud} and all below it`)
    await isOut(alice.client, room)
    await waitUntil('the end of the follow', async () =>
      (await received(fedify, 'Undo', carol.id)).some(
        ({ object }) => (object as { readonly type: string }).type === 'Follow',
      ),
    )
    await ask(alice, `follow ${carol.handle}`, `\`unblock ${loud}\` comes first`)
    expect(await endOf(stack, (await fedify.post('carol', direct('psst'))).activity)).toMatch(
      /^skipped/,
    )
    await alice.client.text(profile, 'for other servers')
    await receives(witness, 'Create', 'for other servers')
    expect(await received(fedify, 'Create', 'for other servers')).toEqual([])
    await ask(alice, `unblock ${loud}`, `${loud} is not blocked any more`)
    await ask(alice, `follow ${carol.handle}`, 'Requested')
  })

  describe('an account that a member puts out', () => {
    test('of their private chat by a ban is blocked, until they let it in again', async () => {
      const { id, handle } = fedify.account('dina')
      const ghost = ghostId(handle)
      const chat = await alice.client.createRoom({ preset: 'private_chat', invite: [ghost] })
      await membership(alice.client, chat, { of: ghost, is: 'join' })
      await alice.client.ban(chat, ghost)
      expect(await receives(fedify, 'Block', id)).toMatchObject({ actor: me })
      await told(alice, `You have banned ${handle}, which blocks the account`)
      expect(await endOf(stack, (await fedify.post('dina', direct('psst'))).activity)).toMatch(
        /^skipped/,
      )
      await alice.client.unban(chat, ghost)
      expect(await receives(fedify, 'Undo', id)).toMatchObject({ object: { type: 'Block' } })
    })

    test.each([
      ['Fedify', 'dave', () => fedify],
      ['activitypub-express', 'ed', () => apex],
    ] as const)(
      'of their public room by a ban is blocked at %s, until they let it in again',
      async (_, name, where) => {
        const peer = where()
        const { id, handle } = peer.account(name)
        const ghost = ghostId(handle)
        await peer.follow(name, me)
        await followedBy(alice, [name])
        await alice.client.text(profile, `what does ${name} say?`)
        const asked = noteIn(await receives(peer, 'Create', `what does ${name} say?`))
        const answer = { content: `${name} says no`, mentions: [me], inReplyTo: asked.id }
        await peer.post(name, answer)
        await shown(alice.client, profile, `${name} says no`)
        await alice.client.ban(profile, ghost)
        expect(await receives(peer, 'Block', id)).toMatchObject({ actor: me, object: id })
        await told(alice, `You have banned ${handle}, which blocks the account`)
        for (const post of [direct('psst'), { ...answer, content: 'psst' }])
          expect(await endOf(stack, (await peer.post(name, post)).activity)).toMatch(/^skipped/)
        expect(await ask(alice, 'followers', 'ollow')).not.toContain(handle)
        await alice.client.unban(profile, ghost)
        const undo = { actor: me, object: { type: 'Block', actor: me, object: id } }
        expect(await receives(peer, 'Undo', id)).toMatchObject(undo)
        await told(alice, `${handle} is not blocked any more`)
        await peer.post(name, { ...answer, content: `${name} says yes` })
        expect((await shown(alice.client, profile, `${name} says yes`)).sender).toBe(ghost)
        expect(await everything()).not.toContain('psst')
      },
    )

    test('of its own room by a kick stays out until it is asked in again', async () => {
      const dora = apex.account('dora')
      const ghost = ghostId(dora.handle)
      const room = await alice.client.join(portalAlias(dora.handle))
      // As an admin of the homeserver may give it.
      const at = `${stack.homeserver.url}/_matrix/client/v3/rooms/${encodeURIComponent(room)}`
      const power = { url: `${at}/state/m.room.power_levels`, token: stack.appservice.asToken }
      const levels = (await call(power)).body as object
      const users = { [alice.client.userId]: 100 }
      await call({ ...power, method: 'PUT', json: { ...levels, users } })
      await alice.client.kick(room, ghost)
      await membership(alice.client, room, { of: ghost, is: 'leave' })
      await endOf(stack, (await apex.post('dora', { content: 'from outside' })).activity)
      await membership(alice.client, room, { of: ghost, is: 'leave' })
      expect(await bodiesIn(alice.client, room)).not.toContain('from outside')
      await alice.client.invite(room, ghost)
      // It comes when it has something to say, and no sooner.
      await membership(alice.client, room, { of: ghost, is: 'leave' })
      await apex.post('dora', { content: 'from inside' })
      expect((await shown(alice.client, room, 'from inside')).sender).toBe(ghost)
    })
  })
})
