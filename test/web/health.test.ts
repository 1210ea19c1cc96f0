import { afterEach, describe, expect, test } from '@jest/globals'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import express from 'express'
import { healthRoutes } from '../../src/web/health.ts'
import type { HealthCheck } from '../../src/web/health.ts'
import type { Clock } from '../../src/model/clock.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A clock that stands still until it is moved; sleeps end when it passes them. */
function manualClock(): Clock & { move(ms: number): void } {
  let now = 1_000
  let sleepers: { readonly until: number; readonly wake: () => void }[] = []
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        sleepers.push({ until: now + ms, wake: resolve })
        signal?.addEventListener('abort', () => resolve())
      }),
    move(ms) {
      now += ms
      const due = sleepers.filter(({ until }) => until <= now)
      sleepers = sleepers.filter((one) => !due.includes(one))
      for (const { wake } of due) wake()
    },
  }
}

async function serve(checks: Readonly<Record<string, HealthCheck>>, clock: Clock = manualClock()) {
  const server = express().use(healthRoutes({ checks, clock })).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return [response.status, await response.json()] as const
  }
}

const works = async () => undefined
const fails = () => Promise.reject(new Error('secret reason'))

describe('GET /live', () => {
  test('answers while the process does, whatever fails', async () => {
    const get = await serve({ database: fails })
    expect(await get('/live')).toEqual([200, { live: true }])
  })
})

describe('GET /ready', () => {
  test('is 200 when every check passes', async () => {
    const get = await serve({ database: works, homeserver: works })
    expect(await get('/ready')).toEqual([
      200,
      { ready: true, checks: { database: 'ok', homeserver: 'ok' } },
    ])
  })

  test('is 503 when one fails, and names it without the reason', async () => {
    const get = await serve({ database: works, homeserver: fails })
    expect(await get('/ready')).toEqual([
      503,
      { ready: false, checks: { database: 'ok', homeserver: 'failed' } },
    ])
  })

  test('a check that throws at once fails too', async () => {
    const get = await serve({
      database: () => {
        throw new Error('closed')
      },
    })
    expect(await get('/ready')).toEqual([503, { ready: false, checks: { database: 'failed' } }])
  })

  test('a check that never ends fails after three seconds', async () => {
    const clock = manualClock()
    const started = Promise.withResolvers<undefined>()
    const get = await serve(
      {
        homeserver: () => {
          started.resolve(undefined)
          return new Promise<void>(() => undefined)
        },
      },
      clock,
    )
    const answer = get('/ready')
    await started.promise
    await Promise.resolve()
    clock.move(3_000)
    expect(await answer).toEqual([503, { ready: false, checks: { homeserver: 'failed' } }])
  })

  test('asks again only after five seconds, also when many ask at once', async () => {
    const clock = manualClock()
    let asked = 0
    const get = await serve(
      {
        homeserver: async () => {
          asked++
        },
      },
      clock,
    )
    await Promise.all([get('/ready'), get('/ready'), get('/ready')])
    clock.move(4_999)
    await get('/ready')
    expect(asked).toBe(1)
    clock.move(1)
    await get('/ready')
    expect(asked).toBe(2)
  })
})
