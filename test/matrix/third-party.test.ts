import { afterEach, expect, test } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { asRoomAlias, asUserId } from '../../src/model/ids.ts'
import { thirdPartyRoutes } from '../../src/matrix/third-party.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const fields = { handle: '@bob@social.test', id: 'https://social.test/users/bob' }
const bob = { userid: asUserId('@_ap_bob_social.test:hs.test'), fields }
const room = { alias: asRoomAlias('#_ap_bob_social.test:hs.test'), fields }

async function start(isLate = false) {
  const asked: string[] = []
  const note =
    <Found>(what: string, found: readonly Found[]) =>
    async (text: string): Promise<readonly Found[]> => {
      asked.push(`${what} ${text}`)
      return found
    }
  const router = thirdPartyRoutes({
    usersNamed: note('users named', [bob]),
    usersOf: note('users of', [bob]),
    locationsNamed: note('locations named', [room]),
    locationsOf: note('locations of', []),
    inTime: async (ask) => (isLate ? 'too-late' : ask()),
  })
  const server = createServer(express().set('query parser', 'simple').use(router))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/_matrix/app/v1/thirdparty/${path}`)
    return { status: response.status, body: await response.json() }
  }
  return { get, asked }
}

test.each<[string, string, unknown]>([
  ['user/activitypub?handle=%40bob%40social.test', 'users named @bob@social.test', bob],
  ['location/activitypub?handle=bob%40social.test', 'locations named bob@social.test', room],
  ['user?userid=%40_ap_bob_social.test%3Ahs.test', 'users of @_ap_bob_social.test:hs.test', bob],
])('%s is a list with the protocol in each entry', async (path, question, one) => {
  const { get, asked } = await start()
  const answer = [{ ...(one as object), protocol: 'activitypub' }]
  expect(await get(path)).toEqual({ status: 200, body: answer })
  expect(asked).toEqual([question])
})

test('nobody found is an empty list', async () => {
  const { get } = await start()
  const alias = encodeURIComponent('#_ap_bob_social.test:hs.test')
  expect(await get(`location?alias=${alias}`)).toEqual({ status: 200, body: [] })
})

test.each([
  'user/activitypub',
  'user/activitypub?handle=',
  'user/activitypub?handle=a&handle=b',
  `user/activitypub?handle=${'a'.repeat(2_000)}`,
])('%# without one bounded field nobody is asked', async (path) => {
  const { get, asked } = await start()
  expect(await get(path)).toEqual({ status: 200, body: [] })
  expect(asked).toEqual([])
})

test('the protocol says by what people are found', async () => {
  const { get } = await start()
  const { status, body } = await get('protocol/activitypub')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    user_fields: ['handle'],
    location_fields: ['handle'],
    instances: [{ network_id: 'activitypub', desc: 'The fediverse' }],
  })
  const { regexp } = (body as { field_types: { handle: { regexp: string } } }).field_types.handle
  const pattern = new RegExp(`^(?:${regexp})$`)
  expect(
    ['@bob@social.test', 'bob@social.test', 'bob', '@bob'].map((one) => pattern.test(one)),
  ).toEqual([true, true, false, false])
})

test('what takes too long is an error, not nobody', async () => {
  const { get } = await start(true)
  expect((await get('user/activitypub?handle=bob%40social.test')).status).toBe(500)
})
