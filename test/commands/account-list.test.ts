import { describe, expect, test } from '@jest/globals'
import { longestList, readAccountList } from '../../src/commands/account-list.ts'

const on = (...accounts: readonly string[]) =>
  accounts.map((account) => ({ account, withBoosts: true }))
const off = (account: string) => ({ account, withBoosts: false })

describe('a list of accounts', () => {
  test.each([
    [
      'as Mastodon exports follows',
      'Account address,Show boosts,Notify on new posts,Languages\nbob@a.example,true,false,\ncarol@b.example,false,false,"en, de"\n',
      [...on('@bob@a.example'), off('@carol@b.example')],
      0,
    ],
    [
      'as it exports blocks, without a head',
      'bob@a.example\ncarol@b.example\n',
      on('@bob@a.example', '@carol@b.example'),
      0,
    ],
    [
      'with columns in another order',
      'Account address,Notify,Show boosts\nbob@a.example,true,false\n',
      [off('@bob@a.example')],
      0,
    ],
    [
      'with an old head and line ends of Windows',
      '\uFEFFAccount address\r\n@bob@a.example\r\n',
      on('@bob@a.example'),
      0,
    ],
    [
      'with links of accounts',
      'https://a.example/users/bob\n',
      on('https://a.example/users/bob'),
      0,
    ],
    ['with the same account twice', 'bob@a.example\nBob@a.example\n', on('@bob@a.example'), 0],
    ['with lines that name nobody', 'bob@a.example\nwhat is this\n\n,,\n', on('@bob@a.example'), 2],
    ['with quotes in it', '"bob@a.example","true"\n', on('@bob@a.example'), 0],
    ['of nothing', '', [], 0],
    ['of nothing but a head', 'Account address\n', [], 0],
  ])('%s', (_, text, ...[accounts, bad]) => {
    expect(readAccountList(text)).toEqual({ accounts, bad })
  })

  test.each([
    ['that never ends a quote is none', '"bob@a.example\n'],
    ['of one line without end is none', `${'x'.repeat(100_000)}\n`],
  ])('%s', (_, text) => {
    expect(readAccountList(text)).toBe('malformed')
  })

  test('of more accounts than anybody follows is refused', () => {
    const lines = Array.from({ length: longestList + 2 }, (_, n) => `u${n}@a.example`)
    expect(readAccountList(lines.join('\n'))).toBe('too-long')
  })
})
