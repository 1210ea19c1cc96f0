import { beforeEach, describe, expect, test } from '@jest/globals'
import type { ActorId } from '../../src/model/ids.ts'
import type { Change } from '../../src/model/change.ts'
import type { Deps } from '../../src/bridge/ports.ts'
import type { RemoteActor } from '../../src/model/actor.ts'
import { performSend } from '../../src/bridge/perform-send.ts'
import { asObjectId, asUserId } from '../../src/model/ids.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'

const alice = asUserId('@alice:hs.test')
const post = asObjectId('https://third.test/1')

let bridge: Bridge
let bob: RemoteActor
let carl: RemoteActor

beforeEach(async () => {
  bridge = await createBridge()
  bob = bridge.fediverse.addAccount('bob@social.test')
  carl = bridge.fediverse.addAccount('carl@other.test')
})

const bring = (as: ActorId, deps: Deps) =>
  performSend(
    {
      do: 'send',
      as,
      place: { kind: 'home', userId: alice },
      from: post,
      part: 0,
      text: { msgtype: 'm.text', body: 'worth it', mentions: [] },
    },
    { isRepeated: false, found: new Map() },
    deps,
  )

const isMapping = ({ change }: Change): boolean => change === 'add-mapping'

/** The senders of what stands in the home room, and of what we know to stand there. */
async function speakers(): Promise<readonly [shown: unknown[], known: unknown[]]> {
  const roomId = (await bridge.store.findPortal({ kind: 'home', userId: alice }))?.roomId
  if (roomId === undefined) throw new Error('there is no home')
  const messages = bridge.hs.timeline(roomId).filter(({ type }) => type === 'm.room.message')
  const known = await bridge.store.mappingsOf(post)
  return [messages.map(({ sender }) => sender), known.map(({ sender }) => sender)]
}

const bobs = '@_ap_bob_social.test:hs.test'
const carls = '@_ap_carl_other.test:hs.test'

describe('who brings a post into a home room that another one was about to bring', () => {
  test('takes what the other one had sent for their own', async () => {
    const { deps } = bridge
    const commit: Deps['store']['commit'] = async (changes) => {
      if (changes.some(isMapping)) throw new Error('died')
      await deps.store.commit(changes)
    }
    await expect(bring(bob.id, { ...deps, store: { ...deps.store, commit } })).rejects.toThrow(
      'died',
    )
    await bring(carl.id, deps)
    await bring(bob.id, deps)
    expect(await speakers()).toEqual([[bobs], [bobs]])
  })

  test('brings it where the other one had not sent it', async () => {
    const { deps } = bridge
    const send: Deps['homeserver']['send'] = async () => {
      throw new Error('died')
    }
    const dying = { ...deps, homeserver: { ...deps.homeserver, send } }
    await expect(bring(bob.id, dying)).rejects.toThrow('died')
    await bring(carl.id, deps)
    await bring(bob.id, deps)
    expect(await speakers()).toEqual([[carls], [carls]])
  })

  test('leaves it to the other one, at the same moment', async () => {
    await Promise.all([bring(bob.id, bridge.deps), bring(carl.id, bridge.deps)])
    const [shown, known] = await speakers()
    expect(shown).toHaveLength(1)
    expect(known).toEqual(shown)
  })
})
