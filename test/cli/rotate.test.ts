import { afterEach, beforeEach, expect, test } from '@jest/globals'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { openSession } from './fake-world.ts'
import { makeFolder, removeFolder } from './temporary.ts'
import { configOf, load, validFile } from '../config/example.ts'

const commented = `# What the admin wrote here stays.\n${validFile}`
let folder = ''
beforeEach(async () => {
  folder = makeFolder({ 'config.yaml': commented })
  await openSession({ folder }).type('registration', '-o', 'registration.yaml')
})
afterEach(() => removeFolder(folder))

const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const config = () => configOf(load(read('config.yaml'))).appservice
const registered = () => {
  const { as_token: asToken, hs_token: hsToken } = parse(read('registration.yaml')) as {
    as_token: string
    hs_token: string
  }
  return { asToken, hsToken }
}
const old = { asToken: 'as-token-of-the-tests', hsToken: 'hs-token-of-the-tests' }
const whoami = 'http://127.0.0.1:8008/_matrix/client/v3/account/whoami'
const rotate = (...more: string[]) =>
  openSession({ folder }).type('registration', 'rotate', ...more)
const finish = (status: number) =>
  openSession({ folder, answers: { [whoami]: { status, body: '{}' } } }).type(
    'registration',
    'rotate',
    '--finish',
  )

test('new tokens stand in both files, the old ones beside them for a week', async () => {
  const { code, out, err } = await rotate()
  expect([code, err]).toEqual([0, ''])
  const { asToken, hsToken, previous } = config()
  expect(registered()).toEqual({ asToken, hsToken })
  expect(previous).toEqual({ ...old, until: Date.UTC(2030, 1, 7, 12) })
  expect(new Set([asToken, hsToken, old.asToken, old.hsToken]).size).toBe(4)
  expect(read('config.yaml')).toContain('# What the admin wrote here stays.')
  // What is told says what to do, and no token.
  expect(out).toMatch(
    /1\. Restart Footbridge[^]*2\. Give[^]*2030-02-07T12:00 UTC[^]*--finish -c \/.*config\.yaml\n/,
  )
  for (const token of [asToken, hsToken, ...Object.values(old)]) expect(out).not.toContain(token)
})

test('both files stay private, and readable by the group that may read them', async () => {
  chmodSync(join(folder, 'registration.yaml'), 0o640)
  await rotate()
  const modeOf = (name: string): number => statSync(join(folder, name)).mode & 0o777
  expect([modeOf('config.yaml'), modeOf('registration.yaml')]).toEqual([0o600, 0o640])
  expect(readdirSync(folder).sort()).toEqual(['config.yaml', 'registration.yaml'])
})

test('stopped between both files, it goes on with the same tokens', async () => {
  // Where the second file would be written, something is in the way.
  mkdirSync(join(folder, 'registration.yaml.new'))
  expect((await rotate()).code).not.toBe(0)
  const { asToken, hsToken, previous } = config()
  expect([registered(), previous]).toMatchObject([old, old])
  rmSync(join(folder, 'registration.yaml.new'), { recursive: true })
  expect((await rotate()).code).toBe(0)
  expect(registered()).toEqual({ asToken, hsToken })
  expect(config().previous).toMatchObject(old)
})

test('stopped before the first, nothing has changed', async () => {
  mkdirSync(join(folder, 'config.yaml.new'))
  expect((await rotate()).code).not.toBe(0)
  expect([read('config.yaml'), registered()]).toEqual([commented, old])
})

test('asked for twice, it changes nothing the second time', async () => {
  await rotate()
  const before = [read('config.yaml'), read('registration.yaml')]
  const { code, out } = await rotate()
  expect([code, read('config.yaml'), read('registration.yaml')]).toEqual([0, ...before])
  expect(out).toContain('changed already')
})

test.each([
  ['401', 401],
  ['a homeserver that is away', undefined],
])('is not finished at %s', async (_title, status) => {
  await rotate()
  const before = read('config.yaml')
  const { code, err } = status === undefined ? await rotate('--finish') : await finish(status)
  expect([code, read('config.yaml')]).toEqual([1, before])
  expect(err).toContain('does not take the new token')
  expect(err).not.toContain(config().asToken)
})

test('is finished once the homeserver takes the new token', async () => {
  await rotate()
  const { asToken, hsToken } = config()
  expect((await finish(200)).code).toBe(0)
  expect(config()).toMatchObject({ asToken, hsToken })
  expect(read('config.yaml')).not.toMatch(/old_|as-token-of-the-tests/)
  expect((await finish(200)).out).toContain('nothing to finish')
})

test('a registration of other tokens, or none, changes nothing', async () => {
  const other = makeFolder({ 'other.yaml': 'as_token: some-other-as-token\nhs_token: other' })
  expect((await rotate('-o', join(other, 'other.yaml'))).err).toContain('are not those of')
  expect((await rotate('-o', join(other, 'none.yaml'))).err).toContain('cannot be read')
  expect(read('config.yaml')).toBe(commented)
  removeFolder(other)
})

test('tokens of the environment are left alone', async () => {
  const environment = { FOOTBRIDGE_APPSERVICE_AS_TOKEN: 'as-token-of-the-environment' }
  const { code, err } = await openSession({ folder, environment }).type('registration', 'rotate')
  expect([code, read('config.yaml')]).toEqual([1, commented])
  expect(err).toContain('FOOTBRIDGE_APPSERVICE_AS_TOKEN')
  expect(existsSync(join(folder, 'config.yaml.new'))).toBe(false)
})
