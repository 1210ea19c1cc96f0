import { expect, test } from '@jest/globals'
import { answerTyped } from '../../src/commands/typed.ts'
import type { Change } from '../../src/model/change.ts'
import type { Job } from '../../src/model/job.ts'
import type { Queue } from '../../src/queue/queue.ts'
import type { BridgeOptions } from '../support/bridge.ts'
import { alice, carol, setUp } from './setup.ts'

const loginLink = (userId: string): string => `http://127.0.0.1:8713/admin/login?link=of-${userId}`
const options: BridgeOptions = { permissionOf: () => 'admin', loginLink }

const link = `This link logs you in, once, within ten minutes; give it to nobody. ${loginLink(alice)}`

test('an admin gets a link that logs them in', async () => {
  const { ask } = await setUp(options)
  expect(await ask('login')).toEqual([link])
})

test('nobody else does, and where there is no page it is said what it needs', async () => {
  const { ask } = await setUp({ loginLink })
  expect(await ask('login')).toEqual([expect.stringContaining('I do not know `login`')])
  const other = await setUp({ permissionOf: () => 'admin' })
  expect(await other.ask('login')).toEqual([expect.stringContaining('`admin_page.port`')])
})

test('it is not told where others read', async () => {
  const { bridge, user, chat, ask } = await setUp(options)
  const room = user.createDm(carol)
  user.invite(room, bridge.deps.identity.bot)
  await bridge.settle()
  user.send(room, { msgtype: 'm.text', body: '!ap login' })
  await bridge.settle()
  expect(bridge.notices(room).join('\n')).not.toContain('link=')
  user.invite(chat, carol)
  await bridge.settle()
  expect(await ask('login')).toEqual([
    'Others can read this room. Ask me in a chat of just the two of us.',
  ])
})

test('the link is written down nowhere', async () => {
  const { bridge, ask } = await setUp(options)
  const written: unknown[] = []
  const { store, jobs } = bridge.deps
  const { commit } = store
  const { finish } = jobs as Queue
  Object.assign(store, {
    commit: (changes: readonly Change[]) => (written.push(changes), commit(changes)),
  })
  Object.assign(jobs, {
    finish: (job: Job, changes: readonly Change[]) => (written.push(changes), finish(job, changes)),
  })
  expect(await ask('login')).toEqual([link])
  expect(written.length).toBeGreaterThan(0)
  expect(JSON.stringify(written)).not.toContain('link=')
  expect(await ask('help login')).toEqual([expect.stringContaining('ten minutes')])
  // What other commands come to is, for a moment.
  expect(JSON.stringify(written)).toContain('is good once')
})

test('at the machine it logs in as the bot', async () => {
  const { bridge } = await setUp(options)
  const { bot } = bridge.deps.identity
  expect(await answerTyped(['login'], bridge.deps)).toEqual({
    end: 'done',
    text: expect.stringContaining(loginLink(bot)),
  })
})
