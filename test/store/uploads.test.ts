import { expect, test } from '@jest/globals'
import { openDatabase } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { createManualClock } from '../support/clock.ts'
import { upload } from './sample.ts'

const day = 86_400_000

test('files that nobody used for half a year are forgotten as others come', async () => {
  const database = await openDatabase('sqlite::memory:')
  const store = createStore({ database, clock: createManualClock() })
  const put = (url: string, usedAt: number) =>
    store.commit([{ change: 'put-upload', upload: { ...upload, url, fetchedAt: 0, usedAt } }])
  const left = async () => {
    const urls = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const found = await Promise.all(urls.map((url) => store.findUpload(url)))
    return urls.filter((_, n) => found[n] !== undefined).join('')
  }
  for (const [n, url] of ['a', 'b', 'c', 'd', 'e'].entries()) await put(url, n)
  await put('f', 179 * day)
  expect(await left()).toBe('abcdef')
  await put('g', 181 * day)
  expect(await left()).toBe('efg')
  await put('g', 181 * day)
  expect(await left()).toBe('fg')
  database.close()
})
