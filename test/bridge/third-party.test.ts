import { expect, test } from '@jest/globals'
import { ensureLocalActor } from '../../src/bridge/actors.ts'
import { createQueries } from '../../src/bridge/queries.ts'
import { asRoomAlias, asUserId } from '../../src/model/ids.ts'
import { createBridge } from '../support/bridge.ts'

const ghost = asUserId('@_ap_bob_social.test:hs.test')
const alias = asRoomAlias('#_ap_bob_social.test:hs.test')

async function setUp() {
  const bridge = await createBridge()
  const account = bridge.fediverse.addAccount('bob@social.test')
  const { thirdParty } = createQueries(bridge.deps)
  const fields = { handle: '@bob@social.test', id: account.id }
  return { bridge, thirdParty, fields }
}

test.each(['@bob@social.test', 'bob@social.test', '@bob@SOCIAL.test'])(
  '%s is looked up once, and found both ways from then on',
  async (handle) => {
    const { bridge, thirdParty, fields } = await setUp()
    expect(await thirdParty.usersOf(ghost)).toEqual([])
    expect(await thirdParty.usersNamed(handle)).toEqual([{ userid: ghost, fields }])
    expect(await thirdParty.locationsNamed(handle)).toEqual([{ alias, fields }])
    expect(await thirdParty.usersOf(ghost)).toEqual([{ userid: ghost, fields }])
    expect(await thirdParty.locationsOf(alias)).toEqual([{ alias, fields }])
    // Looking makes nothing on the homeserver.
    expect(bridge.hs.rooms()).toEqual([])
  },
)

test.each(['bob', 'https://social.test/users/bob', '@nobody@social.test', ''])(
  '%j finds nobody',
  async (handle) => {
    const { thirdParty } = await setUp()
    expect(await thirdParty.usersNamed(handle)).toEqual([])
    expect(await thirdParty.locationsNamed(handle)).toEqual([])
  },
)

test('somebody of ours is found by their handle, and a room is nobody', async () => {
  const { bridge, thirdParty } = await setUp()
  const { identity } = bridge.deps
  const { actor: alice } = await ensureLocalActor(asUserId('@alice:hs.test'), bridge.deps)
  const handle = `@${alice.username}@${identity.handleDomain}`
  expect(await thirdParty.usersNamed(handle)).toEqual([
    { userid: alice.userId, fields: { handle, id: alice.id } },
  ])
  expect(await thirdParty.usersNamed(`@nobody@${identity.handleDomain}`)).toEqual([])
  await bridge.store.commit([{ change: 'put-local-actor', actor: { ...alice, group: {} } }])
  expect(await thirdParty.usersNamed(handle)).toEqual([])
})

test('strangers are looked up ten times a minute, whoever asks; known ones always', async () => {
  const { bridge, thirdParty } = await setUp()
  const handles = Array.from({ length: 12 }, (_, i) => `p${i}@social.test`)
  for (const handle of handles) bridge.fediverse.addAccount(handle)
  const found = async () => {
    const lists = []
    for (const handle of handles) lists.push(await thirdParty.usersNamed(handle))
    return lists.filter(({ length }) => length === 1).length
  }
  expect(await found()).toBe(10)
  expect(await found()).toBe(10)
  await bridge.clock.advance(60_000)
  expect(await found()).toBe(12)
})

test('nobody of a suspended server is found', async () => {
  const { bridge, thirdParty } = await setUp()
  await thirdParty.usersNamed('bob@social.test')
  const block = {
    domain: 'social.test',
    severity: 'suspend',
    rejectsMedia: false,
    rejectsReports: false,
    by: asUserId('@admin:hs.test'),
    at: 0,
  } as const
  await bridge.store.commit([{ change: 'put-domain-block', block }])
  expect(await thirdParty.usersNamed('bob@social.test')).toEqual([])
  expect(await thirdParty.locationsNamed('bob@social.test')).toEqual([])
  expect(await thirdParty.usersOf(ghost)).toEqual([])
})

test('nobody is found who wants to be left alone, neither way', async () => {
  const { bridge, thirdParty, fields } = await setUp()
  expect(await thirdParty.usersNamed('bob@social.test')).toHaveLength(1)
  const key = `stopped ${fields.id}`
  await bridge.store.commit([{ change: 'mark', key, value: 'stop', at: 0 }])
  expect(await thirdParty.usersNamed('bob@social.test')).toEqual([])
  expect(await thirdParty.usersOf(ghost)).toEqual([])
  expect(await thirdParty.locationsOf(alias)).toEqual([])
})
