import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { hash } from 'node:crypto'
import Sqlite from 'better-sqlite3'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, noteIn, receives } from './support/fediverse.ts'
import { isTaken } from './support/jobs.ts'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  bodiesIn,
  follow,
  followedBy,
  isOut,
  openProfile,
  redacted,
  shown,
  told,
} from './support/scene.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const header = 'collection-synchronization'

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'accounts and follows that end', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let bob: Guest
  let me: string

  beforeAll(async () => {
    ;[stack, snac, apex, fedify] = await Promise.all([
      startStack(),
      startSnac({ users: ['anna'] }),
      startApex({ accounts: ['dora', 'dan'] }),
      // The header of FEP-8fcf is signed in this kind of its signatures alone.
      startFedify({ accounts: ['carol', 'cleo', 'clea', 'stranger'], cavageFirst: true }),
    ])
    ;[alice, bob] = [await stack.meet('alice'), await stack.meet('bob')]
    await openProfile(alice)
    me = await findActor(stack.publicUrl, alice.handle)
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(`${stack.bridge.output()}\n${snac.output()}`)
    await stack.stop()
  })

  describe('an account that is deleted', () => {
    test.each([
      ['Fedify', () => [fedify, 'carol'] as const],
      ['activitypub-express', () => [apex, 'dora'] as const],
    ])('at %s is gone with all that it wrote', async (_, where) => {
      const [peer, name] = where()
      const room = await follow(alice, peer.account(name))
      await peer.post(name, { content: `once upon a time, ${name}` })
      const { event_id: post = '' } = await shown(alice.client, room, `once upon a time, ${name}`)
      await peer.accounts.vanish(name)
      await redacted(alice.client, post)
      await waitUntil(
        'the end of the follow',
        async () => !(await ask(alice, 'following', 'ollow')).includes(peer.account(name).handle),
      )
    })

    test('and that nobody here knows costs nothing and is answered 202', async () => {
      const before = (await fedify.requested()).length
      await fedify.accounts.claim('stranger', me, true)
      await fedify.accounts.vanish('stranger')
      const answers = await waitUntil('the answer', async () => {
        const all = (await fedify.requested(before)).filter(({ method }) => method === 'POST')
        return all.length > 0 && all
      })
      expect(answers.map(({ status }) => status)).toEqual([202])
    })
  })

  describe('followers', () => {
    const digestOf = (id: string): string => hash('sha256', id, 'hex')

    test('are told to servers by a digest, and listed to those that sign', async () => {
      const cleo = fedify.account('cleo')
      await fedify.follow('cleo', me)
      await apex.follow('dan', me)
      await followedBy(alice, ['cleo', 'dan'])
      await ask(alice, 'post --visibility followers between us', 'ublished')
      await receives(fedify, 'Create', 'between us')
      const [last] = (await fedify.received()).filter(({ activity }) => activity.type === 'Create')
      const headers = last?.headers ?? {}
      const url = `${me}/followers/synchronization`
      expect(headers[header]).toBe(
        `collectionId="${me}/followers", url="${url}", digest="${digestOf(cleo.id)}"`,
      )
      expect(headers['signature']).toContain(header)
      expect(await fedify.accounts.read('cleo', url)).toMatchObject({ orderedItems: [cleo.id] })
      const unsigned = await fetch(url, { headers: { accept: 'application/activity+json' } })
      expect(unsigned.status).toBe(401)
    })

    test('that another server only believes to have are taken back', async () => {
      await follow(bob, fedify.account('cleo'))
      await fedify.accounts.claim('cleo', me, true)
      await fedify.accounts.postCompared('cleo', 'who is there?')
      const undo = await waitUntil(
        'an Undo by alice',
        async () =>
          (await fedify.received()).find(
            ({ activity }) => activity.type === 'Undo' && activity.actor === me,
          ),
        120_000,
      )
      expect(undo).toMatchObject({ status: 202, activity: { object: { type: 'Follow' } } })
      await fedify.accounts.claim('cleo', me, false)
    })

    test('that another server has lost end here', async () => {
      const clea = fedify.account('clea')
      const room = await follow(bob, clea)
      await follow(alice, clea)
      const his = await findActor(stack.publicUrl, bob.handle)
      await fedify.accounts.claim('clea', his, false)
      // What was asked for a moment ago may still be under way: as if it had been an hour ago.
      await stack.bridge.stop()
      const database = new Sqlite(stack.databasePath)
      database.exec('update follow set requested_at = requested_at - 3600000')
      database.close()
      await stack.bridge.restart()
      await fedify.accounts.postCompared('clea', 'and who now?')
      await shown(bob.client, room, 'and who now?')
      await isOut(bob.client, room)
      await ask(alice, 'following', clea.handle)
    })
  })

  test('a Matrix user who is forgotten is gone from every server that knew them', async () => {
    const erin = await stack.meet('erin')
    const profile = await openProfile(erin)
    const id = await findActor(stack.publicUrl, erin.handle)
    const anna = snac.user('anna')
    await anna.follow(erin.handle.slice(1))
    await apex.follow('dan', id)
    await fedify.follow('cleo', id)
    await followedBy(erin, ['anna', 'dan', 'cleo'])
    await erin.client.text(profile, 'here I was')
    await anna.reads('here I was')
    const note = noteIn(await receives(apex, 'Create', 'here I was'))
    await receives(fedify, 'Create', 'here I was')

    await ask(erin, 'forget-me confirm', 'is deleted')
    const removal = await receives(fedify, 'Delete', id)
    expect(removal).toMatchObject({ actor: id, object: id })
    expect(await receives(apex, 'Delete', id)).toMatchObject({ id: removal.id })
    expect(await apex.accounts.knows(id)).toMatchObject({ type: 'Tombstone' })
    await isTaken(stack, removal.id, snac.url)
    expect((await fetch(id)).status).toBe(410)
    await expect(fedify.accounts.read('cleo', note.id)).rejects.toThrow('410')
  })

  describe('a Matrix user who is forgotten while a server is away', () => {
    let fay: Guest
    let id: string
    let removal: string

    const read = <T>(ask: (database: Sqlite.Database) => T): T => {
      const database = new Sqlite(stack.databasePath, { readonly: true })
      try {
        return ask(database)
      } finally {
        database.close()
      }
    }
    const keys = (): unknown =>
      read((database) =>
        database.prepare('select count(*) from actor_key where actor_id = ?').pluck().get(id),
      )
    /** The tables in which somebody is named still. */
    const naming = (name: string): readonly string[] =>
      read((database) => {
        const tables = `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`
        const rows = (table: unknown) => database.prepare(`select * from "${String(table)}"`).all()
        const all = database.prepare(tables).pluck().all().map(String)
        return all.filter((table) => JSON.stringify(rows(table)).includes(name))
      })
    const statusOf = async (url: string): Promise<number> =>
      (await call({ url, accept: 'application/activity+json' })).status

    test('is gone at once for all others, and the key is kept to tell that one', async () => {
      fay = await stack.meet('fay')
      const profile = await openProfile(fay)
      id = await findActor(stack.publicUrl, fay.handle)
      const anna = snac.user('anna')
      await anna.follow(fay.handle.slice(1))
      await fedify.follow('cleo', id)
      await followedBy(fay, ['anna', 'cleo'])
      await fay.client.text(profile, 'before I go')
      await anna.reads('before I go')
      await snac.stop()
      await ask(fay, 'forget-me confirm', 'is deleted')
      removal = (await receives(fedify, 'Delete', id)).id
      await waitUntil('a try that fails', () =>
        stack.bridge
          .log()
          .some(
            ({ kind, key, outcome }) =>
              kind === 'delivery' && String(key).startsWith(removal) && outcome === 'retry',
          ),
      )
      expect(await statusOf(id)).toBe(410)
      await waitUntil('nothing else of hers', () => !naming('before I go').length)
      expect(keys()).toBe(2)
      expect((await bodiesIn(fay.client, fay.management)).join()).not.toContain('You are forgotten')
    })

    test('hears that it has heard once it is back, and then there is no key', async () => {
      await snac.start()
      await isTaken(stack, removal, snac.url)
      expect(await told(fay, 'You are forgotten.')).toContain('2 servers took it')
      expect(keys()).toBe(0)
      await waitUntil('no row of hers', () => !naming(fay.client.userId).length)
    })

    test('is gone for ever, and somebody else when they begin again', async () => {
      const resource = encodeURIComponent(`acct:${fay.handle.slice(1)}`)
      const finger = `${stack.publicUrl}/.well-known/webfinger?resource=${resource}`
      const again = await stack.welcome(fay.client, 'fay_2')
      expect(await ask(again, 'register', 'you are now')).toContain(again.handle)
      expect(await findActor(stack.publicUrl, again.handle)).not.toBe(id)
      await stack.bridge.restart()
      expect([await statusOf(id), await statusOf(finger)]).toEqual([410, 410])
    })
  })
})
