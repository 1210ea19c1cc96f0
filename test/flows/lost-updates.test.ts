import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import type { Http } from '../../src/model/http.ts'
import { asActorId, asObjectId } from '../../src/model/ids.ts'
import type { WorldOptions } from '../simulation/world.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let profile: RoomId
/** What happens while the server of whom an edit names is asked. */
let meanwhile: (() => Promise<void>) | undefined
let asked: number
/** What happens while the next activity of ours is made. */
let whileMade: (() => Promise<void>) | undefined

beforeEach(async () => {
  asked = 0
  meanwhile = undefined
  whileMade = undefined
  const web =
    (http: Http): Http =>
    async (request) => {
      if (new URL(request.url).host === 'slow.example') {
        asked += 1
        await meanwhile?.()
        meanwhile = undefined
        return { status: 404, headers: {}, body: Buffer.from('') }
      }
      return http(request)
    }
  const sabotage: WorldOptions['sabotage'] = ({ deps: { keys } }) => {
    const ensureKeys = keys.ensureKeys.bind(keys)
    Object.assign(keys, {
      ensureKeys: async (...given: Parameters<typeof ensureKeys>) => {
        const first = whileMade
        whileMade = undefined
        await first?.()
        return ensureKeys(...given)
      },
    })
  }
  flow = await createFlow({}, { web, sabotage })
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  profile = await flow.publish(alice)
  await flow.gain(alice, bob)
})
afterEach(() => flow.close())

const noteIn = (activity: Document | undefined): Document => activity?.['object'] as Document

/** A post of Alice's that Bob got; the message and its id. */
async function posted(): Promise<readonly [EventId, string]> {
  const message = alice.say(profile, 'one')
  await flow.quiet()
  return [message, String(noteIn(flow.received(bob, 'Create').at(-1))['id'])]
}

/** An edit that is slow to resolve. */
const editSlowly = (message: EventId): EventId =>
  alice.edit(profile, message, 'two @carl@slow.example')

test('an edit keeps what another job changed while it was resolved', async () => {
  const [message, id] = await posted()
  meanwhile = async () => {
    const object = await flow.store.findObject(asObjectId(id))
    if (object?.note === undefined) throw new Error('no note')
    const changed = { ...object, note: { ...object.note, language: 'nl' } }
    await flow.store.commit([{ change: 'put-object', object: changed }])
  }
  editSlowly(message)
  await flow.minutes(3)
  expect(asked).toBeGreaterThan(1)
  const updates = flow.received(bob, 'Update').map(noteIn)
  expect(updates).toMatchObject([{ id, content: expect.stringContaining('two') }])
  expect(updates[0]?.['contentMap']).toHaveProperty('nl')
  expect((await flow.store.findObject(asObjectId(id)))?.note).toMatchObject({ language: 'nl' })
})

test('an edit of what goes while it is resolved is told to nobody', async () => {
  const [message, id] = await posted()
  meanwhile = async () => {
    const { author } = (await flow.store.findObject(asObjectId(id))) ?? {}
    if (author === undefined) throw new Error('no note')
    const at = flow.time.now()
    await flow.store.commit([{ change: 'delete-object', id: asObjectId(id), author, at }])
  }
  editSlowly(message)
  await flow.minutes(3)
  expect(asked).toBeGreaterThan(0)
  expect(flow.received(bob, 'Update')).toEqual([])
  expect(await flow.failures()).toEqual([])
})

test('a profile that is edited while its account is deleted brings the account back to nobody', async () => {
  const id = asActorId(await flow.actorOf(alice))
  whileMade = async () => {
    const actor = await flow.store.findLocalActor(id)
    if (actor === undefined) throw new Error('no actor')
    const deletedAt = flow.time.now()
    await flow.store.commit([{ change: 'put-local-actor', actor: { ...actor, deletedAt } }])
  }
  await flow.command(alice, 'profile bio I like cats.')
  await flow.minutes(3)
  expect(whileMade).toBeUndefined()
  expect(await flow.store.findLocalActor(id)).toHaveProperty('deletedAt')
  expect(flow.received(bob, 'Update')).toEqual([])
  expect(await flow.failures()).toEqual([])
})
