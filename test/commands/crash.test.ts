import { describe, expect, test } from '@jest/globals'
import type { Kill } from '../support/bridge.ts'
import { alice, setUp } from './setup.ts'

/** What is left when all is quiet: rooms, rows, activities and notices, without the ids made up on the way. */
async function run(lines: readonly string[], kill: (call: string) => Kill) {
  let isArmed = false
  let calls = 0
  const asking = await setUp({
    kill: (call) => {
      if (!isArmed) return undefined
      calls += 1
      const when = kill(`${calls} ${call}`)
      // The worst moment for the homeserver to restart: it forgets what it has got.
      if (when !== undefined) asking.bridge.hs.restart()
      return when
    },
  })
  const { bridge, user, chat, ask } = asking
  isArmed = true
  for (const line of lines) await ask(line)
  isArmed = false
  const actor = await bridge.store.findLocalActorByUser(alice)
  const follows = actor === undefined ? [] : await bridge.store.followsOf(actor.id)
  const end = {
    notices: bridge.notices(chat),
    rooms: bridge.hs.rooms().length,
    invites: user.rooms('invite').length,
    follows: follows.map(({ followed, state, withReplies }) => ({ followed, state, withReplies })),
    delivered: bridge.delivered.map(({ inbox, activity: { type } }) => ({ inbox, type })),
    dms: await bridge.store.findSetting(alice, 'dms'),
    deliveredIds: new Set(bridge.delivered.map(({ activity }) => activity.id)).size,
  }
  return { end: { ...end, notices: end.notices.map(withoutIds) }, calls }
}

const withoutIds = (text: string): string => text.replace(/![\w-]+/g, '!room')

const never = (): Kill => undefined

describe.each([
  ['a follow', ['follow @bob@social.test --replies']],
  ['a follow and its end', ['follow @bob@social.test', 'unfollow @bob@social.test']],
  ['a registration', ['register', 'whoami']],
  ['a public room', ['publish']],
  ['a private chat', ['dm @bob@social.test']],
  ['a setting', ['settings dms nobody']],
  ['a name that nobody has', ['follow @nobody@social.test']],
])('%s', (_what, lines) => {
  test('comes to the same wherever the process is killed', async () => {
    const { end, calls } = await run(lines, never)
    expect(calls).toBeGreaterThan(0)
    for (let at = 1; at <= calls; at++) {
      for (const when of ['before', 'after'] as const) {
        const killed = await run(lines, (call) => (call.startsWith(`${at} `) ? when : undefined))
        expect({ at, when, end: killed.end }).toEqual({ at, when, end })
      }
    }
  })
})

test('what was decided stands, although the other server answers differently after a crash', async () => {
  let isArmed = false
  const { bridge, bob, chat, ask } = await setUp({
    kill: (call) => {
      if (!isArmed || call !== 'send') return undefined
      isArmed = false
      bridge.fediverse.beforeLookup = async () => {
        throw new Error('asked twice')
      }
      return 'after'
    },
  })
  isArmed = true
  await ask('follow @bob@social.test')
  expect(isArmed).toBe(false)
  expect(bridge.notices(chat)).toHaveLength(2)
  expect(bridge.delivered.map(({ inbox }) => inbox)).toEqual([bob.inbox])
})
