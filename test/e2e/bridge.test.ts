import { beforeAll, expect, test } from '@jest/globals'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import { type Stack, startStack } from './support/stack.ts'

describeWith(['synapse'], 'the bridge as a process', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await startStack()
  })

  const readiness = async () => (await call({ url: `${stack.publicUrl}/ready` })).status

  test('is ready, and says so in lines of JSON', async () => {
    expect(await readiness()).toBe(200)
    expect(stack.bridge.log()).not.toEqual([])
  })

  test('its bot joins whoever invites it', async () => {
    const alice = await stack.homeserver.register('alice')
    const roomId = await alice.createRoom({ is_direct: true, invite: [stack.botId] })
    await alice.waitFor(
      ({ type, state_key, content }) =>
        type === 'm.room.member' && state_key === stack.botId && content['membership'] === 'join',
      { what: 'the bot joining' },
    )
    expect((await alice.members(roomId)).get(stack.botId)).toBe('join')
  })

  test('is ready again after it was killed', async () => {
    await stack.bridge.kill9()
    expect(stack.bridge.isRunning()).toBe(false)
    await stack.bridge.restart()
    expect(await readiness()).toBe(200)
  })

  test('ends when it is told to', async () => {
    await stack.bridge.stop()
    expect(stack.bridge.isRunning()).toBe(false)
  })
})
