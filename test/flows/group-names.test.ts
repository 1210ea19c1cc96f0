import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { asActorId, asUserId } from '../../src/model/ids.ts'
import { bot, createFlow } from './setup.ts'

test('while the homeserver is asked about a name, others register, and may take it', async () => {
  const seen: boolean[] = []
  const flow = await createFlow(
    {},
    {
      sabotage: ({ deps: { homeserver, locks, store } }) => {
        Object.assign(homeserver, {
          hasProfile: async () => {
            let isRegistering = false
            void locks('register', async () => void (isRegistering = true))
            await setImmediate()
            seen.push(isRegistering)
            const id = asActorId('https://bridge.example/actors/quicker')
            const actor = { id, userId: asUserId('@quick:bridge.example'), username: 'dogs' }
            await store.commit([{ change: 'put-local-actor', actor: { ...actor, createdAt: 1 } }])
            return false
          },
        })
      },
    },
  )
  const alice = flow.user('alice')
  const roomId = alice.createRoom({ preset: 'public_chat', name: 'Dogs' })
  flow.user('ann').join(roomId)
  alice.invite(roomId, bot)
  await flow.quiet()
  alice.say(roomId, '!ap group open dogs')
  await flow.quiet()
  expect(flow.bodies(roomId).at(-1)).toContain('That name is taken.')
  expect(seen).toEqual([true])
  flow.close()
})
