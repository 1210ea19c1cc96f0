import { expect, test } from '@jest/globals'
import { ensureLocalActor } from '../../src/bridge/actors.ts'
import { readResource, toWebFinger } from '../../src/activitypub/webfinger.ts'
import { asUserId } from '../../src/model/ids.ts'
import { createBridge } from '../support/bridge.ts'

/** User ids, in the order in which they come, with the name that each has from then on. */
const people: readonly (readonly [userId: string, username: string])[] = [
  ['@alice:hs.test', 'alice'],
  // Historical ids, which the specification still allows.
  ['@Alice:hs.test', 'alice_2'],
  ['@ALICE:hs.test', 'alice_3'],
  ['@alice=2f:hs.test', 'alice_2f'],
  ['@alice_2:hs.test', 'alice_2_2'],
  ['@first.last:hs.test', 'first.last'],
  ['@.hidden.:hs.test', 'hidden'],
  ['@a/b+c=d:hs.test', 'a_b_c_d'],
  ['@a_b_c_d:hs.test', 'a_b_c_d_2'],
  ['@zoë:hs.test', 'zoe'],
  ['@Ζωή:hs.test', '_'],
  ['@日本:hs.test', '__2'],
  ['@alice:other.test', 'alice.other.test'],
  ['@alice:other.test:8448', 'alice.other.test_8448'],
  ['@alice.other.test:hs.test', 'alice.other.test_2'],
  ['@alice:[2001:db8::1]:8448', 'alice._2001_db8_1_8448'],
  ['@hs.test:hs.test', 'hs.test_2'],
  ['@footbridge:hs.test', 'footbridge_2'],
]
const long = ['a', 'b'].map((end) => `@${'x'.repeat(200)}${end}:hs.test`)

test('every user has a name of their own for ever, by which they are found in any spelling', async () => {
  const { deps } = await createBridge()
  const { publicUrl, handleDomain } = deps.identity
  const place = { publicUrl, handleDomain }
  const names: string[] = []
  for (const userId of [...people.map(([id]) => id), ...long]) {
    names.push((await ensureLocalActor(asUserId(userId), deps)).actor.username)
  }
  expect(names.slice(0, people.length)).toEqual(people.map(([, username]) => username))
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
  for (const [index, userId] of [...people.map(([id]) => id), ...long].entries()) {
    const name = names[index] ?? ''
    expect(name).toMatch(/^\w+(?:[.-]+\w+)*$/)
    expect(name.length).toBeLessThanOrEqual(64)
    const spellings = [name, name.toUpperCase()].flatMap((spelt) =>
      [handleDomain, new URL(publicUrl).host].map((domain) => `acct:${spelt}@${domain}`),
    )
    for (const resource of spellings) {
      const target = readResource(resource, place)
      if (typeof target === 'string' || target.kind !== 'username') throw new Error(resource)
      const found = await deps.store.findLocalActorByUsername(target.username)
      expect(found?.userId).toBe(userId)
      // What Mastodon compares: the answer leads to the actor, and names it as the actor does.
      expect(found && toWebFinger(found, place)).toMatchObject({
        subject: `acct:${name}@${handleDomain}`,
        links: expect.arrayContaining([expect.objectContaining({ rel: 'self', href: found?.id })]),
      })
    }
    // Asked again, it is the same account.
    expect((await ensureLocalActor(asUserId(userId), deps)).actor.username).toBe(name)
  }
})
