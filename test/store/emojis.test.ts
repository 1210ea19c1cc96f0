import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import type { ImagePack, OwnEmoji } from '../../src/model/emoji.ts'
import type { SqliteStore } from '../../src/store/store.ts'
import { asMxc } from '../../src/model/ids.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { createStillClock } from '../matrix/setup.ts'
import { emoji, pack, roomId } from './sample.ts'

let store: SqliteStore
beforeEach(async () => {
  const database = await openDatabase('sqlite::memory:')
  store = createStore({ database, clock: createStillClock() })
})

const put = (more: Partial<OwnEmoji>): Change => ({
  change: 'put-emoji',
  emoji: { ...emoji, ...more },
})
const cat = asMxc('mxc://example.org/cat')

describe('a custom emoji', () => {
  test('keeps the first name of a picture, and the first picture of a name', async () => {
    await store.commit([
      put({}),
      put({ id: 'other', shortcode: 'other' }),
      put({ id: 'another', mxc: cat }),
    ])
    expect(await store.findEmojiNamed('other')).toBeUndefined()
    expect(await store.findEmoji(cat)).toBeUndefined()
    expect(await store.findEmoji(emoji.mxc)).toEqual(emoji)
  })

  test('is a file for everybody who has its id', async () => {
    await store.commit([put({})])
    const { id, mxc, createdAt } = emoji
    expect(await store.findEmojiFile(id)).toEqual({ id, mxc, createdAt, isPicture: true })
    expect(await store.findEmojiFile('blob')).toBeUndefined()
  })
})

const offer = (more: Partial<ImagePack>): Change => ({
  change: 'put-image-pack',
  pack: { ...pack, ...more },
})
const names = async () => (await store.picturesOf(pack.roomId)).map(({ shortcode }) => shortcode)

describe('pictures that a room offers', () => {
  test('are those of all its packs as they are now', async () => {
    const dog = { shortcode: 'dog', mxc: cat }
    await store.commit([
      offer({}),
      offer({ stateKey: 'b', pictures: [dog] }),
      offer({ roomId: roomId('elsewhere'), pictures: [{ ...dog, shortcode: 'elsewhere' }] }),
    ])
    expect(await names()).toEqual(['blob', 'cat', 'dog'])
    await store.commit([offer({ pictures: [{ ...dog, shortcode: 'new' }] })])
    expect(await names()).toEqual(['new', 'dog'])
    await store.commit([offer({ pictures: [] })])
    expect(await names()).toEqual(['dog'])
  })

  test('are of a number of packs at most', async () => {
    const many = Array.from({ length: 80 }, (_, index) =>
      offer({ stateKey: String(index), pictures: [{ shortcode: `e${index}`, mxc: cat }] }),
    )
    await store.commit(many)
    expect(await names()).toHaveLength(50)
    await store.commit([offer({ stateKey: '7', pictures: [{ shortcode: 'again', mxc: cat }] })])
    expect(await names()).toContain('again')
  })

  test('go with the portal', async () => {
    await store.commit([offer({}), { change: 'remove-portal', roomId: pack.roomId }])
    expect(await names()).toEqual([])
  })
})
