import { afterAll, beforeAll, expect, test } from '@jest/globals'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, ghostOf, receives } from './support/fediverse.ts'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import { ask, bodiesIn, bodyOf, idOf, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'fedify'], 'bad input', () => {
  let stack: Stack
  let fedify: ControlledPeer
  let alice: Guest
  let me: string
  let room: string

  beforeAll(async () => {
    ;[stack, fedify] = await Promise.all([startStack(), startFedify({ accounts: ['carol'] })])
    alice = await stack.meet('alice')
    await ask(alice, 'register', 'On the fediverse you are now')
    me = await findActor(stack.publicUrl, alice.handle)
    room = await alice.client.createRoom({
      is_direct: true,
      invite: [ghostOf(fedify.account('carol'))],
    })
    await writes('at first')
  })
  afterAll(() => Promise.all([stack.stop(), fedify.stop()]))

  /** Whatever came before, a message still crosses soon. */
  async function writes(text: string): Promise<void> {
    await alice.client.text(room, text)
    await receives(fedify, 'Create', text)
  }

  const push = (body: string, token?: string) =>
    request(`${stack.appservice.url}/_matrix/app/v1/transactions/bad`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
    }).then(async ({ statusCode, body: answer }) => ({
      status: statusCode,
      body: (await answer.json()) as { errcode?: string },
    }))

  test.each([
    ['no token', undefined, 401, 'M_UNAUTHORIZED'],
    ['a wrong token', 'guessed', 403, 'M_FORBIDDEN'],
  ])('a transaction with %s is refused in JSON', async (...[, token, status, errcode]) => {
    expect(await push('{"events":[]}', token)).toMatchObject({ status, body: { errcode } })
  })

  test('malformed transactions are refused or emptied, and the good event in them is done', async () => {
    const { hsToken } = stack.appservice
    expect(await push('{"events":', hsToken)).toMatchObject({ status: 400 })
    expect(await push('[]', hsToken)).toMatchObject({ status: 400 })
    const event = {
      type: 'm.room.message',
      room_id: room,
      sender: alice.client.userId,
      origin_server_ts: Date.now(),
      event_id: '$among-bad-ones',
      content: { msgtype: 'm.text', body: 'among bad ones' },
    }
    const typeless = { ...event, type: undefined }
    const events = [null, 1, 'x', [], {}, typeless, { ...event, content: null, event_id: '$n' }]
    const answer = await push(JSON.stringify({ events: [...events, event] }), hsToken)
    expect(answer.status).toBe(200)
    await receives(fedify, 'Create', 'among bad ones')
  })

  test('a transaction of 100 events of 60 kB is taken, and a message after it is not late', async () => {
    const events = Array.from({ length: 100 }, (_, n) => ({
      type: 'm.room.message',
      room_id: `!elsewhere:matrix.test`,
      sender: alice.client.userId,
      origin_server_ts: Date.now(),
      event_id: `$large-${n}`,
      content: { msgtype: 'm.text', body: 'x'.repeat(60_000) },
    }))
    const answer = await push(JSON.stringify({ events }), stack.appservice.hsToken)
    expect(answer.status).toBe(200)
    await writes('after the large one')
  })

  const activity = { id: 'https://a.test/1', type: 'Create', actor: 'https://a.test/a', object: {} }
  test.each([
    ['too large', 413, 'application/activity+json', `"${'x'.repeat(1_100_000)}"`],
    ['too deep', 400, 'application/activity+json', '['.repeat(100) + ']'.repeat(100)],
    ['no JSON', 400, 'application/activity+json', '<html>'],
    ['of another content type', 415, 'text/plain', JSON.stringify(activity)],
    ['without a signature', 401, 'application/activity+json', JSON.stringify(activity)],
  ])('an activity that is %s is answered %d', async (...[, status, type, body]) => {
    const { statusCode, body: answer } = await request(`${stack.publicUrl}/inbox`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    await answer.dump()
    expect(statusCode).toBe(status)
  })

  test.each(['@', 'user@', '@host', 'https://', 'a b', '@x@y@z', 'http://127.0.0.1:1/nobody'])(
    'follow %s is answered with what is wrong',
    async (target) => {
      const before = new Set((await alice.client.seen()).map(idOf))
      await alice.client.text(alice.management, `follow ${target}`)
      const answer = await alice.client.waitFor(
        (e) =>
          e.room_id === alice.management &&
          e.sender === stack.botId &&
          !before.has(idOf(e)) &&
          bodyOf(e) !== '',
        { what: 'an answer' },
      )
      expect(bodyOf(answer)).not.toContain('requested')
      expect(bodyOf(answer)).not.toMatch(/undefined|Error:|\bat \//)
    },
  )

  test('an answer of 10 MB, and one that never ends, are given up; nobody else waits', async () => {
    const hostile = await startHostile()
    await alice.client.text(alice.management, `follow ${hostile.url}/endless`)
    await alice.client.text(room, `look at @huge@${new URL(hostile.url).host}, a page of 10 MB`)
    await receives(fedify, 'Create', 'a page of 10 MB')
    const asked = Date.now()
    await fedify.post('carol', { content: 'quick', visibility: 'direct', mentions: [me] })
    await shown(alice.client, room, 'quick')
    expect(Date.now() - asked).toBeLessThan(10_000)
    expect((await call({ url: `${stack.publicUrl}/ready` })).status).toBe(200)
    expect(hostile.asked()).toBeGreaterThan(1)
    const isTold = async () =>
      (await bodiesIn(alice.client, alice.management)).some((body) =>
        body.includes('does not answer right now'),
      )
    await waitUntil('the end of patience', isTold, 60_000)
    expect(hostile.open()).toBe(0)
    await hostile.stop()
  })

  test('HTML that is none comes as plain words', async () => {
    await fedify.post('carol', {
      content:
        '<<<p>half <b>open <script>alert(1)</script><a href="javascript:x">click</a> &#x0; &bogus;',
      visibility: 'direct',
      mentions: [me],
    })
    const message = await shown(alice.client, room, 'half')
    expect(JSON.stringify(message.content)).not.toMatch(/script|javascript/)
  })
})

/** A server whose answers are too long, or have no end. */
async function startHostile() {
  let asked = 0
  let open = 0
  const server = http.createServer((req, res) => {
    asked += 1
    open += 1
    res.on('close', () => (open -= 1))
    res.on('error', () => undefined)
    res.writeHead(200, { 'content-type': 'application/activity+json' })
    if (req.url?.startsWith('/endless') !== true) return void res.end('x'.repeat(10_000_000))
    const drip = setInterval(() => res.write(' '), 200)
    res.on('close', () => clearInterval(drip))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    open: () => open,
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}
