import { expect, jest, test } from '@jest/globals'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Config } from '../src/config/config.ts'
import { run } from '../src/main.ts'
import { freePort } from './support/free-port.ts'
import { usualLimits } from './support/limits.ts'

const bind = '127.0.0.1'

async function start(homeserverPort: number, more: Partial<Config> = {}) {
  const port = await freePort()
  const config: Config = {
    homeserver: { url: `http://${bind}:${homeserverPort}`, serverName: 'hs.test' },
    appservice: {
      ...{ id: 'footbridge', bind, port: await freePort(), url: 'http://footbridge.test' },
      ...{ asToken: 'as-secret', hsToken: 'hs-secret' },
      ...{ botLocalpart: 'apbot', prefix: '_ap_', commandPrefix: '!ap' },
      ...{ hasSpaces: false, sendsStatus: false },
    },
    activitypub: {
      ...{ bind, port },
      ...{ publicUrl: 'https://bridge.example', handleDomain: 'bridge.example' },
      ...{ fetchMode: 'signed', unsignedFetchFrom: [] },
    },
    permissions: {},
    database: 'sqlite::memory:',
    encryptionKey: 'encryption-key-of-the-tests-1234567',
    publish: { joinMediaWithin: 0 },
    media: { sensitive: 'spoiler', emojiReactions: 'text', cacheSize: 0 },
    signatures: { maxAge: 3_600_000, ahead: 3_600_000 },
    limits: usualLimits,
    moderation: { allowListOnly: false, bridgedUsers: ['@_*'] },
    network: { allowPrivate: [], allowHttp: [] },
    about: { rules: [], blockedServers: 'shown' },
    logging: { level: 'error', format: 'json' },
    ...more,
  }
  return { port, bridge: await run(config) }
}

test('what goes wrong shows strangers nothing of the inside', async () => {
  const { bridge, port } = await start(1)
  const answer = await fetch(`http://${bind}:${port}/actors/%ff/avatar`)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toEqual({ error: 'bad path' })
  await bridge.stop()
})

test('numbers are told on a port of their own, and only there', async () => {
  const metrics = { bind, port: await freePort() }
  const { bridge, port } = await start(1, { metrics })
  const answer = await fetch(`http://${bind}:${metrics.port}/metrics`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ])
  const text = await answer.text()
  expect(text).toContain('footbridge_queue_waiting{kind="event"} 0')
  // It asks a homeserver that is not there.
  expect(text).toMatch(/footbridge_http_requests_total\{side="homeserver",status="none"\} [1-9]/)
  const refused = await fetch(`http://${bind}:${port}/inbox`, { method: 'POST', body: 'x' })
  expect(refused.status).toBe(415)
  expect(await (await fetch(`http://${bind}:${metrics.port}/metrics`)).text()).toContain(
    'footbridge_inbox_requests_total{result="wrong_type"} 1',
  )
  expect((await fetch(`http://${bind}:${port}/metrics`)).status).toBe(404)
  expect((await fetch(`http://${bind}:${metrics.port}/inbox`)).status).toBe(404)
  await bridge.stop()
})

test('admins have a page at a port of its own, and only there', async () => {
  const own = { bind, port: await freePort() }
  const adminPage = { ...own, url: 'https://admin.example', takesOpenId: false }
  const { bridge, port } = await start(1, { adminPage })
  const at = (path: string) => fetch(`http://${bind}:${own.port}${path}`, { redirect: 'manual' })
  expect((await at('/admin')).headers.get('location')).toBe('/admin/login')
  expect(await (await at('/admin/login')).text()).toContain('footbridge admin login')
  expect((await at('/about')).status).toBe(404)
  expect((await fetch(`http://${bind}:${port}/admin/login`)).status).toBe(404)
  await bridge.stop()
})

test('a browser that follows a link of ours gets a page, software what it asks for', async () => {
  const { bridge, port } = await start(1)
  const get = (path: string, accept: string) =>
    fetch(`http://${bind}:${port}${path}`, { headers: { accept } })
  const browser = 'text/html,application/xhtml+xml,*/*;q=0.8'
  expect((await get('/tags/cats', browser)).status).toBe(200)
  expect(await (await get('/objects/x', browser)).text()).toContain('<!doctype html>')
  expect(await (await get('/@nobody', browser)).text()).toContain('<!doctype html>')
  const document = await get('/objects/x', 'application/activity+json')
  expect([document.status, await document.json()]).toEqual([
    401,
    { error: 'this needs an HTTP signature' },
  ])
  await bridge.stop()
})

test('a sender who goes away in the middle is no failure of ours', async () => {
  const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    const { bridge, port } = await start(1)
    const socket = connect(port, bind)
    const head = 'POST /inbox HTTP/1.1\r\nhost: bridge.example\r\ncontent-length: 9\r\n'
    socket.write(`${head}expect: 100-continue\r\n\r\n`)
    await once(socket, 'data')
    socket.resetAndDestroy()
    await fetch(`http://${bind}:${port}/live`)
    await bridge.stop()
    expect(written.mock.calls).toEqual([])
  } finally {
    written.mockRestore()
  }
})

test('a homeserver that takes requests and never answers does not keep it from stopping', async () => {
  const silent = createServer().listen(0, bind)
  await once(silent, 'listening')
  const asked = once(silent, 'connection')
  const { bridge } = await start((silent.address() as AddressInfo).port)
  await asked
  const stopped = bridge.stop().then(() => 'stopped')
  const later = new Promise((resolve) => setTimeout(resolve, 4_000, 'still there'))
  expect(await Promise.race([stopped, later])).toBe('stopped')
  silent.close()
})
