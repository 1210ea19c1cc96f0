import { expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import { publicCollection } from '../../src/model/audience.ts'
import { asObjectId } from '../../src/model/ids.ts'
import { reachedDay, shownMarks } from '../../src/bridge/stranger-limits.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'

test('a mention that was sent stays shown, although others came before it was written down', async () => {
  let isArmed = false
  const bridge: Bridge = await createBridge({
    kill: (call) => {
      if (!isArmed || call !== 'send') return undefined
      isArmed = false
      const day = reachedDay(user.userId, bridge.clock.now())
      const others = Array.from({ length: 20 }, (_, n): Change => {
        const key = `${shownMarks(day, eve.id)}https://social.test/${n}`
        return { change: 'mark', key, value: '', at: bridge.clock.now() }
      })
      void bridge.store.commit(others)
      return 'after'
    },
  })
  const eve = bridge.fediverse.addAccount('eve@social.test')
  const { user, chat } = await bridge.meet('@alice:hs.test')
  user.say(chat, 'register')
  await bridge.settle()
  const alice = await bridge.store.findLocalActorByUser(user.userId)
  isArmed = true
  const id = 'https://social.test/notes/mention'
  const note = { id, type: 'Note', attributedTo: eve.id, content: 'hello' }
  const object = { ...note, to: [publicCollection], cc: [alice?.id] }
  await bridge.receive({ id: `${id}/activity`, type: 'Create', actor: eve.id, object })
  await bridge.settle()
  expect(bridge.outcomes.findLast((line) => line.startsWith('activity'))).toBe('activity done')
  expect(await bridge.store.findObject(asObjectId(id))).toMatchObject({ visibility: 'public' })
  const [mapping, ...more] = await bridge.store.mappingsOf(asObjectId(id))
  expect(more).toEqual([])
  const events = mapping === undefined ? [] : bridge.hs.timeline(mapping.roomId)
  expect(events.filter((event) => JSON.stringify(event).includes('"body":"hello"'))).toHaveLength(1)
  expect(bridge.hs.rooms().flatMap((room) => bridge.notices(room))).not.toContainEqual(
    expect.stringContaining('more mention'),
  )
})

test('what nobody would be shown anyway is not counted', async () => {
  const bridge = await createBridge()
  const eve = bridge.fediverse.addAccount('eve@social.test')
  const { user, chat } = await bridge.meet('@alice:hs.test')
  user.say(chat, 'register')
  await bridge.settle()
  const alice = await bridge.store.findLocalActorByUser(user.userId)
  const id = 'https://social.test/notes/old'
  const published = new Date(bridge.clock.now() - 10 * 86_400_000).toISOString()
  const note = { id, type: 'Note', attributedTo: eve.id, content: 'hello', published }
  const object = { ...note, to: [publicCollection], cc: [alice?.id] }
  await bridge.receive({ id: `${id}/update`, type: 'Update', actor: eve.id, object })
  await bridge.settle()
  expect(bridge.outcomes).toContain('activity skipped: unknown-target')
  expect(await bridge.store.countMarks('stranger ')).toBe(0)
  await bridge.receive({ id: `${id}/activity`, type: 'Create', actor: eve.id, object })
  await bridge.settle()
  expect(await bridge.store.countMarks('stranger ')).toBe(1)
})
