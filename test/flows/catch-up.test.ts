import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

const minute = 60_000

let flow: Flow
let alice: FakeUser
let bob: Account
let portal: RoomId
/** How long the next outage lasts, milliseconds. */
let outage = 0

beforeEach(async () => {
  flow = await createFlow({}, { downtime: () => outage })
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  portal = await flow.follow(alice, bob)
  await flow.minutes(2)
})
afterEach(() => flow.close())

/** The bridge goes, `meanwhile` happens, and it comes back. */
async function away(minutes: number, meanwhile: () => Promise<void> | void): Promise<void> {
  outage = minutes * minute
  flow.crash()
  await flow.time.pass(minute / 2)
  await meanwhile()
  await flow.time.pass(outage)
  await flow.minutes(2)
}

const outboxReads = (since: number): number =>
  flow.fediverse.requests.slice(since).filter(({ url }) => url.includes('/outbox')).length

describe('after an outage of ours', () => {
  test('of a day or more every server that we have to do with hears of us, once', async () => {
    const profile = await flow.publish(alice)
    const [carl, dora] = [
      flow.account('carl', 'other.example'),
      flow.account('dora', 'third.example'),
    ]
    const ben = flow.account('ben', 'other.example')
    await flow.gain(alice, carl)
    await flow.gain(alice, ben)
    await flow.follow(alice, dora)
    const heard = () => [bob, carl, dora].map((account) => flow.received(account, 'Update').length)
    await away(23 * 60, () => undefined)
    expect(heard()).toEqual([0, 0, 0])
    await away(25 * 60, () => undefined)
    expect(heard()).toEqual([1, 1, 1])
    const [update] = flow.received(dora, 'Update')
    expect([update?.['actor'], (update?.['object'] as { id?: unknown }).id]).toEqual(
      Array(2).fill(await flow.actorOf(alice)),
    )
    expect(flow.bodies(profile)).toEqual([])
  })

  test('what a followed account published meanwhile is there once, in order, with its dates', async () => {
    await flow.tell(bob.post({ content: 'before' }))
    const dates: number[] = []
    const late: Sent[] = []
    await away(30, async () => {
      for (const content of ['one', 'two', 'three']) {
        late.push(bob.post({ content }))
        dates.push(Math.floor(flow.time.now() / 1000))
        await flow.minutes(1)
      }
    })
    expect(flow.bodies(portal)).toEqual(['before', 'one', 'two', 'three'])
    const shown = flow
      .messages(portal)
      .slice(1)
      .map(({ ts }) => Math.floor(ts / 1000))
    expect(shown).toEqual(dates)
    // Its server tries again after all.
    await flow.tell(...late, bob.post({ content: 'after' }))
    expect(flow.bodies(portal)).toEqual(['before', 'one', 'two', 'three', 'after'])
  })

  test('comes before what the account tells us as soon as we are back', async () => {
    await away(30, () => {
      bob.post({ content: 'missed' })
      flow.senders.send(bob.post({ content: 'tried again' }))
    })
    await flow.hours(1)
    expect(flow.bodies(portal)).toEqual(['missed', 'tried again'])
  })

  test('opens the next room where that of the account was closed meanwhile', async () => {
    await away(30, () => {
      bob.post({ content: 'missed' })
      flow.homeserver.shutDown(portal, { purge: false, first: [], isUnheard: true })
    })
    const shown = flow.homeserver.rooms().flatMap((roomId) => flow.bodies(roomId))
    expect(shown.filter((body) => body === 'missed')).toHaveLength(1)
  })

  test('answers, boosts and edits are among it', async () => {
    const first = bob.post({ content: 'draft' })
    await flow.tell(first)
    const carl = flow.account('carl', 'other.example')
    const { object } = carl.post({ content: 'by carl' })
    await away(30, async () => {
      bob.edit(first.object, 'final')
      bob.post({ content: 'in answer', inReplyTo: first.object })
      await flow.minutes(1)
      bob.boost(object)
    })
    const draft = flow.eventOf(portal, 'draft')
    const lines = flow.messages(portal)
    expect(lines.map(({ content }) => String(content['body']).split('\n')[0])).toEqual([
      'draft',
      '* final',
      'in answer',
      expect.stringContaining('boosted'),
    ])
    expect(lines[2]?.content['m.relates_to']).toMatchObject({ event_id: draft })
  })

  test('deleted posts stay deleted, and followers-only ones are not read back', async () => {
    const sent = bob.post({ content: 'regretted' })
    await flow.tell(sent)
    await flow.tell(bob.delete(sent.object))
    await away(30, () => void bob.post({ content: 'among us', visibility: 'followers' }))
    expect(flow.bodies(portal).join('')).not.toMatch(/regretted|among us/)
  })

  test('who is read at home is caught up there, and who is followed no more is not asked', async () => {
    const carl = flow.account('carl', 'other.example')
    await flow.command(alice, `follow ${carl.handle} --home`)
    const home = flow.newRoom(alice, [await flow.chat(alice), portal])
    await flow.command(alice, `unfollow ${bob.handle}`)
    const before = flow.fediverse.requests.length
    await away(30, () => void carl.post({ content: 'missed' }))
    expect(flow.bodies(home)).toEqual(['missed'])
    expect(flow.fediverse.requests.slice(before).map(({ url }) => url)).not.toContain(
      `${bob.id}/outbox`,
    )
  })

  test('a server that is away is asked later, and holds up nothing that it tells', async () => {
    await away(30, () => {
      bob.post({ content: 'missed' })
      flow.fediverse.server('remote.example').isAway = true
    })
    flow.fediverse.server('remote.example').isAway = false
    await flow.tell(bob.post({ content: 'told' }))
    await flow.hours(3)
    expect([...flow.bodies(portal)].sort()).toEqual(['missed', 'told'])
  })

  test.each(['post', 'boost'] as const)(
    'a %s that was sent then, without an answer, does not come twice when its server tells it',
    async (kind) => {
      const carl = flow.account('carl', 'other.example')
      const { object } = carl.post({ content: 'by carl' })
      const server = flow.fediverse.server('remote.example')
      const late: Sent[] = []
      let isCut = false
      await away(30, () => {
        late.push(kind === 'post' ? bob.post({ content: 'missed' }) : bob.boost(object))
        flow.homeserver.injectFaults(({ url }) => {
          if (isCut || !url.includes(`${encodeURIComponent(portal)}/send/m.room.message`)) return
          isCut = true
          server.isAway = true
          return 'cut-answer'
        })
      })
      expect(isCut).toBe(true)
      const before = flow.bodies(portal)
      expect(before).toHaveLength(1)
      flow.homeserver.restart()
      await flow.tell(...late)
      expect(flow.bodies(portal)).toEqual(before)
      server.isAway = false
      await flow.hours(3)
      expect(flow.bodies(portal)).toEqual(before)
    },
  )

  test('what was sent then, without an answer, can be answered while its server is away', async () => {
    const server = flow.fediverse.server('remote.example')
    let isCut = false
    await flow.publish(alice)
    await away(30, () => {
      bob.post({ content: 'missed' })
      flow.homeserver.injectFaults(({ url }) => {
        if (isCut || !url.includes(`${encodeURIComponent(portal)}/send/m.room.message`)) return
        isCut = true
        server.isAway = true
        return 'cut-answer'
      })
    })
    flow.homeserver.restart()
    alice.reply(portal, flow.eventOf(portal, 'missed'), 'I see')
    await flow.minutes(10)
    server.isAway = false
    await flow.hours(3)
    expect(flow.received(bob, 'Create')).toHaveLength(1)
    expect(flow.bodies(portal)).toEqual(['missed', 'I see'])
  })

  test('a server that is away for two days is asked for as long', async () => {
    await away(30, () => {
      bob.post({ content: 'missed' })
      flow.fediverse.server('remote.example').isAway = true
    })
    await flow.hours(48)
    flow.fediverse.server('remote.example').isAway = false
    await flow.hours(5)
    expect(flow.bodies(portal)).toEqual(['missed'])
  })

  test('a server that is away for four days is given up', async () => {
    await away(30, () => void (flow.fediverse.server('remote.example').isAway = true))
    await flow.hours(96)
    const { length } = flow.fediverse.requests
    await flow.hours(24)
    expect(outboxReads(length)).toBe(0)
  })

  test('a file that cannot be had is no reason to miss what came after it', async () => {
    const url = 'https://files.example/cat.png'
    await away(30, async () => {
      const attachment = [{ type: 'Document', mediaType: 'image/png', url }]
      bob.post({ content: 'with a picture', extra: { attachment } })
      await flow.minutes(1)
      bob.post({ content: 'after it' })
    })
    expect(flow.bodies(portal).join(' ')).toMatch(/with a picture.* after it$/s)
  })

  test('nor is the author of a boosted post', async () => {
    const carl = flow.account('carl', 'other.example')
    const { object } = carl.post({ content: 'by carl' })
    flow.fediverse.setFault(({ url }) => (url === carl.id ? 'fail-500' : undefined))
    await away(30, async () => {
      bob.boost(object)
      await flow.minutes(1)
      bob.post({ content: 'after it' })
    })
    expect(flow.bodies(portal)).toEqual([expect.stringContaining('by carl'), 'after it'])
  })

  test('of some seconds nobody is asked', async () => {
    const before = flow.fediverse.requests.length
    await away(1, () => undefined)
    expect(outboxReads(before)).toBe(0)
  })

  test('servers are asked slowly', async () => {
    const others = Array.from({ length: 8 }, (_, n) => flow.account(`u${n}`, 'remote.example'))
    for (const account of others) await flow.command(alice, `follow ${account.handle} --home`)
    const before = flow.fediverse.requests.length
    outage = 30 * minute
    flow.crash()
    await flow.time.pass(outage + 6_000)
    const soon = outboxReads(before)
    await flow.minutes(1)
    expect(soon).toBeLessThan(9)
    expect(outboxReads(before)).toBeGreaterThanOrEqual(18)
  })
})
