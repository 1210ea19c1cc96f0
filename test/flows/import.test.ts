import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { asActorId, type EventId, type RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let chat: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  chat = await flow.chat(alice)
})
afterEach(() => flow.close())

const accounts = (count: number, host = 'many.example'): readonly Account[] =>
  Array.from({ length: count }, (_, n) => flow.account(`user${n}`, host))

const csvOf = (list: readonly Account[]): string =>
  ['Account address,Show boosts,Notify on new posts,Languages']
    .concat(list.map(({ username, host }) => `${username}@${host},true,false,`))
    .join('\n')

let files = 0
/** Sends a list into the chat, as a file with that caption or none. */
function bring(text: string, caption?: string): EventId {
  const url = `mxc://hs.test/list${(files += 1)}`
  flow.homeserver.addMedia(url, Buffer.from(text))
  const name = 'following_accounts.csv'
  const words = caption === undefined ? { body: name } : { body: caption, filename: name }
  return alice.send(chat, { msgtype: 'm.file', url, info: { mimetype: 'text/csv' }, ...words })
}

/** What the notice says that tells how far it is, last edited. */
const progress = (): string => {
  const said = flow.bodies(chat).filter((body) => /^(\* )?Import of/.test(body))
  return said.at(-1)?.replace(/^\* /, '') ?? ''
}

const followed = async (list: readonly Account[]): Promise<readonly string[]> => {
  const follows = await flow.store.followsOf(asActorId(await flow.actorOf(alice)))
  return follows
    .filter(({ followed: id }) => list.some((account) => account.id === id))
    .map(({ state, shownIn }) => `${state} ${shownIn}`)
}

