import { expect, test } from '@jest/globals'
import { dieAtEveryStep } from './support/every-step.ts'

const patience = 300_000

test(
  'whenever the bridge dies, it is said once what became of a message',
  async () => {
    const steps = await dieAtEveryStep({
      options: { appservice: { sendsStatus: true } },
      async given(flow) {
        const alice = flow.user('alice')
        const room = await flow.publish(alice)
        await flow.gain(alice, flow.account('bob', 'remote.example'))
        return { alice, room }
      },
      when({ alice, room }) {
        alice.say(room, 'hello')
      },
      then({ room }, flow) {
        const statuses = flow
          .messages(room)
          .filter(({ type }) => type === 'com.beeper.message_send_status')
        expect(statuses.map(({ content }) => content)).toEqual([
          expect.objectContaining({
            'm.relates_to': { rel_type: 'm.reference', event_id: flow.eventOf(room, 'hello') },
            status: 'SUCCESS',
          }),
        ])
      },
    })
    expect(steps).toBeGreaterThan(5)
  },
  patience,
)
