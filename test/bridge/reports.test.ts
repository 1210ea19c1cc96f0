import { expect, test } from '@jest/globals'
import { namedAdminsIn } from '../../src/config/permission.ts'
import { asActivityId, asUserId } from '../../src/model/ids.ts'
import { ensureLocalActor } from '../../src/bridge/actors.ts'
import { createBridge } from '../support/bridge.ts'

const alice = asUserId('@alice:hs.test')
const root = asUserId('@root:hs.test')

async function setUp(namedAdmins: readonly (typeof root)[]) {
  const bridge = await createBridge({ namedAdmins })
  const sender = bridge.fediverse.addAccount('social.test@social.test')
  bridge.hs.addUser(root)
  const { user } = await bridge.meet(alice)
  const { actor } = await ensureLocalActor(user.userId, bridge.deps)
  const id = 'https://social.test/flags/1'
  await bridge.receive({ id, type: 'Flag', actor: sender.id, object: actor.id, content: 'rude' })
  await bridge.settle()
  return { bridge, id: asActivityId(id) }
}

test('an admin whom the configuration names hears of a report without having talked to the bot', async () => {
  const { bridge } = await setUp([root])
  const [room] = bridge.hs.rooms().filter((one) => bridge.hs.members(one, 'invite').includes(root))
  if (room === undefined) throw new Error('not invited')
  expect(bridge.notices(room)).toContainEqual(
    expect.stringContaining('Report 1: social.test reports @alice@hs.test.'),
  )
})

test('where there is no admin the report is kept, and the log says so', async () => {
  const { bridge, id } = await setUp([])
  expect(await bridge.store.findReportByActivity(id)).toMatchObject({ number: 1, text: 'rude' })
  expect(bridge.warnings).toEqual(['a report came, and there is no admin'])
})

test('a closed report is forgotten in the end, an open one is not', async () => {
  const { bridge, id } = await setUp([])
  const other = { ...(await bridge.store.findReport(1)), activityId: asActivityId(`${id}2`) }
  await bridge.store.commit([
    { change: 'put-report', report: other as never },
    { change: 'resolve-report', number: 1, by: root, at: 1_000 },
    { change: 'resolve-report', number: 1, by: alice, at: 2_000 },
  ])
  expect(await bridge.store.findReport(1)).toMatchObject({ resolved: { by: root, at: 1_000 } })
  await bridge.store.forgetReports(1_001)
  expect(await bridge.store.findReport(1)).toBeUndefined()
  expect(await bridge.store.openReports(10)).toMatchObject([{ number: 2 }])
})

test('of the configuration, only users that it names are told without asking', () => {
  const permissions = {
    '@root:hs.test': 'admin',
    'admins.test': 'admin',
    '*': 'admin',
    '@alice:hs.test': 'user',
  } as const
  expect(namedAdminsIn({ permissions })).toEqual([root])
})
