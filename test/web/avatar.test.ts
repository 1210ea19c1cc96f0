import { afterEach, expect, test } from '@jest/globals'
import type { AddressInfo } from 'node:net'
import { request, type IncomingMessage, type Server } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import express from 'express'
import { avatarRoutes } from '../../src/web/avatar.ts'
import { asUserId, type Mxc } from '../../src/model/ids.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const publicUrl = 'https://fedi.hs.test'
const mxcOf = (name: string): Mxc => `mxc://hs.test/${name}` as Mxc

type Homeserver = { readonly failing?: ReadonlySet<string>; readonly crowd?: number }

/**
 * Everybody has a picture: as many bytes as `sizes` says. Gives what was read of the homeserver,
 * which answers nothing before a `crowd` of requests has come, nor for who is `failing`.
 */
async function serve(
  sizes: Readonly<Record<string, number>>,
  { failing = new Set(), crowd = 1 }: Homeserver = {},
) {
  const read: string[] = []
  let requests = 0
  const crowded = Promise.withResolvers<true>()
  const routes = avatarRoutes({
    publicUrl,
    findLocalActor: async (id) => {
      requests += 1
      if (requests === crowd) crowded.resolve(true)
      const username = id.split('/').at(-1) ?? ''
      const avatar = mxcOf(username)
      return { id, username, avatar, userId: asUserId(`@${username}:hs.test`), createdAt: 0 }
    },
    readMedia: async (mxc) => {
      const name = mxc.split('/').at(-1) ?? ''
      read.push(name)
      await crowded.promise
      await setTimeout(20)
      if (failing.has(name)) throw new Error('homeserver is away')
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
  /** Reads nothing of the body. */
  const take = (name: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const path = `http://127.0.0.1:${port}/actors/${name}/avatar`
      request(path, resolve).on('error', reject).end()
    })
  return { get, read, take }
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

test('a large picture that many ask for at once is read once', async () => {
  const { get, read } = await serve({ large: 3_000_000 }, { crowd: 20 })
  const asked = await Promise.all(Array.from({ length: 20 }, () => get('large')))
  expect(asked).toEqual(Array.from({ length: 20 }, () => true))
  expect(read).toEqual(['large'])
})

test('a picture that somebody still takes is read no second time', async () => {
  const { get, read, take } = await serve({ large: 30_000_000 })
  const slow = await take('large')
  expect(await get('large')).toBe(true)
  expect(read).toEqual(['large'])
  slow.destroy()
})

test('a picture that could not be read is read again by who asks next', async () => {
  const failing = new Set(['alice'])
  const { get, read } = await serve({ alice: 1_000 }, { failing })
  expect(await get('alice')).toBe(false)
  failing.clear()
  expect(await get('alice')).toBe(true)
  expect(read).toEqual(['alice', 'alice'])
})
