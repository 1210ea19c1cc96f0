import { expect, test } from '@jest/globals'
import type { Flow } from '../flows/setup.ts'
import { dieAtEveryStep } from './support/every-step.ts'

const patience = 300_000

const toldIn = async (flow: Flow): Promise<readonly string[]> => {
  const room = await flow.store.findPortal({ kind: 'moderation' })
  const bodies = room === undefined ? [] : flow.bodies(room.roomId)
  return bodies.filter((body) => /^(?:\* )?Report /.test(body))
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

test(
  'whenever the bridge dies, a report is closed once, and its notice says so',
  async () => {
    const steps = await dieAtEveryStep({
      async given(flow) {
        const admin = flow.user('admin')
        flow.permissions.set(admin.userId, 'admin')
        await flow.command(admin, 'register')
        const server = flow.account('social', 'social.example')
        const id = 'https://social.example/flags/1'
        const object = [await flow.actorOf(admin)]
        await flow.tell(
          server.sign({ id, type: 'Flag', actor: server.id, object, content: 'rude' }),
        )
        const portal = await flow.store.findPortal({ kind: 'moderation' })
        if (portal === undefined) throw new Error('nobody was told')
        admin.join(portal.roomId)
        await flow.quiet()
        return { admin, room: portal.roomId }
      },
      when({ admin, room }, flow) {
        const notice = flow.messages(room).at(-1)
        if (notice !== undefined) admin.react(room, notice.eventId, '✅')
      },
      async then({ admin }, flow) {
        expect(await flow.store.openReports(10)).toEqual([])
        const [, ...edits] = await toldIn(flow)
        expect(edits.length).toBeGreaterThan(1)
        expect(new Set(edits).size).toBe(2)
        expect(edits.join()).toContain(`Closed by ${admin.userId}`)
      },
    })
    expect(steps).toBeGreaterThan(3)
  },
  patience,
)
