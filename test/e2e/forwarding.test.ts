import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type ControlledPeer,
  type Received,
  startApex,
  startFedify,
} from './support/control-peer.ts'
import { findActor, noteIn, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import {
  bodiesIn,
  enter,
  followedBy,
  idOf,
  openProfile,
  portalAlias,
  relationOf,
  shown,
} from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'apex', 'fedify'], 'what is passed on for others', () => {
  let stack: Stack
  let apex: ControlledPeer
  /** Where authors are, and where their readers are: two servers of one kind. */
  let authors: ControlledPeer
  let readers: ControlledPeer
  /** A second server of activitypub-express. */
  let far: ControlledPeer
  let alice: Guest
  let me: string

  beforeAll(async () => {
    ;[stack, apex, authors, readers, far] = await Promise.all([
      startStack(),
      startApex({ accounts: ['dora', 'dan'] }),
      startFedify({ accounts: ['carol', 'cleo'] }),
      startFedify({ accounts: ['will'] }),
      startApex({ accounts: ['wanda'] }),
    ])
    alice = await stack.meet('alice')
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(`${stack.bridge.output()}\n${authors.output()}\n${readers.output()}`)
    await stack.stop()
  })

  /** Where the id of the key stands in both kinds of signatures. */
  const signedBy = ({ headers }: Received): string =>
    headers['signature-input'] ?? headers['signature'] ?? ''

  /** An activity of one server that another one has passed on to a third, and what that answered. */
  const passedOn = (to: ControlledPeer, type: string, object: string) =>
    waitUntil(`${type} of ${object} at ${to.url}`, async () =>
      (await to.received()).find(
        ({ activity }) => activity.type === type && JSON.stringify(activity).includes(object),
      ),
    )

  describe('a reply to somebody whom a Matrix user follows', () => {
    let room: string
    let parent: { readonly object: string }

    beforeAll(async () => {
      const carol = authors.account('carol')
      await alice.client.text(alice.management, `follow ${carol.handle} --replies`)
      room = await enter(alice.client, portalAlias(carol.handle))
      await readers.follow('will', carol.id)
      await waitUntil('the follow', async () =>
        (await readers.following('will')).includes(carol.id),
      )
      parent = await authors.post('carol', { content: 'a question to all' })
    })

    const isBelow = async (text: string): Promise<void> => {
      const root = idOf(await shown(alice.client, room, 'a question to all'))
      expect(relationOf(await shown(alice.client, room, text))).toMatchObject({ event_id: root })
    }

    test('that her server passes on with a proof is shown', async () => {
      const reply = { inReplyTo: parent.object, mentions: [authors.account('carol').id] }
      await readers.post('will', { content: 'an answer with a proof', ...reply })
      await isBelow('an answer with a proof')
    })

    test('that her server passes on without one is fetched where it is from', async () => {
      const reply = { inReplyTo: parent.object, mentions: [authors.account('carol').id] }
      await apex.post('dan', { content: 'an answer without a proof', ...reply })
      await isBelow('an answer without a proof')
    })

    test('that activitypub-express passes on is fetched where it is from', async () => {
      const dora = apex.account('dora')
      await alice.client.text(alice.management, `follow ${dora.handle} --replies`)
      const doras = await enter(alice.client, portalAlias(dora.handle))
      const asked = await apex.post('dora', { content: 'a question of hers' })
      const root = idOf(await shown(alice.client, doras, 'a question of hers'))
      const reply = { inReplyTo: asked.object, mentions: [dora.id], cc: [`${dora.id}/followers`] }
      const { activity } = await far.post('wanda', { content: 'an answer to her', ...reply })
      const answer = await shown(alice.client, doras, 'an answer to her')
      expect(relationOf(answer)).toMatchObject({ event_id: root })
      expect(stack.bridge.log().map(({ key }) => key)).toContain(`fetch ${activity}`)
    })

    test('by the Matrix user has a proof that Fedify believes', async () => {
      me = await findActor(stack.publicUrl, alice.handle)
      const root = idOf(await shown(alice.client, room, 'a question to all'))
      await alice.client.threadReply(room, root, 'an answer from Matrix')
      await receives(authors, 'Create', 'an answer from Matrix')
      const create = await waitUntil('the answer at the third server', async () =>
        (await readers.received()).find(
          ({ activity }) =>
            activity.actor === me && JSON.stringify(activity).includes('an answer from Matrix'),
        ),
      )
      expect(create.status).toBe(202)
      expect(signedBy(create)).toContain(authors.account('carol').id)
    })
  })

  describe('a reply to a Matrix user', () => {
    let profile: string
    let parent: string

    beforeAll(async () => {
      profile = await openProfile(alice)
      await readers.follow('will', me)
      await apex.follow('dora', me)
      await authors.follow('carol', me)
      await followedBy(alice, ['will', 'dora', 'carol'])
      await alice.client.text(profile, 'what do you think?')
      const create = await receives(authors, 'Create', 'what do you think?')
      parent = noteIn(create).id
      expect(create['proof']).toMatchObject({ cryptosuite: 'eddsa-jcs-2022' })
    })

    // Nobody follows cleo: what she writes reaches readers by the server of whom she answers.
    test('goes on to the followers with the proof of its author, which Fedify believes', async () => {
      const reply = { inReplyTo: parent, mentions: [me], cc: [`${me}/followers`] }
      const post = await authors.post('cleo', { content: 'I think so', ...reply })
      await shown(alice.client, profile, 'I think so')
      const create = await passedOn(readers, 'Create', post.object)
      expect(create).toMatchObject({ status: 202, activity: { id: post.activity } })
      expect(signedBy(create)).toContain(`"${me}#`)

      await authors.update('cleo', post.object, 'I thought so')
      expect((await passedOn(readers, 'Update', post.object)).status).toBe(202)
      await authors.remove('cleo', post.object)
      expect((await passedOn(readers, 'Delete', post.object)).status).toBe(202)
    })

    test('is offered to activitypub-express too, which takes no word of third parties', async () => {
      const { status } = await passedOn(apex, 'Create', 'I think so')
      expect(status).toBeGreaterThanOrEqual(400)
      expect((await bodiesIn(alice.client, profile)).join()).not.toMatch(/not delivered|could not/i)
    })
  })
})
