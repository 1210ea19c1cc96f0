import { describe, expect, test } from '@jest/globals'
import { checkingToken, choosingToken } from '../../src/matrix/tokens.ts'
import type { Http, HttpRequest } from '../../src/model/http.ts'
import { createManualClock } from '../support/clock.ts'
import { createRecordingLog } from './setup.ts'

const tokens = {
  asToken: 'new-as-token',
  hsToken: 'new-hs-token',
  previous: { asToken: 'old-as-token', hsToken: 'old-hs-token', until: 0 },
}

function setUp(days = 7) {
  const clock = createManualClock()
  const { log, lines } = createRecordingLog()
  const until = clock.now() + days * 86_400_000
  const both = { ...tokens, previous: { ...tokens.previous, until } }
  return { clock, log, lines, both }
}

describe('a transaction', () => {
  test('may show the new token, and the old one until its time is over', async () => {
    const { clock, log, lines, both } = setUp()
    const isToken = checkingToken(both, { clock, log })
    const shown = ['old-hs-token', 'new-hs-token', 'new-as-token', 'old-as-token', '', 'old']
    expect(shown.map(isToken)).toEqual([true, true, false, false, false, false])
    await clock.advance(7 * 86_400_000)
    expect(shown.map(isToken)).toEqual([false, true, false, false, false, false])
    // A new process forgets nothing.
    expect(checkingToken(both, { clock, log })('old-hs-token')).toBe(false)
    expect(lines.map(({ message }) => message)).toEqual(['the homeserver shows the new hs_token'])
    expect(JSON.stringify(lines)).not.toMatch(/-token"/)
  })

  test('may show one token alone where there is no other', () => {
    const { clock, log } = setUp()
    const isToken = checkingToken({ hsToken: 'new-hs-token' }, { clock, log })
    expect(['new-hs-token', 'old-hs-token'].map(isToken)).toEqual([true, false])
  })
})

describe('a request to the homeserver', () => {
  function begin(days?: number) {
    const given = setUp(days)
    const state = { known: ['old-as-token'], done: [] as string[], asked: [] as string[] }
    const http: Http = async ({ headers, url, source }) => {
      for await (const chunk of source?.chunks() ?? []) expect(chunk.length).toBe(1)
      const token = (headers['authorization'] ?? '').replace('Bearer ', '')
      state.asked.push(token)
      if (!state.known.includes(token))
        return { status: 401, headers: {}, body: Buffer.from('{"errcode":"M_UNKNOWN_TOKEN"}') }
      state.done.push(url)
      return { status: 200, headers: {}, body: Buffer.from('{}') }
    }
    const send = (through: Http, url: string, more: Partial<HttpRequest> = {}) =>
      through({
        method: 'PUT',
        url,
        headers: { authorization: 'Bearer new-as-token' },
        timeout: 1_000,
        maxBytes: 1_000,
        ...more,
      })
    const start = () => choosingToken(given.both, given)(http)
    return { ...given, state, send, start }
  }

  test('takes the token that is known, whoever is restarted first', async () => {
    const { state, send, start } = begin()
    let bridge = start()
    // The bridge first: the homeserver knows the old one alone.
    await send(bridge, '1')
    await send(bridge, '2')
    expect(state.asked).toEqual(['new-as-token', 'old-as-token', 'old-as-token'])
    // Then the homeserver.
    state.known = ['new-as-token']
    await send(bridge, '3')
    await send(bridge, '4')
    expect(state.asked.slice(3)).toEqual(['old-as-token', 'new-as-token', 'new-as-token'])
    // It goes back, and the bridge is restarted in between.
    state.known = ['old-as-token']
    bridge = start()
    await send(bridge, '5')
    // Each was done, and once.
    expect(state.done).toEqual(['1', '2', '3', '4', '5'])
  })

  test('sends its body again from the beginning, and reads none of a refusal', async () => {
    const { state, send, start } = begin()
    let begun = 0
    const source = {
      size: 1,
      chunks: async function* () {
        begun += 1
        yield Buffer.from('x')
      },
    }
    await send(start(), '1', { source, sink: () => undefined })
    expect([state.done, begun]).toEqual([['1'], 2])
  })

  test('answers what the homeserver says where it knows neither', async () => {
    const { state, send, start } = begin()
    state.known = []
    const bridge = start()
    expect((await send(bridge, '1')).status).toBe(401)
    state.known = ['new-as-token']
    expect((await send(bridge, '2')).status).toBe(200)
    expect(state.asked.slice(2)).toEqual(['new-as-token'])
  })

  test('does not show the old token when its time is over, nor to anybody else', async () => {
    const { state, send, start, clock } = begin(1)
    const bridge = start()
    await send(bridge, '1')
    await clock.advance(86_400_000)
    expect((await send(bridge, '2')).status).toBe(401)
    await send(bridge, '3', { headers: {} })
    expect(state.asked.slice(2)).toEqual(['new-as-token', ''])
  })

  test('tries nothing else after an error of another kind', async () => {
    const { both, clock, log } = setUp()
    const asked: string[] = []
    const http: Http = async ({ headers }) => {
      asked.push(headers['authorization'] ?? '')
      return { status: 401, headers: {}, body: Buffer.from('{"errcode":"M_MISSING_TOKEN"}') }
    }
    const headers = { authorization: 'Bearer new-as-token' }
    const request = { method: 'GET', url: '1', headers, timeout: 1, maxBytes: 1 } as const
    await choosingToken(both, { clock, log })(http)(request)
    expect(asked).toEqual(['Bearer new-as-token'])
  })
})
