import { expect, test } from '@jest/globals'
import { mostRules, readRules, type Protected } from '../../src/bridge/read-policies.ts'
import { asUserId } from '../../src/model/ids.ts'
import type { StateEvent } from '../../src/model/room.ts'

const own: Protected = {
  bot: asUserId('@apbot:hs.test'),
  prefix: '_ap_',
  serverName: 'hs.test',
  hosts: ['hs.test', 'fedi.hs.test', 'bridge.example'],
  admins: [asUserId('@admin:far.test')],
}
const event = (type: string, content: StateEvent['content'], stateKey = 'key'): StateEvent => ({
  ...{ type, stateKey, content },
  sender: asUserId('@keeper:a.test'),
})
const ban = (entity: unknown, extra: object = {}) => ({ entity, recommendation: 'm.ban', ...extra })
const read = (...state: readonly StateEvent[]) => readRules(state, own)
const user = 'm.policy.rule.user'

test.each([
  ['m.policy.rule.user', '@eve:a.test', 'user'],
  ['m.room.rule.user', '@eve:a.test', 'user'],
  ['org.matrix.mjolnir.rule.user', '@eve:a.test', 'user'],
  ['m.policy.rule.server', '*.Evil.test', 'server'],
  ['m.room.rule.server', 'evil.test', 'server'],
  ['org.matrix.mjolnir.rule.server', 'evil.test:8448', 'server'],
  ['m.policy.rule.room', '!room:evil.test', 'room'],
  ['m.room.rule.room', '#room:evil.test', 'room'],
  ['org.matrix.mjolnir.rule.room', '!no-domain', 'room'],
])('%s of %s is a rule for a %s', (type, entity, kind) => {
  const expected = kind === 'server' ? entity.toLowerCase() : entity
  expect(read(event(type, ban(entity, { reason: 'spam' })))).toEqual({
    rules: [{ kind, stateKey: 'key', entity: expected, reason: 'spam' }],
    ...{ ignored: 0, cut: 0 },
  })
})

test.each([
  ['no rule', 'm.room.name', ban('@eve:a.test'), 0, 0],
  ['another thing that looks like one', 'm.policy.rule.event', ban('@eve:a.test'), 0, 0],
  ['an empty one', user, {}, 0, 0],
  [
    'the older word for a ban',
    user,
    ban('@e:a', { recommendation: 'org.matrix.mjolnir.ban' }),
    1,
    0,
  ],
  ['another recommendation', user, ban('@e:a', { recommendation: 'm.mute' }), 0, 1],
  ['no recommendation', user, { entity: '@e:a' }, 0, 1],
  ['a recommendation that is no text', user, ban('@e:a', { recommendation: {} }), 0, 1],
  ['nobody', user, ban(undefined), 0, 1],
  ['no text', user, ban(['@e:a']), 0, 1],
  ['an empty name', user, ban(''), 0, 1],
  ['a name with a line end', user, ban('@e:a\n@f:a'), 0, 1],
  ['something that is no user', user, ban('eve'), 0, 1],
  ['something that is no server', 'm.policy.rule.server', ban('@eve:a'), 0, 1],
  ['something that is no room', 'm.policy.rule.room', ban('room'), 0, 1],
  ['a name as long as may be', user, ban(`@${'a'.repeat(254)}`), 1, 0],
  ['a longer name', user, ban(`@${'a'.repeat(255)}`), 0, 1],
  ['half a character', user, ban('@\ud800:a'), 1, 0],
])('%s', (...[, type, content, taken, ignored]) => {
  const result = read(event(type, content))
  expect([result.rules.length, result.ignored]).toEqual([taken, ignored])
})

test('of two under one key the newer name counts, though it be empty', () => {
  const old = event('org.matrix.mjolnir.rule.user', ban('@old:a'))
  const middle = event('m.room.rule.user', ban('@middle:a'))
  expect(read(old, middle).rules.map(({ entity }) => entity)).toEqual(['@middle:a'])
  expect(read(event(user, {}), middle, old).rules).toEqual([])
  expect(read(event('m.policy.rule.server', {}), old).rules).toHaveLength(1)
})

test('a reason is kept short, and acts on nothing', () => {
  const reason = `\u202espam\n**\`${'x'.repeat(1_000)}`
  const [rule] = read(event(user, ban('@e:a', { reason }))).rules
  expect(rule?.reason).toMatch(/^spam \*\*'x+…$/)
  expect(rule?.reason).toHaveLength(200)
  expect(read(event(user, ban('@e:a', { reason: 7 }))).rules[0]?.reason).toBeUndefined()
})

test('stars side by side are one', () => {
  expect(read(event(user, ban(`@${'*'.repeat(200)}a:x`))).rules[0]?.entity).toBe('@*a:x')
})

test('so many rules are taken and no more, the same each time', () => {
  const many = Array.from({ length: mostRules + 3 }, (_, n) =>
    event(user, ban(`@u${String(n)}:a`), `rule ${String(n)}`),
  )
  const one = read(...many)
  expect([one.rules.length, one.cut]).toEqual([mostRules, 3])
  expect(read(...many.toReversed()).rules).toEqual(one.rules)
})

const why = (kind: string, entity: string) =>
  read(event(`m.policy.rule.${kind}`, ban(entity))).rules[0]?.refused

test.each([
  ['user', '@apbot:hs.test', 'it names me'],
  ['user', '@ap*', 'it names me'],
  ['user', '@*', 'it names me'],
  ['user', '@??????*:hs.test', 'it names everybody on this server'],
  ['user', '@_*', 'it names everybody whom I bring here'],
  ['user', '@_ap_*:*', 'it names everybody whom I bring here'],
  ['user', '@_ap_*_*:hs.test', 'it names everybody whom I bring here'],
  ['user', '@_ap_*_evil.example:hs.test', undefined],
  ['user', '@alice:hs.test', undefined],
  ['user', '@admin:far.test', 'it names an admin of this bridge'],
  ['user', '@*:far.test', undefined],
  ['server', 'hs.test', 'it names this server'],
  ['server', 'HS.test', 'it names this server'],
  ['server', 'fedi.hs.test', 'it names this server'],
  ['server', 'bridge.example', 'it names this server'],
  ['server', 'example', 'it names this server'],
  ['server', '*', 'it names this server'],
  ['server', 'b*.example', 'it names this server'],
  ['server', 'other.hs.test', undefined],
  ['room', '*', 'it names every room on this server'],
  ['room', '!*:hs.test', 'it names every room on this server'],
  ['room', '!*:evil.test', undefined],
  ['room', '#*:evil.test', 'patterns for addresses of rooms cannot be looked up'],
  ['room', '#one:evil.test', undefined],
])('the rule for the %s %s is refused: %s', (kind, entity, expected) => {
  expect(why(kind, entity)).toBe(expected)
})
