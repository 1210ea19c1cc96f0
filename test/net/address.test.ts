import { describe, expect, test } from '@jest/globals'

import { createAddressGuard } from '../../src/net/address.ts'

describe('addresses', () => {
  const allows = createAddressGuard([])
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.254',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '::ffff:127.0.0.1',
    '::8.8.8.8',
    '64:ff9b::808:808',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'no address',
    '',
  ])('%s is refused', (address) => expect(allows(address, 'x.test')).toBe(false))

  test.each(['1.1.1.1', '100.63.255.255', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    '%s passes',
    (address) => expect(allows(address, 'x.test')).toBe(true),
  )

  test.each([
    [['10.0.0.0/8'], '10.1.2.3', 'x.test', true],
    [['10.0.0.0/8'], '11.1.2.3', 'x.test', true],
    [['10.0.0.0/8'], '192.168.0.1', 'x.test', false],
    [['fd00::/8'], 'fd12::1', 'x.test', true],
    [['[::1]'], '::1', 'x.test', true],
    [['snac.test'], '172.17.0.2', 'SNAC.test', true],
    [['snac.test'], '172.17.0.2', 'other.test', false],
    [['snac.test'], '172.17.0.2', 'evil.snac.test', false],
  ])('with %j, %s of %s: %s', (...[allowed, address, host, expected]) =>
    expect(createAddressGuard(allowed)(address, host)).toBe(expected),
  )
})