describe('import follows', () => {
  test('reads a list that it answers, into the home room, ten a minute at most', async () => {
    const list = accounts(25)
    const file = bring(csvOf(list))
    await flow.quiet()
    expect(flow.bodies(chat).at(-1)).toContain('answer it with `import follows`')
    alice.reply(chat, file, 'import follows')
    await flow.quiet()
    expect(flow.bodies(chat).join()).toContain('Your list has 25 accounts.')
    const asked = () =>
      flow.fediverse.deliveries.filter(({ activity }) => activity['type'] === 'Follow')
    await flow.minutes(1)
    expect(asked().length).toBeLessThanOrEqual(11)
    expect(asked().length).toBeGreaterThan(8)
    expect(progress()).toMatch(/^Import of follows: 10 of 25, about \d+ minutes left\.$/)
    await flow.minutes(3)
    expect(asked()).toHaveLength(25)
    expect(await followed(list)).toEqual(list.map(() => 'accepted home'))
    expect(flow.bodies(chat).at(-1)).toContain('Followed 25 of 25 accounts')
    expect(flow.bodies(chat).filter((body) => body.startsWith('Following '))).toEqual([])
  })

  test('says how many lines name nobody', async () => {
    bring(`${csvOf(accounts(1))}\nnobody at all\n`, 'import follows')
    await flow.quiet()
    expect(flow.bodies(chat).join()).toContain(
      'Your list has 1 account. Lines that name no account: 1. They are read in your Home room.',
    )
  })

  test('reads a list whose caption says it, into rooms', async () => {
    const list = accounts(2)
    bring(csvOf(list), 'import follows --rooms')
    await flow.minutes(2)
    expect(await followed(list)).toEqual(['accepted room', 'accepted room'])
  })

  test('goes on after a restart, and follows nobody twice', async () => {
    const list = accounts(20)
    bring(csvOf(list), 'import follows')
    for (let round = 0; round < 4; round++) {
      await flow.time.pass(20_000)
      flow.crash(1_000)
    }
    await flow.minutes(5)
    const asked = flow.fediverse.deliveries.filter(({ activity }) => activity['type'] === 'Follow')
    expect(new Set(asked.map(({ activity }) => activity['object'])).size).toBe(20)
    expect(new Set(asked.map(({ activity }) => activity['id'])).size).toBe(20)
    const reports = flow.bodies(chat).filter((body) => body.startsWith('Followed '))
    expect(reports).toHaveLength(1)
  })

  test('keeps to what an hour allows', async () => {
    flow.close()
    flow = await createFlow({}, { limits: { followsPerHour: 5 } })
    alice = flow.user('alice')
    chat = await flow.chat(alice)
    const list = accounts(12)
    bring(csvOf(list), 'import follows')
    await flow.minutes(30)
    expect(await followed(list)).toHaveLength(5)
    await flow.hours(3)
    expect(await followed(list)).toHaveLength(12)
  })

  test('asks servers that are away once more, and says of whom nothing came', async () => {
    const list = accounts(2)
    const [late] = accounts(1, 'late.example')
    const [gone] = accounts(1, 'gone.example')
    if (late === undefined || gone === undefined) throw new Error('nobody')
    for (const { host } of [late, gone]) flow.fediverse.server(host).isAway = true
    bring(
      `${csvOf([late, gone, ...list])}\nnobody@many.example\nalice@bridge.example\n`,
      'import follows',
    )
    await flow.minutes(3)
    expect(progress()).toContain('2 wait for their servers.')
    flow.fediverse.server(late.host).isAway = false
    await flow.hours(12)
    expect(await followed([late, ...list])).toHaveLength(3)
    const report = flow.bodies(chat).find((body) => body.startsWith('Followed ')) ?? ''
    expect(report).toContain('Followed 3 of 6 accounts')
    expect(report).toContain(`@user0@gone.example is on a server that does not answer`)
    expect(report).toContain('@nobody@many.example leads to no account')
    expect(report).toContain('@alice@bridge.example is on this server')
  })

  test('stops when it is told to', async () => {
    const list = accounts(20)
    bring(csvOf(list), 'import follows')
    await flow.time.pass(30_000)
    expect(await flow.command(alice, 'import')).toEqual([
      expect.stringContaining('`import stop` ends it'),
    ])
    await flow.command(alice, 'import stop')
    const before = (await followed(list)).length
    await flow.minutes(5)
    expect(await followed(list)).toHaveLength(before)
    expect(before).toBeLessThan(20)
  })

  test.each(['at its end', 'when it is stopped'])('keeps no list, %s', async (when) => {
    const list = accounts(20)
    const id = bring(csvOf(list), 'import follows')
    if (when === 'at its end') await flow.minutes(5)
    else {
      await flow.time.pass(30_000)
      expect((await flow.store.countImport(id)).all).toBe(20)
      await flow.command(alice, 'import stop')
    }
    expect((await flow.store.countImport(id)).all).toBe(0)
  })

  test('leaves alone who is followed in a room already', async () => {
    const [one] = accounts(1)
    if (one === undefined) throw new Error('nobody')
    await flow.follow(alice, one)
    bring(csvOf([one]), 'import follows')
    await flow.minutes(1)
    expect(await followed([one])).toEqual(['accepted room'])
  })

  test('needs a list', async () => {
    expect(await flow.command(alice, 'import follows')).toEqual([
      expect.stringContaining('Send me the list'),
    ])
    bring('nothing here', 'import follows')
    await flow.quiet()
    expect(flow.bodies(chat).at(-1)).toContain('I find no accounts in that file.')
  })
})

test('import blocks blocks everybody of the list', async () => {
  const list = accounts(3)
  bring(list.map(({ username, host }) => `${username}@${host}`).join('\n'), 'import blocks')
  await flow.minutes(1)
  const blocks = await flow.store.blocksBy(asActorId(await flow.actorOf(alice)))
  expect(blocks.map(({ blocked }) => blocked).sort()).toEqual(list.map(({ id }) => id).sort())
  expect(flow.bodies(chat).at(-1)).toBe('Blocked 3 of 3 accounts of your list.')
})
