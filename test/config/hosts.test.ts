import { describe, expect, test } from '@jest/globals'
import { isCidr, isPrivateHost, parseHostPort } from '../../src/config/hosts.ts'

describe('hosts', () => {
  test.each([
    ['example.org', { host: 'example.org' }],
    ['example.org:8448', { host: 'example.org', port: 8448 }],
    ['localhost:1', { host: 'localhost', port: 1 }],
    ['xn--bcher-kva.example', { host: 'xn--bcher-kva.example' }],
    ['10.0.0.1:80', { host: '10.0.0.1', port: 80 }],
    ['[::1]:8080', { host: '[::1]', port: 8080 }],
    ['[::1]', { host: '[::1]' }],
    ['::1', undefined],
    ['', undefined],
    ['bücher.example', undefined],
    ['example.org:', undefined],
    ['example.org:0', undefined],
    ['example.org:65536', undefined],
    ['example.org/', undefined],
    ['exa mple.org', undefined],
    ['-example.org', undefined],
    ['example..org', undefined],
    ['10.0.0', undefined],
    [`${'a'.repeat(64)}.org`, undefined],
  ])('%p is read as %p', (text, expected) => {
    expect(parseHostPort(text)).toEqual(expected)
  })

  test('networks are an address and its bits', () => {
    const texts = [
      '10.0.0.0/8',
      'fd00::/8',
      '0.0.0.0/0',
      '10.0.0.0',
      '10.0.0.0/33',
      'a/8',
      '::/129',
    ]
    expect(texts.filter(isCidr)).toEqual(['10.0.0.0/8', 'fd00::/8', '0.0.0.0/0'])
  })

  test('reserved names and private addresses are nobody’s on the internet', () => {
    const ours = ['localhost', 'synapse', 'fedi.test', 'fedi.internal', '127.0.0.1', '172.20.0.1']
    const alsoOurs = ['[::1]', '[fd00::1]', '192.168.1.1']
    const others = ['example.org', 'test.org', '8.8.8.8', '172.32.0.1', '[2606:4700::1]']
    expect([...ours, ...alsoOurs, ...others].filter(isPrivateHost)).toEqual([...ours, ...alsoOurs])
  })
})
