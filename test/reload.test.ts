import { expect, test } from '@jest/globals'
import type { Config } from '../src/config/config.ts'
import { namedAdminsIn } from '../src/config/permission.ts'
import { createLog, type LevelledLog } from '../src/log.ts'
import { asUserId } from '../src/model/ids.ts'
import { liveConfig } from '../src/reload.ts'
import { createRecordingLog } from './matrix/setup.ts'
import { config as usual } from './simulation/world.ts'

const alice = asUserId('@alice:hs.test')
const first: Config = { ...usual, permissions: { 'hs.test': 'user' } }

function start() {
  const { log: recording, lines } = createRecordingLog()
  const log: LevelledLog = { ...recording, level: 'info' }
  return { live: liveConfig(first, log), log, lines }
}

const loaded = (more: Partial<Config>) => ({ config: { ...first, ...more }, warnings: [] })

test('permissions, patterns and the level of the log are taken at once', () => {
  const { live, log, lines } = start()
  expect(live.permissionOf(alice)).toBe('user')
  live.reload(
    loaded({
      permissions: { 'hs.test': 'none', [alice]: 'admin' },
      moderation: { allowListOnly: false, bridgedUsers: ['@_x_*'] },
      logging: { ...first.logging, level: 'debug' },
    }),
  )
  expect(live.permissionOf(alice)).toBe('admin')
  expect(live.permissionOf(asUserId('@bob:hs.test'))).toBe('none')
  expect(namedAdminsIn(live.config)).toEqual([alice])
  expect(live.config.moderation.bridgedUsers).toEqual(['@_x_*'])
  expect(log.level).toBe('debug')
  expect(lines.at(-1)).toEqual({
    level: 'info',
    message: 'the configuration was read anew',
    // Not "level", which is that of the line itself.
    fields: { logLevel: 'debug' },
  })
  expect(JSON.stringify(lines.at(-1))).not.toContain('waitForTheNextStart')
})

test.each([
  ['info', 'error'],
  ['error', 'info'],
  ['warn', 'error'],
] as const)('that it was taken is said in the log, from %s to %s', (before, after) => {
  const written: string[] = []
  const options = { level: before, format: 'json', secrets: [] } as const
  const log = createLog(options, { write: (line) => written.push(line) })
  liveConfig(first, log).reload(loaded({ logging: { ...first.logging, level: after } }))
  expect(written.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'the configuration was read anew',
  ])
  expect(log.level).toBe(after)
})

test('everything else waits for the next start, and is named', () => {
  const { live, lines } = start()
  live.reload(
    loaded({ database: 'sqlite:/other.db', logging: { level: 'info', format: 'pretty' } }),
  )
  expect(live.config.database).toBe(first.database)
  expect(JSON.stringify(lines.at(-1))).toContain('["database","logging.format"]')
})

test('of one that is wrong nothing is taken, and the log says what is wrong', () => {
  const { live, log, lines } = start()
  const problem = { where: 'config.yaml:3', what: 'permissions is a number.', mend: 'Allowed: x.' }
  live.reload({ problems: [problem] })
  expect(live.permissionOf(alice)).toBe('user')
  expect(log.level).toBe('info')
  expect(lines.at(-1)).toMatchObject({
    level: 'error',
    message: 'the configuration is wrong: the one before stays in force',
  })
  expect(JSON.stringify(lines.at(-1))).toContain('config.yaml:3')
})

test('the next one is taken after one that was wrong', () => {
  const { live } = start()
  live.reload({ problems: [] })
  live.reload(loaded({ permissions: {} }))
  expect(live.permissionOf(alice)).toBe('none')
})
