import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { makeFolder, removeFolder } from './temporary.ts'

const script = fileURLToPath(new URL('../../bin/footbridge.js', import.meta.url))
/** Whoever asks a container to stop kills it after that, milliseconds. */
const patience = 10_000

let folder = ''
let homeserver: Server
let joining: Promise<undefined>
let bridge: ChildProcess | undefined
let sender: Socket | undefined

/** Answers everything but a join, which it takes and never ends. */
beforeEach(async () => {
  folder = makeFolder()
  const seen = Promise.withResolvers<undefined>()
  joining = seen.promise
  homeserver = createServer((request, response) => {
    request.resume()
    if (request.url?.includes('/join') === true) seen.resolve(undefined)
    else response.setHeader('content-type', 'application/json').end('{"versions":["v1.11"]}')
  }).listen(0, '127.0.0.1')
  await once(homeserver, 'listening')
})
afterEach(() => {
  if (bridge?.exitCode === null) bridge.kill('SIGKILL')
  sender?.destroy()
  homeserver.closeAllConnections()
  homeserver.close()
  removeFolder(folder)
})

const localhost = (port: number): string => `http://127.0.0.1:${port}`

function configFor({ inside, outside }: { inside: number; outside: number }): string {
  const { port } = homeserver.address() as AddressInfo
  const path = join(folder, 'config.yaml')
  const config = {
    homeserver: { url: localhost(port), server_name: 'hs.test' },
    appservice: {
      ...{ bind: '127.0.0.1', port: inside },
      ...{ as_token: 'as-token-of-the-tests', hs_token: 'hs-token-of-the-tests' },
    },
    activitypub: {
      ...{ bind: '127.0.0.1', port: outside },
      ...{ public_url: localhost(outside), handle_domain: `127.0.0.1:${outside}` },
    },
    permissions: { 'hs.test': 'user' },
    encryption_key: 'encryption-key-of-the-tests-1234567',
    database: `sqlite:${folder}/footbridge.db`,
    network: { allow_private: ['127.0.0.0/8'], allow_http: ['127.0.0.1'] },
    logging: { format: 'json' },
  }
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 })
  return path
}

/** Starts the bridge, and waits until it says that it runs. */
async function start(path: string): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = spawn(process.execPath, [script, 'run', '-c', path])
  bridge = child
  const lines: string[] = []
  const running = Promise.withResolvers<undefined>()
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => {
      lines.push(line)
      if (line.includes('Footbridge is running')) running.resolve(undefined)
    })
  child.once('exit', () => running.reject(new Error(lines.join('\n'))))
  await running.promise
  return { child, lines }
}

async function invite(port: number): Promise<void> {
  const event = {
    ...{ event_id: '$1', room_id: '!r:hs.test', sender: '@alice:hs.test', origin_server_ts: 1 },
    ...{ type: 'm.room.member', state_key: '@apbot:hs.test' },
    content: { membership: 'invite', is_direct: true },
  }
  const answer = await fetch(`${localhost(port)}/_matrix/app/v1/transactions/1`, {
    method: 'PUT',
    headers: { authorization: 'Bearer hs-token-of-the-tests', 'content-type': 'application/json' },
    body: JSON.stringify({ events: [event] }),
  })
  expect(answer.status).toBe(200)
}

/** Begins a body and never ends it. */
async function sendHalf(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const head = 'POST /inbox HTTP/1.1\r\nhost: x\r\ncontent-type: application/activity+json'
  socket.write(`${head}\r\ncontent-length: 100\r\n\r\n{`)
  return socket
}

// The promise is a time, so it is measured; it has half of that to spare.
test('told to stop, the bridge ends well in time, though a homeserver and a sender hold it up', async () => {
  const ports = { inside: await freePort(), outside: await freePort() }
  const { child, lines } = await start(configFor(ports))
  sender = await sendHalf(ports.outside)
  await invite(ports.inside)
  await joining
  const before = performance.now()
  child.kill('SIGTERM')
  const [code] = (await once(child, 'exit')) as [number | null]
  expect({ code, isInTime: performance.now() - before < patience }).toEqual({
    code: 0,
    isInTime: true,
  })
  expect(lines.at(-1)).toContain('Footbridge has stopped')
})
