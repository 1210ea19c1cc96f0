import { expect, test } from '@jest/globals'
import { clientOf } from '../../src/web/client.ts'

test.each<[string | undefined, string | string[] | undefined, string | undefined]>([
  ['198.51.100.7', undefined, '198.51.100.7'],
  ['::ffff:198.51.100.7', undefined, '198.51.100.7'],
  // From outside the header is only what somebody says.
  ['198.51.100.7', '203.0.113.9', '198.51.100.7'],
  ['127.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['::1', '203.0.113.9', '203.0.113.9'],
  ['172.18.0.3', '192.0.2.1, 203.0.113.9', '203.0.113.9'],
  ['::ffff:10.1.2.3', ['192.0.2.1', '203.0.113.9'], '203.0.113.9'],
  ['fd00::2', '::ffff:203.0.113.9', '203.0.113.9'],
  ['127.0.0.1', '[2001:db8:1:2:3:4:5:6]:4711', '2001:db8:1:2'],
  ['2001:db8:1:2:ffff::1', undefined, '2001:db8:1:2'],
  ['2001:0db8::1', undefined, '2001:db8:0:0'],
  ['127.0.0.1', undefined, undefined],
  ['127.0.0.1', 'unknown', undefined],
  ['127.0.0.1', '', undefined],
  [undefined, undefined, undefined],
])('%s, forwarded for %j, is %s', (remote, forwarded, client) => {
  expect(clientOf(remote, forwarded)).toBe(client)
})
