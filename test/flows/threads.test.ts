import { afterEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { Http } from '../../src/model/http.ts'
import type { WorldOptions } from '../simulation/world.ts'
import { asObjectId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
afterEach(() => flow.close())

test.each([
  ['cannot be had just now', 500],
  ['is not shown to us', 404],
])('a thread below a post whose author %s begins with the next one', async (_what, status) => {
  const silent = 'https://other.example/users/dave'
  const web =
    (http: Http): Http =>
    async (request) =>
      request.url === silent ? { status, headers: {}, body: Buffer.from('') } : http(request)
  flow = await createFlow({}, { web })
  const bob = flow.account('bob', 'remote.example')
  const portal = await flow.follow(flow.user('alice'), bob)
  const dave = flow.account('dave', 'other.example')
  expect(dave.id).toBe(silent)
  const root = dave.post({ content: 'root' })
  const first = bob.post({ content: 'first', inReplyTo: root.object })
  await flow.tell(bob.post({ content: 'second', inReplyTo: first.object }))
  await flow.minutes(2)
  expect(flow.bodies(portal)).toEqual([`↩ ${root.object}\n\nfirst`, 'second'])
})

describe('a parent that its author deletes', () => {
  let carl: Account | undefined
  let root: string
  /** Once: the Delete comes and has time to take effect. */
  let comes: (() => Promise<void>) | undefined

  async function answered(options: Omit<WorldOptions, 'chance' | 'weather'>): Promise<string[]> {
    comes = undefined
    flow = await createFlow({}, options)
    const bob = flow.account('bob', 'remote.example')
    const portal = await flow.follow(flow.user('alice'), bob)
    const author = flow.account('carl', 'other.example')
    carl = author
    root = author.post({ content: 'root' }).object
    const first = bob.post({ content: 'first', inReplyTo: root })
    const second = bob.post({ content: 'second', inReplyTo: first.object })
    comes = async () => {
      comes = undefined
      flow.senders.send(author.delete(root))
      await flow.time.clock.sleep(3_000)
    }
    await flow.tell(second)
    await flow.minutes(2)
    expect(comes).toBeUndefined()
    expect((await flow.store.findObject(asObjectId(root)))?.deletedAt).toBeDefined()
    return flow.bodies(portal).filter((body) => body !== '')
  }

  test('after it was read is not shown', async () => {
    const web =
      (http: Http): Http =>
      async (request) => {
        if (request.url === carl?.id) await comes?.()
        return http(request)
      }
    const said = await answered({ web })
    expect(said.join()).not.toContain('root')
    expect(said.at(-1)).toBe('second')
  })

  test('while it is sent does not stay', async () => {
    const said = await answered({
      sabotage({ deps: { homeserver } }) {
        const { send } = homeserver
        const slowly: typeof send = async (as, roomId, message) => {
          const eventId = await send(as, roomId, message)
          if (message.content['body'] === 'root') await comes?.()
          return eventId
        }
        Object.assign(homeserver, { send: slowly })
      },
    })
    expect(said).toEqual([expect.stringContaining('first'), 'second'])
  })
})
