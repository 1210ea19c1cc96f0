import { expect, test } from '@jest/globals'
import { createSenses } from '../../demo/senses.ts'
import type { Stage } from '../../demo/stage.ts'
import type { MatrixEvent } from '../e2e/support/matrix-client.ts'

const alice = '@alice:hs.test'
const bot = '@apbot:hs.test'

/** As a homeserver shows a room to somebody invited to it, in whatever order. */
const inviteTo = (room_id: string, type?: string): readonly MatrixEvent[] => [
  {
    ...{ room_id, sender: bot, type: 'm.room.member', state_key: alice },
    content: { membership: 'invite' },
  },
  {
    ...{ room_id, sender: bot, type: 'm.room.create', state_key: '' },
    content: type === undefined ? {} : { type },
  },
]

test('a Space is no room to write in, whenever its invite comes', async () => {
  const events = [...inviteTo('!space', 'm.space'), ...inviteTo('!room'), ...inviteTo('!later')]
  const joined: string[] = []
  const client = {
    userId: alice,
    waitFor: async (fits: (event: MatrixEvent) => boolean) => events.find(fits),
    seen: async () => events,
    join: async (roomId: string) => joined.push(roomId),
    state: async (roomId: string) => ({ name: `the name of ${roomId}` }),
  }
  const stage = { alice: client, botId: bot, fediverse: {} } as unknown as Stage
  const senses = createSenses(stage, '!chat', 1000)
  expect(await senses.joins('portal')).toEqual({
    ...{ roomId: '!room', name: 'the name of !room', from: bot },
  })
  expect((await senses.joins('portal')).roomId).toBe('!later')
  expect(joined).toEqual(['!room', '!later'])
})
