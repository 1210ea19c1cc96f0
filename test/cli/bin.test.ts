import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { validFile } from '../config/example.ts'
import { freePort } from '../support/free-port.ts'
import { makeFolder, removeFolder } from './temporary.ts'

const script = fileURLToPath(new URL('../../bin/footbridge.js', import.meta.url))

type Ended = {
  readonly code: number | string
  readonly signal?: string
  readonly out: string
  readonly err: string
}

const start = (nodeFlags: readonly string[], args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '' }
    execFile(process.execPath, [...nodeFlags, script, ...args], { env }, (error, out, err) =>
      resolve({
        code: error?.code ?? 0,
        ...(error?.signal ? { signal: error.signal } : {}),
        ...{ out, err },
      }),
    )
  })

const pretend = (version: string) =>
  `--import=data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`

describe('bin/footbridge.js', () => {
  test('starts the command line', async () => {
    expect(await start([], ['--version'])).toEqual({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: '',
    })
  })

  test('passes the exit code on, and nothing but text into a pipe', async () => {
    const { code, out, err } = await start([], ['check', '-c', '/does/not/exist.yaml'])
    expect([code, out]).toEqual([3, ''])
    expect(err).toBe(
      'footbridge: /does/not/exist.yaml: there is no such file.\n  Write one with "footbridge init", or name another with -c.\n',
    )
  })

  test.each(['20.19.0', '22.18.0'])(
    'on Node %s says so in one line, exit code 4',
    async (version) => {
      expect(await start([pretend(version)], ['run'])).toEqual({
        code: 4,
        out: '',
        err: `footbridge: Node.js ${version} is too old; install 22.19 or newer (https://nodejs.org), or run "npx footbridge" after "npm ci" (with its development packages) in a checkout.\n`,
      })
    },
  )

  test.each(['22.19.0', '24.0.0'])('accepts Node %s', async (version) => {
    expect((await start([pretend(version)], ['--version'])).code).toBe(0)
  })
})

// As the first process of a container, nothing but a listener of its own ends it by a signal.
describe('a request to stop that comes before anything is loaded', () => {
  /** Sends the signal as soon as somebody listens. */
  const signalEarly = (signal: string) => {
    const once = `let sent;process.on('newListener',(name)=>{if(sent||name!=='${signal}')return;sent=true;queueMicrotask(()=>process.kill(process.pid,name))})`
    return `--import=data:text/javascript,${encodeURIComponent(once)}`
  }

  /** Takes connections and says nothing. */
  let silent: Server
  let folder = ''
  const configFor = (text: string): string => {
    writeFileSync(join(folder, 'config.yaml'), text, { mode: 0o600 })
    return join(folder, 'config.yaml')
  }
  const portOf = (server: Server) => (server.address() as AddressInfo).port
  beforeEach(async () => {
    folder = makeFolder()
    silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
  })
  afterEach(() => {
    silent.close()
    removeFolder(folder)
  })

  test.each(['SIGTERM', 'SIGINT'])('ends a command: %s', async (signal) => {
    const port = `appservice:\n  port: ${portOf(silent)}`
    const config = configFor(validFile.replace('appservice:', port))
    const ended = await start([signalEarly(signal)], ['health', '-c', config])
    expect(ended).toMatchObject({ signal, out: '', err: '' })
  })

  test('stops the bridge in order, though its homeserver is silent', async () => {
    const ports = [await freePort(), await freePort()]
    const text = validFile
      .replace(':8008', `:${portOf(silent)}`)
      .replace('appservice:', `appservice:\n  port: ${ports[0]}`)
      .replace('activitypub:', `activitypub:\n  port: ${ports[1]}`)
    const ended = await start([signalEarly('SIGTERM')], ['run', '-c', configFor(text)])
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(ended.out).toContain('Footbridge has stopped')
  })
})
