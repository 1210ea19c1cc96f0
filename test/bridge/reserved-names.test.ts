import { expect, test } from '@jest/globals'
import { handleFor } from '../../src/bridge/actors.ts'
import type { Identity } from '../../src/bridge/ports.ts'
import { asUserId } from '../../src/model/ids.ts'
import { createBridge } from '../support/bridge.ts'

test.each([
  ['the host of our ids', '@fedi.hs.test:hs.test', '@fedi.hs.test_2@hs.test'],
  ['the domain of handles', '@hs.test:hs.test', '@hs.test_2@hs.test'],
  ['the bot', '@APbot:hs.test', '@apbot_2@hs.test'],
  ["the server's own account", '@footbridge:hs.test', '@footbridge_2@hs.test'],
  ['nobody', '@fedi:hs.test', '@fedi@hs.test'],
])('a user who is named like %s', async (_, userId, handle) => {
  const bridge = await createBridge()
  const { user, chat } = await bridge.meet(userId)
  user.say(chat, 'register')
  await bridge.settle()
  expect(bridge.notices(chat).at(-1)).toContain(`you are now ${handle}.`)
})

test.each<[string, Partial<Identity>]>([
  ['with a port', { publicUrl: 'https://fedi.hs.test:8443' }],
  [
    'in the handle domain, with a port',
    { publicUrl: 'https://x.test', handleDomain: 'fedi.hs.test:8443' },
  ],
])('a host is reserved %s, too', async (_, other) => {
  const { deps } = await createBridge()
  const identity = { ...deps.identity, ...other }
  const user = asUserId('@fedi.hs.test:hs.test')
  expect(await handleFor(user, { ...deps, identity })).toMatch(/^@fedi\.hs\.test_2@/)
})
