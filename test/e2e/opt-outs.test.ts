import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, type Said, startApex, startFedify } from './support/control-peer.ts'
import { findActor, noteIn, received, receives } from './support/fediverse.ts'
import { endOf, takenBy, takesMore } from './support/jobs.ts'
import { call } from './support/json-http.ts'
import type { MatrixClient } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  bodiesIn,
  follow,
  followedBy,
  ghostId,
  idOf,
  membership,
  openProfile,
  redacted,
  shown,
} from './support/scene.ts'
import { type Snac, type SnacUser, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

/** What people of the fediverse decide about being bridged, and say on their own servers. */
describeWith(['synapse', 'snac', 'apex', 'fedify'], 'somebody of the fediverse decides', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let root: Guest
  let anna: SnacUser
  let anton: SnacUser
  let me: string
  let bot: string
  let profile: string

  beforeAll(async () => {
    ;[stack, snac, apex, fedify] = await Promise.all([
      startStack({ admins: ['root'], settings: { moderation: { bridged_users: ['@irc_*'] } } }),
      startSnac({ users: ['anna', 'anton'] }),
      startApex({ accounts: ['dora', 'dan', 'gus'] }),
      startFedify({ accounts: ['carol', 'cleo', 'dina', 'dave', 'copy'] }),
    ])
    ;[anna, anton] = [snac.user('anna'), snac.user('anton')]
    const says = (name: string, said: Said) => fedify.accounts.describe(name, said, false)
    await says('carol', { discoverable: true })
    await says('cleo', { summary: '<p>no robots #nobot</p>' })
    await says('dina', { summary: '<p>leave me <a href="/tags/x">#<span>nobridge</span></a></p>' })
    await says('copy', { original: 'https://matrix.to/#/@copy:other.example' })
    ;[alice, root] = [await stack.meet('alice'), await stack.meet('root')]
    profile = await openProfile(alice)
    me = await findActor(stack.publicUrl, alice.handle)
    bot = `${stack.publicUrl}/actor`
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await stack.stop()
  })

  const everything = async (): Promise<string> => JSON.stringify(await alice.client.seen())
  const refused = (handle: string): Promise<string> =>
    ask(alice, `follow ${handle}`, 'nothing goes there or comes from there')

  test('at first sight: is not followed, not heard and does not follow', async () => {
    const { handle, id } = fedify.account('dina')
    expect(await refused(handle)).toContain('does not want to be bridged')
    for (const visibility of ['public', 'direct'] as const) {
      const post = { content: 'unwanted words', visibility, mentions: [me] }
      expect(await endOf(stack, (await fedify.post('dina', post)).activity)).toMatch(/^skipped/)
    }
    await fedify.follow('dina', me)
    await receives(fedify, 'Reject', id)
    expect(await everything()).not.toContain('unwanted words')
    expect(await received(fedify, 'Follow', id)).toEqual([])
  })

  test('nothing of bots: one of ours leaves them alone, people do not', async () => {
    const robot = await stack.meet('robot')
    await ask(robot, 'profile bot on', 'bot')
    const { handle } = fedify.account('cleo')
    await ask(robot, `follow ${handle}`, 'wants nothing of bots')
    await follow(alice, fedify.account('cleo'))
    const robotId = await findActor(stack.publicUrl, robot.handle)
    expect((await fedify.received()).filter(({ activity }) => activity.actor === robotId)).toEqual(
      [],
    )
  })

  test('to be found: a search by words finds who wishes it, and no room lists anybody', async () => {
    const portal = await follow(alice, fedify.account('carol'))
    const found = await ask(alice, 'search fedify', 'Called')
    expect([found.includes('@carol@'), found.includes('@cleo@')]).toEqual([true, false])
    const mallory = await stack.homeserver.register('mallory')
    const { chunk } = await mallory.request<{ chunk: unknown[] }>('GET', 'v3/publicRooms')
    expect(chunk).toEqual([])
    await expect(mallory.messages(portal)).rejects.toThrow('403')
  })

  describe('that nobody reads who is not logged in (GoToSocial)', () => {
    const kinds = ['public', 'unlisted'] as const
    type Kind = (typeof kinds)[number]
    /** Posts of Gus and the pages of what answers them, by their visibility; last the one that all of his answer. */
    const his = new Map<Kind, { readonly id: string; readonly page: string }>()
    let asked: { readonly id: string; readonly ofDora: string; readonly ofGus: string[] }

    const says = (toPublic: boolean, isTold: boolean) => {
      const said = {
        hidesToPublicFromUnauthedWeb: toPublic,
        hidesCcPublicFromUnauthedWeb: true,
      }
      return apex.accounts.describe('gus', said, isTold)
    }
    const page = async (url: string): Promise<string> =>
      (await call({ url, accept: 'text/html' })).text
    /** Whether the page of an answer to a post of that visibility leads to it. */
    const leads = async (kind: Kind): Promise<boolean> => {
      const { id, page: url } = his.get(kind) ?? { id: '', page: '' }
      const text = await page(url)
      expect(text).toContain(`answer to ${kind}`)
      expect(text.includes('a post that is not shown here')).toBe(!text.includes(id))
      return text.includes(id)
    }

    beforeAll(async () => {
      await ask(alice, 'settings web_page on', '`web_page` is now `on`')
      await says(true, false)
      const portal = await follow(alice, apex.account('gus'))
      for (const visibility of kinds) {
        const content = `${visibility} words of gus`
        const { object } = await apex.post('gus', { content, visibility })
        const event = idOf(await shown(alice.client, portal, content))
        await alice.client.threadReply(portal, event, `answer to ${visibility}`)
        const answer = noteIn(await receives(apex, 'Create', `answer to ${visibility}`))
        his.set(visibility, { id: object, page: answer.id })
      }
      await apex.follow('gus', me)
      await followedBy(alice, ['gus'])
      await alice.client.text(profile, 'who is there?')
      const { id } = noteIn(await receives(apex, 'Create', 'who is there?'))
      const answer = { mentions: [me], inReplyTo: id }
      const ofGus: string[] = []
      for (const visibility of kinds) {
        const content = `${visibility} answer of gus`
        ofGus.push((await apex.post('gus', { ...answer, content, visibility })).object)
        await shown(alice.client, profile, content)
      }
      const ofDora = (await apex.post('dora', { ...answer, content: 'dora is' })).object
      await shown(alice.client, profile, 'dora is')
      asked = { id, ofDora, ofGus }
    })

    test('their posts are linked on no page of ours, above or below; in rooms they are read', async () => {
      for (const kind of kinds) expect(await leads(kind)).toBe(false)
      const text = await page(asked.id)
      expect(text).toContain(asked.ofDora)
      for (const id of [...asked.ofGus, apex.account('gus').id]) expect(text).not.toContain(id)
    })

    test('public ones are, once they no longer wish it; unlisted ones are not', async () => {
      await says(false, true)
      await waitUntil('the link to the public post', () => leads('public'))
      expect(await leads('unlisted')).toBe(false)
      const text = await page(asked.id)
      expect(asked.ofGus.map((id) => text.includes(id))).toEqual([true, false])
    })
  })

  describe('that what another bridge brought', () => {
    test('does not come back from the fediverse', async () => {
      const { handle } = fedify.account('copy')
      expect(await refused(handle)).toContain('is somebody on Matrix, whom another bridge shows')
      const original = 'matrix:roomid/x:other.example/e/z'
      const copied = await fedify.post('carol', { content: 'a copied word', original })
      expect(await endOf(stack, copied.activity)).toMatch(/^skipped/)
      expect(await everything()).not.toContain('a copied word')
    })

    test('is nobody who could come from Matrix', async () => {
      const eve: MatrixClient = await stack.homeserver.register('irc_eve')
      const chat = await eve.createRoom({ is_direct: true, invite: [stack.botId] })
      await membership(eve, chat, { of: stack.botId, is: 'leave' })
      await fedify.follow('carol', me)
      await followedBy(alice, ['carol'])
      await alice.client.invite(profile, eve.userId)
      await eve.join(profile)
      await eve.text(profile, 'round and round')
      await alice.client.text(profile, 'after the other')
      await receives(fedify, 'Create', 'after the other')
      expect(await received(fedify, 'Create', 'round and round')).toEqual([])
    })
  })

  const followsAgain = (handle: string): Promise<true> =>
    waitUntil('following again', async () =>
      (await ask(alice, `follow ${handle}`, handle)).includes('Requested'),
    )

  /** Into the room of whom she follows again; from then on, their server sends her what they post. */
  async function comesBack(peer: ControlledPeer, name: string, portal: string): Promise<void> {
    await waitUntil('joining again', () => alice.client.join(portal))
    await waitUntil('a follower again', async () => (await peer.followers(name)).includes(me))
  }

  /** Their words are gone, whoever stood for them has left, and no follow is left in either direction. */
  async function leavesNothing(
    account: { readonly handle: string; readonly url: string },
    { portal, event }: { readonly portal: string; readonly event: string },
    optOut: () => Promise<unknown>,
  ): Promise<void> {
    const before = takenBy(stack, account.url)
    await optOut()
    await redacted(alice.client, event)
    await membership(alice.client, portal, { of: ghostId(account.handle), is: 'leave' })
    await shown(alice.client, portal, 'What was here of it is removed')
    // The end of either follow.
    await takesMore(stack, account.url, { more: 2, than: before })
    await refused(account.handle)
    expect(await ask(alice, 'following', 'ollow')).not.toContain(account.handle)
    expect(await ask(alice, 'followers', 'ollow')).not.toContain(account.handle)
  }

  /** Both follow each other, and one post of theirs stands in their room. */
  async function readEachOther(
    account: { readonly name: string; readonly id: string; readonly handle: string },
    write: () => Promise<unknown>,
  ) {
    const portal = await follow(alice, account)
    await followedBy(alice, [account.name])
    await write()
    const event = idOf(await shown(alice.client, portal, `words of ${account.name}`))
    return { portal, event }
  }

  describe('later, while they are followed and follow', () => {
    test('snac by #nobridge', async () => {
      await anna.follow(alice.handle.slice(1))
      const there = await readEachOther(anna, () => anna.note('words of anna'))
      const { handle } = anna
      const leave = () => anna.changeProfile({ bio: 'No more of this. #nobridge' })
      await leavesNothing({ handle, url: snac.url }, there, leave)
      await anna.note('more of anna')
      await alice.client.text(profile, 'without anna')
      await receives(fedify, 'Create', 'without anna')
      expect(JSON.stringify(await anna.timeline())).not.toContain('without anna')
      expect(await everything()).not.toContain('more of anna')
    })

    test('activitypub-express by bridgeable: false', async () => {
      await apex.follow('dora', me)
      const write = () => apex.post('dora', { content: 'words of dora' })
      const { handle, id } = apex.account('dora')
      const there = await readEachOther(apex.account('dora'), write)
      const leave = () => apex.accounts.describe('dora', { bridgeable: false })
      await leavesNothing({ handle, url: apex.url }, there, leave)
      expect(await receives(apex, 'Undo', id)).toMatchObject({ actor: me })
      expect(await receives(apex, 'Reject', id)).toMatchObject({ actor: me })
    })

    test('Fedify by the server that suspends them, until it lets them be again', async () => {
      const write = () => fedify.post('carol', { content: 'words of carol' })
      const there = await readEachOther(fedify.account('carol'), write)
      const { handle } = fedify.account('carol')
      const leave = () => fedify.accounts.describe('carol', { suspended: true })
      await leavesNothing({ handle, url: fedify.url }, there, leave)
      const post = await fedify.post('carol', { content: 'more of carol', mentions: [me] })
      expect(await endOf(stack, post.activity)).toMatch(/^skipped/)
      await fedify.accounts.describe('carol', { discoverable: true }, false)
      await ask(root, `refresh ${handle}`, 'Its server is asked')
      await followsAgain(handle)
      await comesBack(fedify, 'carol', there.portal)
      await fedify.post('carol', { content: 'carol is back' })
      await shown(alice.client, there.portal, 'carol is back')
    })

    test('activitypub-express by blocking the bridge itself, until that is taken back', async () => {
      await apex.follow('dan', me)
      const write = () => apex.post('dan', { content: 'words of dan' })
      const there = await readEachOther(apex.account('dan'), write)
      const { handle } = apex.account('dan')
      const block = { activity: '' }
      const leave = async () => Object.assign(block, await apex.block('dan', bot))
      await leavesNothing({ handle, url: apex.url }, there, leave)
      await apex.undo('dan', bot, block)
      await followsAgain(handle)
      await comesBack(apex, 'dan', there.portal)
      await apex.post('dan', { content: 'back again' })
      await shown(alice.client, there.portal, 'back again')
    })
  })

  describe('by a word to the bridge', () => {
    const ofBot = async (peer: ControlledPeer): Promise<readonly unknown[]> =>
      (await peer.received()).filter(
        ({ activity }) => activity.type === 'Create' && activity.actor === bot,
      )
    const write = (content: string) =>
      fedify.post('dave', { content, visibility: 'direct', mentions: [bot] })

    test('which has written to nobody for following or being followed', async () => {
      expect([await ofBot(apex), await ofBot(fedify)]).toEqual([[], []])
    })

    test('"stop" removes all of them, and "start" lets them be followed again', async () => {
      const { handle } = fedify.account('dave')
      const portal = await follow(alice, fedify.account('dave'))
      await fedify.post('dave', { content: 'words of dave' })
      const event = idOf(await shown(alice.client, portal, 'words of dave'))
      await write('stop')
      await receives(fedify, 'Create', 'You are not bridged any more')
      await redacted(alice.client, event)
      await membership(alice.client, portal, { of: ghostId(handle), is: 'leave' })
      expect(await refused(handle)).toContain('does not want to be bridged')
      await write('start')
      await receives(fedify, 'Create', 'may follow you and write to you again')
      await ask(alice, `follow ${handle}`, 'Requested')
      await comesBack(fedify, 'dave', portal)
      await fedify.post('dave', { content: 'here I am again' })
      await shown(alice.client, portal, 'here I am again')
      expect(await bodiesIn(alice.client, portal)).not.toContain('words of dave')
    })

    test('"help" is answered in plain words, on snac as well', async () => {
      await anton.direct(bot, 'help')
      const { content, visibility } = await anton.reads('I am Footbridge')
      expect(content).toContain('nothing of you is bridged any more')
      expect(visibility).not.toBe('public')
    })

    test('and every account says that it is bridged, and from where', async () => {
      const actor = await fedify.accounts.read('carol', me)
      expect(JSON.stringify(actor['attachment'])).toContain('Bridged by')
      expect(JSON.stringify(actor['attachment'])).toContain(alice.client.userId)
      const { handle } = fedify.account('cleo')
      const ghost = JSON.stringify(await alice.client.profile(ghostId(handle)))
      expect(ghost).toContain(handle)
      expect(ghost).toContain(stack.publicUrl)
    })
  })
})
