import { afterEach, expect, test } from '@jest/globals'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import express from 'express'
import { avatarRoutes } from '../../src/web/avatar.ts'
import { asUserId, type Mxc } from '../../src/model/ids.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const publicUrl = 'https://fedi.hs.test'
const mxcOf = (name: string): Mxc => `mxc://hs.test/${name}` as Mxc

/** Everybody has a picture: as many bytes as `sizes` says. Gives what was read of the homeserver. */
async function serve(sizes: Readonly<Record<string, number>>) {
  const read: string[] = []
  const routes = avatarRoutes({
    publicUrl,
    findLocalActor: async (id) => {
      const username = id.split('/').at(-1) ?? ''
      const avatar = mxcOf(username)
      return { id, username, avatar, userId: asUserId(`@${username}:hs.test`), createdAt: 0 }
    },
    readMedia: async (mxc) => {
      const name = mxc.split('/').at(-1) ?? ''
      read.push(name)
      const size = sizes[name]
      return size === undefined ? undefined : Buffer.alloc(size, name)
    },
    imageTypeOf: () => 'image/png',
  })
  const server = express().use(routes).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const get = async (name: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/actors/${name}/avatar`)
    const bytes = Buffer.from(await response.arrayBuffer())
    return response.status === 200 ? bytes.equals(Buffer.alloc(sizes[name] ?? 0, name)) : false
  }
  return { get, read }
}

test('pictures asked for in turn are read once each', async () => {
  const { get, read } = await serve({ alice: 1_000, dora: 1_000 })
  for (const name of ['alice', 'dora', 'alice', 'dora']) expect(await get(name)).toBe(true)
  expect(read).toEqual(['alice', 'dora'])
})

test('of more pictures than fit, the one not asked for longest is forgotten', async () => {
  const sizes = { alice: 900_000, dora: 900_000, erin: 900_000 }
  const { get, read } = await serve(sizes)
  for (const name of ['alice', 'dora', 'alice', 'erin', 'alice', 'dora']) {
    expect(await get(name)).toBe(true)
  }
  expect(read).toEqual(['alice', 'dora', 'erin', 'dora'])
})

test('a picture larger than all that is kept is shown, and takes no place of others', async () => {
  const { get, read } = await serve({ alice: 1_000, large: 3_000_000 })
  for (const name of ['alice', 'large', 'large', 'alice']) expect(await get(name)).toBe(true)
  expect(read).toEqual(['alice', 'large', 'large'])
})

test('what the homeserver no longer has is asked for again', async () => {
  const { get, read } = await serve({})
  expect([await get('alice'), await get('alice')]).toEqual([false, false])
  expect(read).toEqual(['alice', 'alice'])
})
