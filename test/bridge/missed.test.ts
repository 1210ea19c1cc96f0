import { expect, test } from '@jest/globals'
import { asUserId } from '../../src/model/ids.ts'
import { createBridge } from '../support/bridge.ts'

const ghost = asUserId('@_ap_bob_social.test:hs.test')

async function chatWith(waiting: number) {
  const bridge = await createBridge()
  bridge.fediverse.addAccount('bob@social.test')
  const alice = bridge.hs.addUser('@alice:hs.test')
  const room = alice.createDm(ghost)
  alice.say(room, 'the oldest')
  // Notices of people's own bots go nowhere, which makes this quick.
  for (let n = 0; n < waiting; n++) alice.send(room, { msgtype: 'm.notice', body: 'beep' })
  alice.say(room, 'the newest')
  await bridge.settle()
  const sent = JSON.stringify(bridge.delivered)
  const told = bridge.notices(room).filter((text) => text.startsWith('Only the newest 500'))
  return { sent, told, warnings: bridge.warnings.filter((line) => line.includes('read back')) }
}

test('who wrote more before a ghost came than is read back is told so, once', async () => {
  const { sent, told, warnings } = await chatWith(510)
  expect(sent).toContain('the newest')
  expect(sent).not.toContain('the oldest')
  expect(told).toHaveLength(1)
  expect(warnings).toHaveLength(1)
})

test('nothing is said of what was read to the beginning', async () => {
  const { sent, told, warnings } = await chatWith(450)
  expect(sent).toContain('the newest')
  expect(sent).toContain('the oldest')
  expect([...told, ...warnings]).toEqual([])
})
