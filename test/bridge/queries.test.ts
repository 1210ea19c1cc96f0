import { expect, test } from '@jest/globals'
import { createQueries } from '../../src/bridge/queries.ts'
import { asRoomAlias, asUserId } from '../../src/model/ids.ts'
import { createBridge } from '../support/bridge.ts'

/** As many accounts, met by the homeserver's questions over enough time. */
async function createKnown(count: number) {
  const bridge = await createBridge()
  const queries = createQueries(bridge.deps)
  const names = Array.from({ length: count }, (_, i) => `_ap_bob${10 + i}_social.test:hs.test`)
  for (const [i, name] of names.entries()) {
    bridge.fediverse.addAccount(`bob${10 + i}@social.test`)
    expect(await queries.userExists(asUserId(`@${name}`))).toBe(true)
    await bridge.clock.advance(60_000)
  }
  const ask = async (): Promise<number> => {
    const answers: boolean[] = []
    for (const name of names) answers.push(await queries.aliasExists(asRoomAlias(`#${name}`)))
    return answers.filter((isThere) => isThere).length
  }
  return { bridge, ask }
}

test('rooms that alias queries make are as few as look-ups, and known ones always answer', async () => {
  const { bridge, ask } = await createKnown(15)
  expect(await ask()).toBe(10)
  expect(await ask()).toBe(10)
  expect(bridge.hs.rooms()).toHaveLength(10)
  await bridge.clock.advance(60_000)
  expect(await ask()).toBe(15)
})

test('an alias of an account never seen counts once', async () => {
  const bridge = await createBridge()
  const queries = createQueries(bridge.deps)
  const answers: boolean[] = []
  for (let i = 10; i < 22; i++) {
    bridge.fediverse.addAccount(`bob${i}@social.test`)
    const alias = asRoomAlias(`#_ap_bob${i}_social.test:hs.test`)
    answers.push(await queries.aliasExists(alias))
  }
  expect(answers.filter((isThere) => isThere)).toHaveLength(10)
})
