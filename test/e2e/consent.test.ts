import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { strFromU8, unzipSync } from 'fflate'
import { pngOf } from '../support/samples.ts'
import { startCompany } from './support/company.ts'
import type { ControlledPeer } from './support/control-peer.ts'
import { findActor, received, receives } from './support/fediverse.ts'
import { download } from './support/files.ts'
import { isTaken, takenBy, takesMore } from './support/jobs.ts'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  enter,
  follow,
  followedBy,
  idOf,
  isOut,
  openProfile,
  shown,
  told,
} from './support/scene.ts'
import type { Snac, SnacUser } from './support/snac.ts'
import type { Guest, Stack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const activityJson = 'application/activity+json'

/** What a user of Matrix decides about their own account, and who of all servers hears of it. */
describeWith(['synapse', 'snac', 'apex', 'fedify'], 'a user of Matrix decides', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let anna: SnacUser
  let me: string
  let profile: string
  let portal: string

  beforeAll(async () => {
    ;({ stack, snac, apex, fedify, alice, anna } = await startCompany({
      apex: { accounts: ['dora', 'dan', 'dean'] },
      fedify: { accounts: ['carol', 'cleo'] },
    }))
    profile = await openProfile(alice)
    me = await findActor(stack.publicUrl, alice.handle)
    await fedify.follow('carol', me)
    await followedBy(alice, ['carol'])
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await stack.stop()
  })

  describe('who finds and follows them', () => {
    const flags = ['discoverable', 'indexable', 'locked'] as const
    const said = (on: boolean) => ({
      discoverable: on,
      indexable: on,
      manuallyApprovesFollowers: on,
    })

    test('what directories and searches may do is told to every server', async () => {
      expect(await fedify.accounts.read('carol', me)).toMatchObject(said(false))
      for (const flag of flags) await ask(alice, `settings set ${flag} on`, 'is now `on`')
      const update = await receives(fedify, 'Update', '"manuallyApprovesFollowers":true')
      expect(update.object).toMatchObject(said(true))
      expect(await fedify.accounts.read('carol', me)).toMatchObject(said(true))
      expect(await anna.request(me)).toMatchObject(said(true))
      expect(await ask(alice, 'settings', '`discoverable` is')).toContain('`indexable` is `on`')
    })

    const asksToFollow = (handle: string) =>
      shown(alice.client, alice.management, `${handle} asks to follow you`)

    test('who asks waits for ✅, ❌, approve or reject, and gets nothing before', async () => {
      const [dora, dan] = [apex.account('dora'), apex.account('dan')]
      await apex.follow('dora', me)
      await apex.follow('dan', me)
      await fedify.follow('cleo', me)
      await anna.follow(alice.handle.slice(1))
      for (const { handle } of [dora, dan, fedify.account('cleo'), anna]) await asksToFollow(handle)
      await alice.client.text(profile, 'before anybody is let in')
      await receives(fedify, 'Create', 'before anybody is let in')

      const react = async (handle: string, key: string) =>
        alice.client.react(alice.management, idOf(await asksToFollow(handle)), key)
      await react(dora.handle, '✅')
      await react(fedify.account('cleo').handle, '❌')
      await ask(alice, `approve ${anna.handle}`, 'follows you now')
      await ask(alice, `reject ${dan.handle}`, 'does not follow you')
      await receives(apex, 'Reject', dan.id)
      await receives(fedify, 'Reject', fedify.account('cleo').id)
      await waitUntil('dora follows', async () => (await apex.following('dora')).includes(me))
      await alice.client.text(profile, 'for who is let in')
      await anna.reads('for who is let in')
      await receives(apex, 'Create', 'for who is let in')
      expect(await apex.following('dan')).toEqual([])
      expect(await received(apex, 'Create', 'before anybody is let in')).toEqual([])
      expect(JSON.stringify(await anna.timeline())).not.toContain('before anybody is let in')
      const followers = await ask(alice, 'followers', 'carol')
      expect(followers).toMatch(/@dora@/)
      expect(followers).not.toMatch(/@(?:dan|cleo)@/)
      expect(await ask(alice, 'requests', 'Nobody waits')).toBeDefined()
    })
  })

  describe('what they take along', () => {
    let files: Readonly<Record<string, Uint8Array>>
    const textIn = (name: string): string => strFromU8(files[name] ?? new Uint8Array())
    const jsonIn = (name: string): unknown => JSON.parse(textIn(name))

    test('export is a zip with profile, lists, posts and files', async () => {
      portal = await follow(alice, fedify.account('carol'))
      await follow(alice, apex.account('dora'))
      await follow(alice, anna)
      await ask(alice, `block ${apex.account('dean').handle}`, 'You have blocked')
      const cat = pngOf(12, 8)
      const url = await alice.client.upload(cat, 'image/png', 'cat.png')
      await alice.client.send(profile, {
        ...{ msgtype: 'm.image', url, body: 'this is my cat', filename: 'cat.png' },
        info: { mimetype: 'image/png', size: cat.length },
      })
      await receives(apex, 'Create', 'this is my cat')
      await ask(alice, 'export', 'I put it together')
      const file = await alice.client.waitFor(
        ({ room_id, content }) => room_id === alice.management && content['msgtype'] === 'm.file',
        { what: 'the export' },
      )
      files = unzipSync((await download(alice.client, file.content['url'])) ?? new Uint8Array())
      const followed = [fedify.account('carol'), apex.account('dora'), anna]
      const [head, ...lines] = textIn('following_accounts.csv').trim().split('\n')
      expect(head).toBe('Account address,Show boosts,Notify on new posts,Languages')
      expect(lines.sort()).toEqual(
        followed.map(({ handle }) => `${handle.slice(1)},true,false,`).sort(),
      )
      expect(textIn('blocked_accounts.csv').trim()).toBe(apex.account('dean').handle.slice(1))
      expect(jsonIn('actor.json')).toMatchObject({ id: me, outbox: 'outbox.json' })
      const outbox = jsonIn('outbox.json') as {
        readonly orderedItems: readonly { readonly object: Readonly<Record<string, unknown>> }[]
      }
      const posts = outbox.orderedItems.map(({ object }) => object)
      expect(posts.map(({ content }) => content)).toEqual([
        '<p>before anybody is let in</p>',
        '<p>for who is let in</p>',
        '<p>this is my cat</p>',
      ])
      const [{ url: path } = { url: '' }] = posts[2]?.['attachment'] as { url: string }[]
      expect(Buffer.from(files[path] ?? [])).toEqual(cat)
    })

    test('import follows and blocks whom such lists name, on every server', async () => {
      const bob = await stack.meet('bob')
      const bring = async (name: string, line: string) => {
        const bytes = files[name] ?? new Uint8Array()
        const url = await bob.client.upload(bytes, 'text/csv', name)
        const info = { mimetype: 'text/csv', size: bytes.length }
        const list = { msgtype: 'm.file', url, body: line, filename: name, info }
        await bob.client.send(bob.management, list)
      }
      await bring('following_accounts.csv', 'import follows')
      await told(bob, 'Your list has 3 accounts')
      await told(bob, 'Followed 3 of 3 accounts')
      const bobId = await findActor(stack.publicUrl, bob.handle)
      for (const [peer, name] of [
        [fedify, 'carol'],
        [apex, 'dora'],
      ] as const) {
        const follows = await received(peer, 'Follow', peer.account(name).id)
        expect(follows.map(({ actor }) => actor)).toContain(bobId)
      }
      const home = await enter(bob.client, 'Home')
      await anna.note('for who brought a list')
      await shown(bob.client, home, 'for who brought a list')
      await bring('blocked_accounts.csv', 'import blocks')
      await waitUntil('the block', async () =>
        (await received(apex, 'Block', apex.account('dean').id)).some((b) => b.actor === bobId),
      )
    })
  })

  describe('that they are to be forgotten', () => {
    const statusOf = async (url: string): Promise<number> =>
      (await call({ url, accept: activityJson })).status
    const isGone = async (): Promise<void> => {
      const resource = encodeURIComponent(`acct:${alice.handle.slice(1)}`)
      const finger = `${stack.publicUrl}/.well-known/webfinger?resource=${resource}`
      expect([await statusOf(me), await statusOf(finger)]).toEqual([410, 410])
    }

    test('asks once more, and tells every server that ever got something', async () => {
      await ask(alice, 'forget-me', '`forget-me confirm` does it')
      expect(await statusOf(me)).toBe(200)
      const before = takenBy(stack, snac.url)
      await ask(alice, 'forget-me confirm', 'is deleted')
      const [first] = [await receives(fedify, 'Delete', me), await receives(apex, 'Delete', me)]
      expect(first).toMatchObject({ actor: me, object: me })
      await isTaken(stack, first.id, snac.url)
      await takesMore(stack, snac.url, { more: 1, than: before })
      expect(await told(alice, 'You are forgotten.')).toContain('3 servers took it')
      await isGone()
    })

    test('leaves their rooms, and another account has another id', async () => {
      await isOut(alice.client, portal)
      await waitUntil('nobody of ours in the public room', async () => {
        const members = [...(await alice.client.members(profile))]
        return members.every(([id, is]) => is !== 'join' || id === alice.client.userId)
      })
      const again = await stack.welcome(alice.client, 'alice_2')
      expect(await ask(again, 'register', 'you are now')).toContain(again.handle)
      expect(await findActor(stack.publicUrl, again.handle)).not.toBe(me)
      await stack.bridge.restart()
      await isGone()
    })
  })
})
