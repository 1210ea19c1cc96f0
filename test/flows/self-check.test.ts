import { expect, test } from '@jest/globals'
import { echoHeader, echoProof } from '../../src/model/echo.ts'
import { TransientError } from '../../src/model/errors.ts'
import type { Http } from '../../src/model/http.ts'
import { config } from '../simulation/world.ts'
import { createFlow, publicUrl } from './setup.ts'

/** The way from this machine to our own public URL. */
function createWay() {
  let isOpen = true
  const ownWeb: Http = async ({ headers }) => {
    if (!isOpen) throw new TransientError(`GET ${publicUrl}: connect ECONNREFUSED`)
    const asked = Number((headers[echoHeader] ?? '').split('.')[0])
    const proof = echoProof(config.appservice.hsToken, asked)
    const echo = { proof, method: 'GET', target: '/', headers: {}, size: 0 }
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(echo)) }
  }
  return { ownWeb, set: (open: boolean) => void (isOpen = open) }
}

test('the admin hears once that others cannot reach the bridge, and once that they can again, also over a restart', async () => {
  const { ownWeb, set } = createWay()
  const flow = await createFlow({}, { ownWeb })
  const admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  const chat = await flow.chat(admin)
  const user = await flow.chat(flow.user('alice'))
  const told = (roomId: typeof chat) =>
    flow.bodies(roomId).filter((text) => text.includes(publicUrl))
  await flow.minutes(10)
  expect(told(chat)).toEqual([])
  set(false)
  await flow.minutes(60)
  expect(told(chat)).toEqual([
    expect.stringMatching(/^Other servers may not reach me: .*ECONNREFUSED\)\.\n/),
  ])
  flow.crash()
  await flow.minutes(30)
  expect(told(chat)).toHaveLength(1)
  set(true)
  await flow.minutes(30)
  expect(told(chat).slice(1)).toEqual([
    expect.stringMatching(/^https:\/\/bridge\.example leads to me again, after \d+ minutes\./),
  ])
  expect(told(user)).toEqual([])
  flow.close()
})
