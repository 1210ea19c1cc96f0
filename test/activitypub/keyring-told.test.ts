import { describe, expect, test } from '@jest/globals'
import { actorDocument, createWeb, failureOf, instanceKey, publicPem } from './web.ts'
import { bob, fresh, keyId, keyringOf, pemOf, withKey } from './keyring-setup.ts'
import type { ActorId } from '../../src/model/ids.ts'
import { parseActor } from '../../src/activitypub/parse.ts'
import type { RemoteActor } from '../../src/model/actor.ts'

describe('a new key', () => {
  const old = parseActor(withKey(publicPem(instanceKey)), 0)

  describe('of which its actor has told', () => {
    const renamed = `${bob}#second-key`
    const second = { id: renamed, owner: bob as ActorId, pem: publicPem(fresh) }

    async function told(publicKeys: RemoteActor['publicKeys']) {
      const web = createWeb({ [bob]: { json: withKey(publicPem(instanceKey)) } })
      const ring = keyringOf(web, [old])
      await ring.keyFor(keyId)
      ring.actors.set(old.id, { ...old, publicKeys })
      const document = actorDocument(bob, {
        publicKey: publicKeys.map(({ pem, ...key }) => ({ ...key, publicKeyPem: pem })),
      })
      web.pages[bob] = { json: document }
      return { web, ring }
    }

    test('holds at once, without a fetch', async () => {
      const { web, ring } = await told([{ ...second, id: keyId }])
      expect(await pemOf(ring.refetch(keyId))).toBe(publicPem(fresh))
      expect(web.asked()).toEqual([])
    })

    test('with the same id is not missed by who has not seen its signature', async () => {
      const { web, ring } = await told([{ ...second, id: keyId }])
      expect(await pemOf(ring.keyFor(keyId))).toBe(publicPem(instanceKey))
      web.clock.time += 600_000
      expect(await pemOf(ring.keyFor(keyId))).toBe(publicPem(fresh))
      expect(web.asked()).toEqual([])
    })

    test('with another id ends the one before it within ten minutes', async () => {
      const { web, ring } = await told([second])
      expect(await pemOf(ring.keyFor(renamed))).toBe(publicPem(fresh))
      web.clock.time += 600_000
      expect(await failureOf(ring.keyFor(keyId))).toMatchObject({ code: 'hostile' })
      expect(web.asked()).toEqual([bob])
    })
  })

  test('of an account that nobody here keeps is looked at again after a day', async () => {
    const web = createWeb({ [bob]: { json: withKey(publicPem(instanceKey)) } })
    const { keyFor } = keyringOf(web)
    await keyFor(keyId)
    web.clock.time += 3_600_000
    await keyFor(keyId)
    expect(web.asked()).toEqual([bob])
    web.pages[bob] = { json: withKey(publicPem(fresh)) }
    web.clock.time += 86_400_000
    expect(await pemOf(keyFor(keyId))).toBe(publicPem(fresh))
    expect(web.asked()).toEqual([bob, bob])
  })
})
