import { beforeAll, expect, test } from '@jest/globals'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import { startWorld, type World } from './support/world.ts'

describeWith(['synapse'], 'the bridge as a process', () => {
  let world: World

  beforeAll(async () => {
    world = await startWorld()
  }, 120_000)

  const readiness = async () => (await call({ url: `${world.bridgeUrl}/ready` })).status

  test('is ready, and says so in lines of JSON', async () => {
    expect(await readiness()).toBe(200)
    expect(world.bridge.log()).not.toEqual([])
  })

  test('its bot joins whoever invites it', async () => {
    const alice = await world.synapse.register('alice')
    const roomId = await alice.createRoom({ is_direct: true, invite: [world.bot] })
    await alice.waitFor(
      ({ type, state_key, content }) =>
        type === 'm.room.member' && state_key === world.bot && content['membership'] === 'join',
      { what: 'the bot joining' },
    )
    expect((await alice.members(roomId)).get(world.bot)).toBe('join')
  })

  test('is ready again after it was killed', async () => {
    await world.bridge.kill9()
    expect(world.bridge.isRunning()).toBe(false)
    await world.bridge.restart()
    expect(await readiness()).toBe(200)
  })

  test('ends when it is told to', async () => {
    await world.bridge.stop()
    expect(world.bridge.isRunning()).toBe(false)
  })
})
