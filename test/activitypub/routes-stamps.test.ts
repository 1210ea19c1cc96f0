import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { alice, publicUrl, startRoutes } from './routes-setup.ts'

let world: Awaited<ReturnType<typeof startRoutes>>
beforeAll(async () => {
  world = await startRoutes()
})
afterAll(() => world.close())

test('a permission to quote is there for everybody', async () => {
  const { status, type, text } = await world.get('/stamps/s1')
  expect({ status, type }).toMatchObject({ status: 200, type: expect.stringContaining('activity') })
  expect(JSON.parse(text)).toMatchObject({
    id: `${publicUrl}/stamps/s1`,
    type: 'QuoteAuthorization',
    attributedTo: alice,
    interactingObject: 'https://remote.example/notes/9',
    interactionTarget: `${publicUrl}/objects/public`,
  })
})

test.each([
  ['revoked', 410],
  ['of-gone', 410],
  ['unknown', 404],
  ['%ff', 400],
])('/stamps/%s answers %i', async (name, status) => {
  expect((await world.get(`/stamps/${name}`)).status).toBe(status)
})
