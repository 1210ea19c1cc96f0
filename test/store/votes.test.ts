import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { asEventId, asUserId, type ActorId, type UserId } from '../../src/model/ids.ts'
import { openDatabase, type Database } from '../../src/store/database.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { createVirtualClock } from '../queue/virtual-clock.ts'
import { reaction } from './kept.ts'
import { actorId, localId, object as objectOf } from './sample.ts'

let database: Database
let s: SqliteStore

beforeEach(async () => {
  database = await openDatabase('sqlite::memory:')
  s = createStore({ database, clock: createVirtualClock() })
})
afterEach(() => database.close())

test('votes count once for each choice of each voter', async () => {
  const { object } = reaction
  const add = (voter: ActorId | UserId, ...choices: readonly string[]) =>
    ({ change: 'add-votes', votes: { object, voter, choices } }) as const
  const eventId = asEventId('$vote')
  const votes = { object, voter: asUserId('@dan:hs.test'), choices: ['Tea'], eventId }
  await s.commit([
    add(actorId('bob'), 'Tea', 'Coffee'),
    add(actorId('bob'), 'Coffee', 'Milk'),
    add(actorId('carol'), 'Coffee'),
    { change: 'add-votes', votes },
    add(localId('alice'), 'Tea'),
  ])
  expect(await s.votesBy(object, actorId('bob'))).toEqual(['Tea', 'Coffee', 'Milk'])
  const tally = await s.tallyOf(object)
  expect([...tally.votes].sort()).toEqual([
    ['Coffee', 2],
    ['Milk', 1],
    ['Tea', 3],
  ])
  expect(tally.voters).toHaveLength(4)
  expect(await s.findPollOfVote(eventId)).toBe(object)
  await s.commit([
    { change: 'remove-votes', object, eventId },
    { change: 'remove-votes', object, voter: actorId('bob') },
    { change: 'delete-remote-actor', id: actorId('carol') },
  ])
  expect(await s.findPollOfVote(eventId)).toBeUndefined()
  expect((await s.tallyOf(object)).voters).toEqual([localId('alice')])
  await s.commit([{ change: 'remove-votes', object }])
  expect((await s.tallyOf(object)).voters).toEqual([])
})

test('what was changed meanwhile is not written over', async () => {
  const before = objectOf('n1')
  await s.commit([{ change: 'put-object', object: before }])
  const poll = { options: [], isMultiple: false, isClosed: false }
  const changes = [
    { change: 'expect-object', object: before },
    { change: 'put-object', object: { ...before, poll } },
  ] as const
  await s.commit(changes)
  expect(await s.findObject(before.id)).toEqual({ ...before, poll })
  await expect(s.commit(changes)).rejects.toThrow('was changed meanwhile')
  await s.commit([{ change: 'delete-object', id: before.id, author: before.author, at: 9 }])
  await expect(s.commit(changes)).rejects.toThrow('was changed meanwhile')
})
