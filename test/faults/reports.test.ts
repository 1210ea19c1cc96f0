import { expect, test } from '@jest/globals'
import type { Flow } from '../flows/setup.ts'
import { dieAtEveryStep } from './support/every-step.ts'

const patience = 300_000

const toldIn = async (flow: Flow): Promise<readonly string[]> => {
  const chat = await flow.chat(flow.user('admin'))
  return flow.bodies(chat).filter((body) => body.startsWith('Report '))
}

test(
  'whenever the bridge dies, a report from another server is kept and told once',
  async () => {
    const steps = await dieAtEveryStep({
      async given(flow) {
        const admin = flow.user('admin')
        const alice = flow.user('alice')
        flow.permissions.set(admin.userId, 'admin')
        await flow.chat(admin)
        await flow.command(alice, 'register')
        return { me: await flow.actorOf(alice), server: flow.account('social', 'social.example') }
      },
      when({ me, server }, flow) {
        const id = 'https://social.example/flags/1'
        const flag = { id, type: 'Flag', actor: server.id, object: [me], content: 'rude' }
        flow.senders.send(server.sign(flag))
      },
      async then({ me }, flow) {
        expect(await flow.store.openReports(10)).toMatchObject([
          { number: 1, accounts: [me], text: 'rude' },
        ])
        expect(await toldIn(flow)).toEqual([expect.stringContaining('> rude')])
      },
    })
    expect(steps).toBeGreaterThan(5)
  },
  patience,
)
