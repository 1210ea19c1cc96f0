import { beforeEach, describe, expect, test } from '@jest/globals'
import type { LocalActor, RemoteActor } from '../../src/model/actor.ts'
import { asUserId } from '../../src/model/ids.ts'
import { publicCollection } from '../../src/model/audience.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'

let bridge: Bridge
let alice: LocalActor
let bob: RemoteActor
let carol: RemoteActor
let fetched: string[]
let count = 0

beforeEach(async () => {
  bridge = await createBridge()
  bob = bridge.fediverse.addAccount('bob@social.test')
  carol = bridge.fediverse.addAccount('carol@other.test')
  const { user, chat } = await bridge.meet('@alice:hs.test')
  user.say(chat, 'register')
  await bridge.settle()
  const actor = await bridge.store.findLocalActorByUser(user.userId)
  if (actor === undefined) throw new Error('alice is nobody')
  alice = actor
  fetched = []
  const { fetchActor } = bridge.fediverse
  bridge.deps.fediverse.fetchActor = (id) => (fetched.push(id), fetchActor(id))
})

const ghosts = async (): Promise<number> => (await bridge.store.countRows())['ghost'] ?? 0

type Document = Readonly<Record<string, unknown>>

/** What became of an activity of Bob. */
async function receive(document: Document): Promise<string | undefined> {
  await bridge.receive({ id: `${bob.id}/activities/${++count}`, actor: bob.id, ...document })
  await bridge.settle()
  return bridge.outcomes.findLast((line) => line.startsWith('activity'))
}

const mentioning = (...people: readonly { readonly id: string }[]) =>
  people.map(({ id }) => ({ type: 'Mention', href: id, name: '@somebody' }))

const create = (object: Document) => ({
  type: 'Create',
  object: {
    ...{ id: `${bob.id}/notes/${count}`, type: 'Note', attributedTo: bob.id },
    ...{ content: `<p>hello <a href="${carol.id}">@carol</a></p>`, to: [publicCollection], cc: [] },
    ...object,
  },
})

const keep = (actor: RemoteActor) =>
  bridge.store.commit([
    { change: 'put-remote-actor', actor: { ...actor, fetchedAt: bridge.clock.now() } },
  ])

describe('no ghost is made by', () => {
  test('what we do not bridge, and nothing is fetched for it', async () => {
    expect(await receive({ type: 'Travel', object: 'x' })).toBe('activity skipped: unsupported')
    expect([await ghosts(), fetched]).toEqual([0, []])
  })

  test('a post that nobody here is to see', async () => {
    await keep(carol)
    expect(await receive(create({ tag: mentioning(carol) }))).toBe('activity skipped: no-place')
    expect(await ghosts()).toBe(0)
  })

  test('a private message for others, and those are not looked at', async () => {
    const to = [carol.id]
    const message = create({ to, tag: mentioning(carol) })
    expect(await receive(message)).toBe('activity skipped: no-place')
    expect([await ghosts(), new Set(fetched)]).toEqual([0, new Set([bob.id])])
  })

  test('somebody who follows, likes or takes back', async () => {
    expect(await receive({ type: 'Follow', object: alice.id })).toBe('activity done')
    expect(await receive({ type: 'Undo', object: `${bob.id}/x` })).toBe(
      'activity skipped: unknown-target',
    )
    expect(await receive({ type: 'Like', object: `${alice.id}/x` })).toBe(
      'activity skipped: unknown-target',
    )
    expect(await ghosts()).toBe(0)
  })
})

test('who is shown has a ghost, and so has everybody whose name is a pill', async () => {
  await keep(carol)
  const note = { to: [publicCollection], cc: [alice.id], tag: mentioning(alice, carol) }
  expect(await receive(create(note))).toBe('activity done')
  expect(await ghosts()).toBe(2)
  const shown = bridge.hs.rooms().map((roomId) => JSON.stringify(bridge.hs.timeline(roomId)))
  expect(shown.join()).toContain('https://matrix.to/#/%40_ap_carol_other.test%3Ahs.test')
  const ghost = await bridge.store.findGhostByUser(asUserId('@_ap_carol_other.test:hs.test'))
  expect(ghost?.actorId).toBe(carol.id)
})

test('a name that another account took meanwhile is not shown as its own', async () => {
  // Two accounts of one handle, one after the other on the same server.
  await keep(carol)
  const again = { ...carol, id: `${carol.id}-again` } as RemoteActor
  const { locks } = bridge.deps
  let isFirst = true
  const raced: typeof locks = async (key, work) => {
    if (isFirst && key.startsWith('ghost other.test')) {
      isFirst = false
      const userId = asUserId('@_ap_carol_other.test:hs.test')
      await bridge.store.commit([
        { change: 'put-ghost', ghost: { userId, actorId: again.id, registered: false } },
      ])
    }
    return locks(key, work)
  }
  Object.assign(bridge.deps, { locks: raced })
  const note = { to: [publicCollection], cc: [alice.id], tag: mentioning(alice, carol) }
  await expect(receive(create(note))).rejects.toThrow('took the name')
  expect(JSON.stringify(bridge.hs.rooms().map(bridge.hs.timeline))).not.toContain('hello')
})
