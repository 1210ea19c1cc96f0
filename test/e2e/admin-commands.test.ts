import { stat } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { freePort } from '../support/free-port.ts'
import { type Said, runAdmin } from './support/admin-program.ts'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, ghostOf, receives } from './support/fediverse.ts'
import { type Front, startFront } from './support/front.ts'
import { call } from './support/json-http.ts'
import { type LoneAccount, startLoneAccount } from './support/lone-account.ts'
import { describeWith } from './support/peers.ts'
import { inHaste } from './support/preloads.ts'
import {
  ask,
  bodiesIn,
  bodyOf,
  follow,
  idOf,
  membership,
  openProfile,
  relationOf,
  shown,
  told,
} from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'fedify'], 'an admin beside the bridge that runs', () => {
  let stack: Stack
  let front: Front
  let fedify: ControlledPeer
  let gus: LoneAccount
  let root: Guest
  let alice: Guest
  let aliceId: string
  /** Alice's public room, and the one in which she reads Carol. */
  let profile: string
  let portal: string
  let metricsUrl: string

  beforeAll(async () => {
    const [inner, metrics] = [await freePort(), await freePort()]
    front = await startFront(inner)
    metricsUrl = `http://127.0.0.1:${metrics}/metrics`
    const domain = front.host
    const activitypub = { port: inner, public_url: `http://${domain}`, handle_domain: domain }
    const settings = { activitypub, appservice: { send_status: 'on' }, metrics: { port: metrics } }
    ;[stack, fedify, gus] = await Promise.all([
      startStack({ admins: ['root'], settings, env: inHaste(60) }),
      startFedify({ accounts: ['carol', 'cleo'] }),
      startLoneAccount('gus', 410),
    ])
    ;[root, alice] = [await stack.meet('root'), await stack.meet('alice')]
    profile = await openProfile(alice)
    aliceId = await findActor(stack.publicUrl, alice.handle)
    portal = await follow(alice, fedify.account('carol'))
    await fedify.follow('carol', aliceId)
    await waitUntil('both follow', async () => {
      const [followers, followed] = [fedify.followers('carol'), fedify.following('carol')]
      return (await followers).length === 1 && (await followed).length === 1
    })
  })
  afterAll(async () => {
    await Promise.all([stack.stop(), fedify.stop(), gus.stop()])
    await front.shut()
  })

  /** What the program says; it has to end well. */
  const admin = async (...words: string[]): Promise<string> => {
    const { code, text } = await runAdmin(stack.configPath, words)
    expect([words, code, text]).toEqual([words, 0, text])
    return text
  }
  const refused = (...words: string[]): Promise<Said> => runAdmin(stack.configPath, words)
  const says = (words: readonly string[], pattern: RegExp): Promise<true> =>
    waitUntil(`"${words.join(' ')}" says ${pattern}`, async () =>
      pattern.test(await admin(...words)),
    )
  const handle = (name: string): string => fedify.account(name).handle
  const host = (): string => new URL(fedify.url).host
  const metrics = async (): Promise<string> => (await call({ url: metricsUrl })).text

  /** What `status`, as a reply of Alice, says of that event once this is in it. */
  const statusOf = async (roomId: string, event: string, text: string): Promise<string> => {
    await alice.client.reply(roomId, event, '!ap status')
    const isIt = (body: string): boolean => body.includes(event) && body.includes(text)
    const answer = await alice.client.waitFor(
      (e) => e.room_id === roomId && e.sender !== alice.client.userId && isIt(bodyOf(e)),
      { what: `the status "${text}"` },
    )
    return bodyOf(answer)
  }
  /** What clients of Beeper's kind are told of that event. */
  const sendStatusOf = async (event: string): Promise<unknown> =>
    (
      await alice.client.waitFor(
        (e) => e.type === 'com.beeper.message_send_status' && relationOf(e)?.event_id === event,
        { what: 'the send status' },
      )
    ).content

  test('reads who an account, a person and a room are', async () => {
    const carol = fedify.account('carol')
    const account = await admin('actor', carol.handle)
    expect(account).toMatch(new RegExp(`^${carol.handle}, a person called .*: ${carol.id}$`, 'm'))
    expect(account).toContain(`On Matrix: ${ghostOf(carol)}`)
    expect(account).toContain('Here: followed by 1, follows 1')
    expect(account).toContain(`Its room: \`${portal}\``)
    expect(await admin('actor', ghostOf(carol))).toContain(`: ${carol.id}\n`)
    const person = await admin('user', alice.client.userId)
    expect(person).toContain(`${alice.handle}: ${aliceId}`)
    expect(person).toContain('with the permission `user`')
    expect(person).toContain(`Public room: \`${profile}\``)
    expect(person).toContain(`Chat with me: \`${alice.management}\``)
    await says(['room', portal], /In it: 1 of Matrix, \d of the fediverse, and me; invited: 0/)
    expect(await admin('room', portal)).toContain(`The room of ${carol.handle}`)
    expect(await admin('room', profile)).toContain(`The public room of ${alice.client.userId}`)
  })

  test('asks the server of an account anew, and for one that is not known', async () => {
    await fedify.accounts.describe('carol', { summary: '<p>Draws maps of rivers.</p>' }, false)
    expect(await admin('refresh', handle('carol'))).toContain('Its server is asked.')
    await alice.client.waitFor(
      ({ type, room_id, content }) =>
        type === 'm.room.topic' &&
        room_id === portal &&
        String(content['topic']).includes('Draws maps of rivers.'),
      { what: 'the new topic' },
    )
    expect(await admin('actor', handle('cleo'))).toContain('is not known here')
    expect(await admin('refresh', handle('cleo'))).toContain('was not known here, and is now.')
    expect(await admin('actor', handle('cleo'))).toContain(fedify.account('cleo').id)
  })

  test('what is for people is not for the machine', async () => {
    const cleo = fedify.account('cleo')
    const answer = await ask(root, `resolve ${cleo.handle}`, 'On Matrix')
    expect(decodeURIComponent(answer)).toContain(`/#/${ghostOf(cleo)}`)
    expect(await ask(root, `resolve ${alice.handle}`, 'is on this server')).toContain(
      alice.client.userId,
    )
    const said = await refused('resolve', cleo.handle)
    expect(said).toEqual({ code: 2, text: expect.stringContaining('There is no `resolve` here.') })
    expect((await refused('failed', 'retry')).code).toBe(2)
  })

  test('sees what waits for a server that fails, and that it arrives after all', async () => {
    await fedify.failInbox(true)
    const event = await alice.client.text(profile, 'a letter that waits')
    await waitUntil('a failed try', async () =>
      (await fedify.received()).some(({ status }) => status === 500),
    )
    await says(['queue'], new RegExp(`To be delivered: 1 waiting[^]*1 to ${host()}, .*failing for`))
    const waiting = await statusOf(profile, event, 'It goes to one server:')
    expect(waiting).toContain(`${host()}: `)
    expect(waiting).toMatch(/On the fediverse: http:/)
    const numbers = await metrics()
    expect(numbers).toMatch(/^footbridge_queue_waiting\{kind="delivery"\} 1$/m)
    expect(numbers).toMatch(/^footbridge_hosts_failing 1$/m)
    await fedify.failInbox(false)
    await receives(fedify, 'Create', 'a letter that waits')
    const arrived = await statusOf(profile, event, `${host()}: arrived on `)
    expect(arrived).toContain('It goes to one server:')
    expect(await admin('queue')).toMatch(/To be delivered: nothing waits$/m)
    expect(await sendStatusOf(event)).toMatchObject({ network: 'activitypub', status: 'SUCCESS' })
  })

  test('status says from where a post came, and asks for a reply where it was none', async () => {
    const { object } = await fedify.post('carol', { content: 'a river' })
    const event = idOf(await shown(alice.client, portal, 'a river'))
    const said = await statusOf(portal, event, `It came from ${handle('carol')}.`)
    expect(said).toContain(`On the fediverse: ${object}`)
    // Now that she has spoken, she is in the room.
    await says(['room', portal], /In it: 1 of Matrix, 1 of the fediverse, and me; invited: 0/)
    expect(await ask(root, 'status', 'Reply with')).toContain('to the message that you mean')
  })

  test('reads what was given up, drops one and has another done after all', async () => {
    const chat = await alice.client.createRoom({ is_direct: true, invite: [ghostOf(gus)] })
    const first = await alice.client.text(chat, 'the first void')
    await shown(alice.client, chat, `Not delivered to ${gus.host}`)
    await alice.client.text(chat, 'the second void')
    await waitUntil('two tries', () => gus.posts().length === 2)
    expect(await statusOf(chat, first, 'given up on')).toContain('It goes to one server:')
    expect(await sendStatusOf(first)).toMatchObject({
      ...{ status: 'FAIL_PERMANENT', reason: 'm.foreign_network_error' },
      message: `Not delivered to ${gus.host}.`,
    })
    const lines = new RegExp(`^(\\d+): .*what ${alice.handle} did, to ${gus.id}/inbox`, 'gm')
    const [newer = '', older = ''] = await waitUntil('both given up', async () => {
      const numbers = [...(await admin('failed')).matchAll(lines)].map(([, number]) => number)
      return numbers.length === 2 && numbers
    })
    expect(await metrics()).toMatch(/^footbridge_queue_failed\{kind="delivery"\} 2$/m)
    expect(await admin('failed', 'show', older)).toMatch(/given up on .*\n.*410/)
    expect(await admin('failed', 'drop', newer)).toContain(`${newer} is forgotten`)
    gus.answer(202)
    expect(await admin('failed', 'retry', older)).toContain(`${older} is tried again`)
    await waitUntil('the third try', () => gus.posts().length === 3)
    expect(gus.posts()[2]).toContain('the first void')
    await statusOf(chat, first, 'arrived on ')
    expect(await admin('failed')).toBe('Nothing was given up.\n')
    expect(await admin('failed', 'show', older)).toContain('was not given up')
  })

  test('copies the database while it runs', async () => {
    const [, file = ''] = /^Copied: `(.+)` \(/.exec(await admin('backup')) ?? []
    expect(file.startsWith(`${stack.databasePath}.backup-`)).toBe(true)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const copy = new Sqlite(file, { readonly: true })
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
    const people = copy.prepare('select id, user_id from local_actor').all()
    expect(people).toEqual([{ id: aliceId, user_id: alice.client.userId }])
    const posts = copy.prepare('select count(*) from mapping where room_id = ?').pluck()
    expect(posts.get(profile)).toBe(1)
    copy.close()
  })

  test('counts what nobody uses, and forgets nothing else', async () => {
    const database = new Sqlite(stack.databasePath)
    const longAgo = Date.now() - 3 * 86_400_000
    database.prepare('update remote_actor set fetched_at = ?, seen_at = ?').run(longAgo, longAgo)
    database.close()
    const dry = await admin('prune', '--days', '2')
    expect(dry).toContain('forgotten by `prune now --days 2`')
    expect(dry).toContain('1 account of another server')
    expect(await admin('actor', handle('cleo'))).toContain(fedify.account('cleo').id)
    const real = await admin('prune', 'now', '--days', '2')
    expect(real).toMatch(/^Forgotten:\n1 account of another server$/m)
    expect(await admin('actor', handle('cleo'))).toContain('is not known here')
    expect(await admin('actor', handle('carol'))).toContain(`Its room: \`${portal}\``)
    expect(await admin('prune', '--days', '2')).toContain('0 accounts of other servers')
    await fedify.post('carol', { content: 'a lake' })
    await shown(alice.client, portal, 'a lake')
  })

  test('is told how much there is', async () => {
    const text = await admin('stats')
    expect(text).toContain('People here: 1; active within a month: 1')
    expect(text).toContain('What they wrote: 1 post, ')
    expect(text).toContain('Follows: 2; ')
    expect(text).toContain('given up: 0')
  })

  test('chooses which lines are logged', async () => {
    const crosses = async (text: string): Promise<number> => {
      await alice.client.text(profile, text)
      await receives(fedify, 'Create', text)
      return stack.bridge.log().length
    }
    expect(await admin('log-level')).toContain('from `debug` up')
    expect(await admin('log-level', 'error')).toContain('from `error` up')
    const quiet = stack.bridge.log().length
    expect(await crosses('said quietly')).toBe(quiet)
    await admin('log-level', 'debug')
    await crosses('said aloud')
    await waitUntil('lines again', () => stack.bridge.log().length > quiet)
    expect((await refused('log-level', 'loud')).code).toBe(2)
  })

  test('ends a room on both networks', async () => {
    expect(await admin('unbridge', portal)).toBe(`The room of ${handle('carol')} ends now.\n`)
    await membership(alice.client, portal, { of: stack.botId, is: 'leave' })
    const ghost = ghostOf(fedify.account('carol'))
    await membership(alice.client, portal, { of: ghost, is: 'leave' })
    await waitUntil('one follower less', async () => (await fedify.followers('carol')).length === 0)
    await told(alice, `has ended the room of ${handle('carol')}`)
    expect(await admin('room', portal)).toContain('nothing is bridged there')
    expect(await admin('actor', handle('carol'))).toContain('It has no room')
  })

  test('hears once that others cannot reach the bridge, and once that they can', async () => {
    const own = async (text: string): Promise<number> =>
      (await bodiesIn(root.client, root.management)).filter((body) => body.includes(text)).length
    await front.shut()
    await told(root, `Other servers may not reach me: ${stack.publicUrl}`)
    expect(await admin('queue')).toContain('To be delivered: ')
    await front.open()
    await told(root, `${stack.publicUrl} leads to me again`)
    expect(await own('may not reach me')).toBe(1)
    expect(await own('leads to me again')).toBe(1)
    await fedify.post('carol', { content: 'back again', visibility: 'direct', mentions: [aliceId] })
    await alice.client.waitForInvite(ghostOf(fedify.account('carol')))
  })

  test('has numbers of all this, in which nobody is named', async () => {
    const numbers = await metrics()
    const valueOf = (name: string): number =>
      Number(
        numbers
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length),
      )
    expect(valueOf('bridge_users')).toBe(1)
    expect(valueOf('footbridge_queue_failed{kind="delivery"}')).toBe(0)
    const counted = [
      ...['matrix_api_calls{method="send"}', 'remote_api_calls{method="POST"}', 'bridge_messages'],
      ...['done', 'retry', 'failed'].map((one) => `footbridge_deliveries_total{result="${one}"}`),
      'footbridge_inbox_requests_total{result="accepted"}',
      'footbridge_event_lag_seconds_count',
    ]
    expect(counted.filter((name) => !(valueOf(name) > 0))).toEqual([])
    for (const named of [host(), gus.host, 'carol', 'alice', portal])
      expect(numbers).not.toContain(named)
  })

  test('is told at the machine that nothing runs there', async () => {
    await stack.bridge.stop()
    const said = await refused('queue')
    expect(said).toEqual({ code: 1, text: expect.stringContaining('no running bridge answers at') })
  })
})
