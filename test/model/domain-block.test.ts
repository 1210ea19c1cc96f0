import { expect, test } from '@jest/globals'
import { domainsOf } from '../../src/model/domain-block.ts'

test.each([
  ['a.b.example', ['a.b.example', 'b.example', 'example']],
  ['A.Example:8443', ['a.example', 'example']],
  ['a.example.', ['a.example', 'example']],
  ['192.0.2.1:80', ['192.0.2.1']],
  ['[2001:db8::1]:443', ['[2001:db8::1]']],
  ['', ['']],
])('the domains that %s is under', (host, domains) => {
  expect(domainsOf(host)).toEqual(domains)
})

test('a name of very many labels has its bounds', () => {
  expect(domainsOf('a.'.repeat(5_000) + 'example').length).toBe(8)
})
