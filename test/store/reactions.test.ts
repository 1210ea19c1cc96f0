import { expect, test } from '@jest/globals'
import { openDatabase } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { reaction } from './kept.ts'
import { activityId, localActor, localId, mapping, roomId } from './sample.ts'

test('reactions are counted by emoji, but not our own, nor where an event shows them', async () => {
  const database = await openDatabase('sqlite::memory:')
  const s = createStore({ database, clock: { now: () => 0, sleep: async () => undefined } })
  const byUs = { ...reaction, actor: localId('alice'), activityId: activityId('l5') }
  const byBob = { ...reaction, activityId: activityId('l6') }
  const shown = mapping('l6', { remoteId: byBob.activityId, roomId: roomId('a') })
  await s.commit([
    { change: 'put-local-actor', actor: localActor('alice') },
    { change: 'put-reaction', reaction: byUs },
    { change: 'put-reaction', reaction: byBob },
    { change: 'add-mapping', mapping: shown },
  ])
  const count = async (name: string) => [
    ...(await s.countReactions(reaction.object, roomId(name), 1)),
  ]
  expect(await count('a')).toEqual([])
  expect(await count('b')).toEqual([[reaction.key, 1]])
  database.close()
})
