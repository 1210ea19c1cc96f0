import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Visibility } from '../../src/model/audience.ts'
import type { SqliteStore } from '../../src/store/store.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { createStillClock } from '../matrix/setup.ts'
import { localActor, localId, media, object, objectId } from './sample.ts'

const file = media('a')
let store: SqliteStore

async function publish(visibility: Visibility): Promise<void> {
  const note = object('1', { author: localId('alice'), isLocal: true, visibility })
  await store.commit([
    { change: 'put-local-actor', actor: localActor('alice') },
    { change: 'put-object', object: note },
    { change: 'put-media', media: file },
  ])
}

const accessNow = async () => (await store.findMedia(file.id))?.access

beforeEach(async () => {
  const database = await openDatabase('sqlite::memory:')
  store = createStore({ database, clock: createStillClock() })
})

describe('a file of a note', () => {
  test.each<[Visibility, string]>([
    ['public', 'public'],
    ['unlisted', 'public'],
    ['followers', 'private'],
    ['direct', 'private'],
  ])('that is %s is %s', async (visibility, access) => {
    await publish(visibility)
    expect(await store.findMedia(file.id)).toEqual({ media: file, access })
  })

  test.each(['', 'a', file.id.toLowerCase().replace('a', 'A'), `${file.id}m`, `${file.id} `])(
    'is not found by the id "%s"',
    async (id) => {
      await publish('public')
      expect(await store.findMedia(id)).toBeUndefined()
    },
  )

  test('of no note is not found', async () => {
    await store.commit([{ change: 'put-media', media: file }])
    expect(await store.findMedia(file.id)).toBeUndefined()
  })

  test('is gone with its note, and does not come back with it', async () => {
    await publish('public')
    await store.commit([
      { change: 'delete-object', id: objectId('1'), author: localId('alice'), at: 9 },
    ])
    expect(await accessNow()).toBe('gone')
    await publish('public')
    expect(await accessNow()).toBe('gone')
  })

  test('is gone with its author', async () => {
    await publish('public')
    const actor = localActor('alice', { deletedAt: 9 })
    await store.commit([{ change: 'put-local-actor', actor }])
    expect(await accessNow()).toBe('gone')
  })

  test('that was dropped is gone, and no file of the note any more', async () => {
    await publish('public')
    const later = media('c', { part: 1 })
    const between = media('b', { createdAt: 99 })
    await store.commit([
      { change: 'put-media', media: later },
      { change: 'put-media', media: between },
      { change: 'drop-media', id: file.id, at: 9 },
    ])
    await store.commit([{ change: 'put-media', media: file }])
    expect(await accessNow()).toBe('gone')
    expect(await store.mediaOf(objectId('1'))).toEqual([between, later])
  })
})
