import { describe, expect, test } from '@jest/globals'
import { TransientError } from '../../src/model/errors.ts'
import { alice, setUp, type Asking } from './setup.ts'

const minute = 60_000
const waiting =
  'social.test does not answer right now. I keep trying for a day, and tell you what came of it.'
const requested =
  'On the fediverse you are now @alice@hs.test.\n' +
  'Requested to follow @bob@social.test. I will tell you when they answer.'

const beAway = async (): Promise<void> => {
  throw new TransientError('timed out')
}
const beBack = async (): Promise<void> => undefined

async function passTime({ bridge }: Asking, ms: number): Promise<void> {
  await bridge.clock.advance(ms)
  await bridge.settle()
}

/** Everything the bot has said since its welcome. */
const said = ({ bridge, chat }: Asking): readonly string[] => bridge.notices(chat).slice(1)

describe('a slow server', () => {
  const slowly = async (asking: Asking, ms: number, line = 'follow @bob@social.test') => {
    const { bridge, user, chat } = asking
    bridge.fediverse.beforeLookup = () => bridge.clock.sleep(ms)
    user.say(chat, line)
    const done = bridge.settle()
    await bridge.clock.advance(1_999)
    const early = said(asking)
    await bridge.clock.advance(ms)
    await done
    return { early, all: said(asking) }
  }

  test('that takes over two seconds is announced first, and answered after', async () => {
    const asking = await setUp()
    expect(await slowly(asking, 10_000)).toEqual({
      early: [],
      all: ['Looking up `@bob@social.test`.', requested],
    })
  })

  test('that answers within two seconds is not announced', async () => {
    const asking = await setUp()
    expect(await slowly(asking, 1_500)).toEqual({ early: [requested], all: [requested] })
  })

  test('that has no such account after all is announced and told', async () => {
    const asking = await setUp()
    expect((await slowly(asking, 5_000, 'dm x@social.test y@social.test')).all).toEqual([
      'Looking up `x@social.test` and the others.',
      'I cannot find @x@social.test: social.test says there is no such account.',
    ])
  })
})

describe('a server that is away', () => {
  test('is told once, tried again for a day while other commands go on, and done when it is back', async () => {
    const asking = await setUp()
    const { bridge, ask } = asking
    bridge.fediverse.beforeLookup = beAway
    expect(await ask('follow @bob@social.test')).toEqual([waiting])
    expect(bridge.outcomes.at(-1)).toBe('event parked: timed out')
    expect(await ask('whoami')).toHaveLength(1)
    for (let passed = 0; passed < 60; passed++) await passTime(asking, minute)
    expect(said(asking)).toHaveLength(2)
    // At 0, 1, 2, 4, 8, 16 and 32 minutes.
    expect(bridge.fediverse.lookups).toHaveLength(7)
    bridge.fediverse.beforeLookup = beBack
    await passTime(asking, 120 * minute)
    expect(said(asking).slice(2)).toEqual([requested])
    expect(bridge.delivered.map(({ activity }) => activity.type)).toEqual(['follow'])
    expect(await bridge.store.findMark('away')).toBeUndefined()
  })

  test('for a day is given up, and the user is told', async () => {
    const asking = await setUp()
    const { bridge, ask } = asking
    bridge.fediverse.beforeLookup = beAway
    await ask('follow @bob@social.test')
    for (let hours = 0; hours < 30; hours++) await passTime(asking, 60 * minute)
    expect(said(asking)).toEqual([
      waiting,
      'social.test has not answered for a day, and I have stopped trying. You can ask again later.',
    ])
    expect(await bridge.store.findLocalActorByUser(alice)).toBeUndefined()
    const { length } = bridge.fediverse.lookups
    await passTime(asking, 60 * minute)
    expect(bridge.fediverse.lookups).toHaveLength(length)
  })

  test('that asked for peace is left alone until then', async () => {
    const asking = await setUp()
    const { bridge, ask } = asking
    const retryAt = bridge.clock.now() + 90 * minute
    bridge.fediverse.beforeLookup = async () => {
      throw new TransientError('busy', { retryAt })
    }
    await ask('follow @bob@social.test')
    await passTime(asking, 89 * minute)
    expect(bridge.fediverse.lookups).toHaveLength(1)
    await passTime(asking, minute)
    expect(bridge.fediverse.lookups).toHaveLength(2)
  })

  test('that asked for peace is asked for no list until then either', async () => {
    const asking = await setUp({ permissionOf: () => 'admin' })
    const { bridge, ask } = asking
    const retryAt = bridge.clock.now() + 90 * minute
    const list = 'https://lists.test/blocks.csv'
    bridge.fediverse.files.set(list, new TransientError('busy', { retryAt }))
    await ask(`blocklist try ${list}`)
    await passTime(asking, 89 * minute)
    expect(bridge.fediverse.fetched).toEqual([list])
    await passTime(asking, minute)
    expect(bridge.fediverse.fetched).toEqual([list, list])
  })

  test('does not keep a known account from being followed, written to or unfollowed', async () => {
    const { bridge, bob, ask } = await setUp()
    await bridge.store.commit([{ change: 'put-remote-actor', actor: bob }])
    bridge.fediverse.beforeLookup = beAway
    expect(await ask('follow @bob@social.test')).toEqual([requested])
    expect((await ask('dm @bob@social.test')).join()).toContain('Your private chat with')
    expect(await ask('unfollow bob@social.test')).toEqual([
      'I have taken back your request to follow @bob@social.test.',
    ])
    expect(await ask('unfollow x@social.test')).toEqual([
      'You do not follow `x@social.test`. `following` shows whom you follow.',
    ])
  })

  const ended = (name: string): string =>
    `You have unfollowed ${name} or left its room since you asked for this, so I do not follow it. Ask again to follow it after all.`

  test.each([
    ['@bob@social.test', '@bob@social.test'],
    ['@bob@social.test', 'acct:Bob@social.test'],
    ['@bob@social.test', '@_ap_bob_social.test:hs.test'],
    ['https://social.test/@bob', 'https://social.test/@bob'],
    ['@bob@social.test', 'https://social.test/@bob'],
  ])(
    'that one asked to follow as %s and then to unfollow as %s is not followed',
    async (...names) => {
      const asking = await setUp()
      const { bridge, ask } = asking
      bridge.fediverse.beforeLookup = beAway
      await ask(`follow ${names[0]}`)
      await passTime(asking, 1_000)
      expect((await ask(`unfollow ${names[1]}`)).join()).toContain('You do not follow')
      bridge.fediverse.beforeLookup = beBack
      await passTime(asking, 120 * minute)
      const [answer, more] = said(asking).slice(2)
      expect([ended('@bob@social.test'), ended(`\`${names[0]}\``)]).toContain(answer)
      expect(more).toBeUndefined()
      expect(bridge.delivered).toEqual([])
    },
  )

  test('is followed where that was asked for last', async () => {
    const asking = await setUp()
    const { bridge, ask } = asking
    bridge.fediverse.beforeLookup = beAway
    await ask('follow @bob@social.test')
    await passTime(asking, 1_000)
    await ask('unfollow @bob@social.test')
    await passTime(asking, 1_000)
    await ask('follow @bob@social.test')
    bridge.fediverse.beforeLookup = beBack
    await passTime(asking, 120 * minute)
    expect(said(asking).slice(-2)).toEqual([ended('`@bob@social.test`'), requested])
    expect(bridge.delivered.map(({ activity }) => activity.type)).toEqual(['follow'])
  })
})
