import { describe, expect, test } from '@jest/globals'
import { permissionOf } from '../../src/config/permission.ts'
import type { Permission } from '../../src/config/permission.ts'
import { asUserId } from '../../src/model/ids.ts'

const permissions = {
  '@root:example.org': 'admin',
  '@spam:example.org': 'none',
  'example.org': 'user',
  'example.net:8448': 'user',
} as const

describe('permissionOf', () => {
  test.each<[string, Permission]>([
    ['@root:example.org', 'admin'],
    ['@spam:example.org', 'none'],
    ['@alice:example.org', 'user'],
    ['@alice:example.net:8448', 'user'],
    ['@alice:example.net', 'none'],
    ['@alice:sub.example.org', 'none'],
    ['@example.org:example.com', 'none'],
    ['@constructor:toString', 'none'],
  ])('%s has the level %s', (userId, expected) => {
    expect(permissionOf({ permissions })(asUserId(userId))).toBe(expected)
  })

  test('the star is for everybody without a line of their own', () => {
    const of = permissionOf({ permissions: { ...permissions, '*': 'user' } })
    expect(['@a:elsewhere.net', '@spam:example.org'].map((id) => of(asUserId(id)))).toEqual([
      'user',
      'none',
    ])
  })

  test('whom another bridge has made is nobody, unless a line names them', () => {
    const of = permissionOf({
      permissions: { ...permissions, '@_discord_7:example.org': 'user' },
      moderation: { bridgedUsers: ['@_*', '@telegram_*:example.org', '@x?z'] },
    })
    const levels = [
      '@_irc_ann:example.org',
      '@_discord_7:example.org',
      '@telegram_7:example.org',
      '@telegram_7:example.net:8448',
      '@xyz:example.org',
      '@xyyz:example.org',
    ].map((id) => of(asUserId(id)))
    expect(levels).toEqual(['none', 'user', 'none', 'user', 'none', 'user'])
  })
})
