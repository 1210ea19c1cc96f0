import { describe, expect, test } from '@jest/globals'
import { createPolicyIndex, domainRule, serverRule } from '../../src/model/policy-index.ts'
import { withRule } from '../../src/model/policy-index.ts'
import { asUserId } from '../../src/model/ids.ts'
import type { DomainBlock } from '../../src/model/domain-block.ts'
import type { PolicyKind } from '../../src/model/policy.ts'

const indexOf = (kind: PolicyKind, ...entities: readonly string[]) =>
  createPolicyIndex(entities.map((entity) => ({ kind, entity, at: 1, list: '#bans:a' })))

test.each([
  ['@eve:a.test', '@eve:a.test', true],
  ['@eve:a.test', '@Eve:a.test', false],
  ['@eve:a.test', '@eve:a.test.b', false],
  ['*', '@eve:a.test', true],
  ['@*:a.test', '@eve:a.test', true],
  ['@*:a.test', '@eve:b.a.test', false],
  ['@spam*:*', '@spammer:b.test', true],
  ['@spam*:*', '@ham:b.test', false],
  ['*spam*', '@no-spam:b.test', true],
  ['@e?e:*', '@eve:a.test', true],
  ['@e?e:*', '@ee:a.test', false],
  ['@eve:a.tes?', '@eve:a.test', true],
  ['@eve:a.test?', '@eve:a.test', false],
  ['@[ev]*:a.test', '@eve:a.test', false],
  ['@eve.a:*', '@evexa:a.test', false],
])('the rule %s names %s: %s', (entity, name, isNamed) => {
  expect(indexOf('user', entity).find('user', name)?.entity).toBe(isNamed ? entity : undefined)
})

test('a rule of one kind says nothing of another', () => {
  expect(indexOf('server', '*').find('user', '@eve:a.test')).toBeUndefined()
})

test('a name itself comes before a pattern, wherever they stand', () => {
  expect(indexOf('user', '@e*:a', '@eve:a').find('user', '@eve:a')?.entity).toBe('@eve:a')
})

test.each([
  ['evil.test', 'evil.test', true],
  ['evil.test', 'EVIL.test:8448', true],
  ['evil.test:8448', 'evil.test:8448', true],
  ['evil.test:8448', 'evil.test', false],
  ['evil.test', 'sub.evil.test', false],
  ['*.evil.test', 'sub.evil.test:1', true],
])('the rule %s names the homeserver %s: %s', (entity, name, isNamed) => {
  expect(serverRule(indexOf('server', entity), name) !== undefined).toBe(isNamed)
})

test.each([
  ['bad.example', 'bad.example', 'bad.example'],
  ['bad.example', 'a.b.bad.example', 'bad.example'],
  ['bad.example', 'a.bad.example:8080', 'bad.example'],
  ['bad.example', 'notbad.example', undefined],
  ['example', 'a.bad.example', undefined],
  ['*.bad.example', 'a.bad.example', 'a.bad.example'],
  ['*.bad.example', 'bad.example', undefined],
  ['e*', 'bad.example', undefined],
  ['127.0.0.1', '127.0.0.1:99', '127.0.0.1'],
])('the rule %s keeps away of %s: %s', (entity, host, domain) => {
  expect(domainRule(indexOf('server', entity), host)?.domain).toBe(domain)
})

describe('beside other blocks', () => {
  const block = (domain: string, extra: Partial<DomainBlock> = {}): DomainBlock => ({
    ...{ domain, severity: 'none', rejectsMedia: false, rejectsReports: false, at: 0 },
    by: asUserId('@admin:a'),
    ...extra,
  })
  const of = (found: DomainBlock | undefined) =>
    found && `${found.severity} ${found.list ?? 'admin'}`

  test.each([
    ['nothing', undefined, 'suspend #bans:a'],
    ['an admin of the same', block('bad.example'), 'none admin'],
    ['an admin of what is below', block('a.bad.example'), 'none admin'],
    ['an admin of what is above', block('example'), 'suspend #bans:a'],
    ['a milder list', block('bad.example', { list: 'l', severity: 'silence' }), 'suspend #bans:a'],
    ['a list as strict', block('bad.example', { list: 'l', severity: 'suspend' }), 'suspend l'],
  ])('where %s says something', (_, before, expected) => {
    expect(of(withRule(before, indexOf('server', 'bad.example'), 'a.bad.example'))).toBe(expected)
  })
})

test('ten thousand patterns that end alike are met by no other name', () => {
  const asked: string[] = []
  const rules = Array.from({ length: 10_000 }, (_, n) => ({
    ...({ kind: 'user', at: 1, list: '#bans:a' } as const),
    entity: `@*${String(n)}:evil${String(n % 100)}.test`,
  }))
  const watched = rules.map((rule) => ({
    ...rule,
    get entity() {
      asked.push(rule.entity)
      return rule.entity
    },
  }))
  const index = createPolicyIndex(watched)
  asked.length = 0
  expect(index.find('user', '@alice:good.test')).toBeUndefined()
  expect(asked).toEqual([])
  expect(index.find('user', '@x7:evil7.test')?.entity).toBe('@*7:evil7.test')
  expect(asked.length).toBeLessThan(200)
})

test('a pattern of many stars is done with a long name it does not fit', () => {
  const index = indexOf('user', `@${'*a'.repeat(120)}*b:x`, `*${'a*'.repeat(100)}c*`)
  expect(index.find('user', `@${'a'.repeat(250)}`)).toBeUndefined()
})
