import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, noteIn, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import { ask, follow, followedBy, openProfile, shown } from './support/scene.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'

type Json = Readonly<Record<string, unknown>>

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'signatures and keys', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  /** As Fedify does it by itself: RFC 9421 first. */
  let fedify: ControlledPeer
  /** Takes nothing else. */
  let newest: ControlledPeer
  let alice: Guest
  let root: Guest
  let me: string
  let profile: string

  beforeAll(async () => {
    ;[stack, snac, apex, fedify, newest] = await Promise.all([
      startStack({ admins: ['root'] }),
      startSnac({ users: ['anna'] }),
      startApex({ accounts: ['dora'] }),
      startFedify({ accounts: ['carol', 'stranger'] }),
      startFedify({ accounts: ['nina'], newestOnly: true }),
    ])
    ;[alice, root] = [await stack.meet('alice'), await stack.meet('root')]
    profile = await openProfile(alice)
    me = await findActor(stack.publicUrl, alice.handle)
    await snac.user('anna').follow(alice.handle.slice(1))
    await apex.follow('dora', me)
    await fedify.follow('carol', me)
    await newest.follow('nina', me)
    await followedBy(alice, ['anna', 'dora', 'carol', 'nina'])
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(`${stack.bridge.output()}\n${snac.output()}\n${apex.output()}`)
    await stack.stop()
  })

  /** Publishes a text, and waits until every server has it. */
  async function everybodyReads(text: string): Promise<string> {
    await alice.client.text(profile, text)
    await snac.user('anna').reads(text)
    const creates = []
    for (const peer of [apex, fedify, newest]) creates.push(await receives(peer, 'Create', text))
    const [create] = creates
    if (create === undefined) throw new Error('nobody was asked')
    return noteIn(create).id
  }

  test('of RFC 9421 are taken at the first try, to post and to read', async () => {
    await fedify.accounts.read('carol', me)
    const here = (await fedify.requested()).filter(({ url }) => url.startsWith(stack.publicUrl))
    const summary = here.map(({ method, scheme, status }) => `${method} ${scheme} ${status}`)
    expect([...new Set(summary)].sort()).toEqual(['GET rfc9421 200', 'POST rfc9421 202'])
  })

  test('of RFC 9421 are made for who wants them, and then at once', async () => {
    await everybodyReads('the first words')
    await everybodyReads('the second words')
    const posted = (text: string) =>
      newest
        .received()
        .then((all) =>
          all
            .filter(({ activity }) => JSON.stringify(activity.object ?? '').includes(text))
            .map(({ status }) => status),
        )
    expect(await posted('the second words')).toEqual([202])
    const first = (await newest.received()).map(({ status }) => status)
    expect(first).toContain(401)
  })

  describe('decide what is read', () => {
    let post: string

    beforeAll(async () => {
      post = await everybodyReads('for everybody')
    })

    const unsigned = async (url: string): Promise<{ status: number; body: Json }> => {
      const answer = await fetch(url, { headers: { accept: 'application/activity+json' } })
      return { status: answer.status, body: (await answer.json()) as Json }
    }

    test('signed, snac and Fedify read the account and the post', async () => {
      const signed = [
        await snac.user('anna').request(me),
        await fedify.accounts.read('carol', me),
        await newest.accounts.read('nina', me),
      ]
      for (const actor of signed) expect(actor).toMatchObject({ id: me, outbox: `${me}/outbox` })
      const posts = [
        await snac.user('anna').request(post),
        await fedify.accounts.read('carol', post),
      ]
      for (const note of posts) expect(note).toMatchObject({ id: post, type: 'Note' })
    })

    test('unsigned, activitypub-express gets what checks keys and no more', async () => {
      const actor = await apex.accounts.read('dora', me)
      expect(actor).toMatchObject({ id: me, inbox: [`${me}/inbox`] })
      expect(Object.keys(actor)).not.toContain('outbox')
      await expect(apex.accounts.read('dora', post)).rejects.toThrow('401')
      expect(await unsigned(post)).toMatchObject({ status: 401 })
      expect((await unsigned(me)).body).not.toHaveProperty('name')
    })

    test('what is for followers is there for their servers alone', async () => {
      await ask(alice, 'post --visibility followers for followers alone', 'ublished')
      const { id } = noteIn(await receives(newest, 'Create', 'for followers alone'))
      expect(await snac.user('anna').request(id)).toMatchObject({ id })
      expect(await newest.accounts.read('nina', id)).toMatchObject({ id })
      const stranger = await startFedify({ accounts: ['sam'] })
      await expect(stranger.accounts.read('sam', id)).rejects.toThrow('404')
      await stranger.stop()
    })

    test('whoever is blocked reads no posts any more, and no profile', async () => {
      await ask(alice, `block ${fedify.account('stranger').handle}`, 'You have blocked')
      await expect(fedify.accounts.read('stranger', post)).rejects.toThrow('403')
      // What checks keys is there for their server all the same: it is told of the block.
      const keys = await fedify.accounts.read('stranger', me)
      expect(keys).toHaveProperty('publicKey')
      expect(keys).not.toHaveProperty('name')
    })
  })

  test('with a new key are taken by every server that was told of it', async () => {
    // Fedify believes the proof; snac and activitypub-express look at the signature alone.
    await ask(root, 'rotate-keys alice', 'gets new keys now')
    for (const peer of [apex, fedify, newest]) {
      const update = await receives(peer, 'Update', '#main-key-2')
      expect(update).toMatchObject({ actor: me, object: { publicKey: { id: `${me}#main-key-2` } } })
    }
    await everybodyReads('signed anew')
  })

  test('of others with a new key are taken, whose id is the same', async () => {
    for (const [peer, name] of [
      [fedify, 'carol'],
      [apex, 'dora'],
    ] as const) {
      const room = await follow(alice, peer.account(name))
      await peer.post(name, { content: `the old key of ${name}` })
      await shown(alice.client, room, `the old key of ${name}`)
      await peer.accounts.rotateKey(name)
      await peer.post(name, { content: `the new key of ${name}` })
      await shown(alice.client, room, `the new key of ${name}`)
    }
  })
})
