import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { variableOf } from '../../src/config/environment.ts'
import { allSettings } from '../../src/config/settings.ts'
import { configOf, load, problemsOf, validFile, warningsOf } from './example.ts'
import { usualLimits } from '../support/limits.ts'

const full = `
homeserver: { url: 'https://matrix.example.org/', server_name: 'example.org:8448' }
appservice:
  id: bridge
  bind: 0.0.0.0
  port: 9000
  url: http://footbridge:9000
  as_token: as-token-of-the-tests
  hs_token: hs-token-of-the-tests
  old_as_token: as-token-from-before
  old_hs_token: hs-token-from-before
  old_tokens_until: 2030-01-31T12:00Z
  bot_localpart: fedi
  prefix: _fedi_
  command_prefix: '!fedi'
  spaces: off
  send_status: on
activitypub:
  bind: '::'
  port: 9001
  public_url: http://fedi.test:9001
  handle_domain: fedi.test:9001
  fetch_mode: public
  unsigned_fetch_from: [threads.net]
  rotate_keys_after: 365
permissions: { '*': none, example.org: user, '@root:example.org': admin }
database: sqlite:/var/lib/footbridge.db
encryption_key: encryption-key-of-the-tests-1234567
old_encryption_key: encryption-key-of-the-tests-before
publish: { join_media_within: 3 }
media: { max_size: 20, sensitive_media: link, emoji_reactions: picture, cache_size: 0 }
prune: { remote_after: 365 }
provisioning:
  access: on
  token: token-of-the-programs-of-the-tests-1
signatures: { max_age: 30, max_ahead: 5 }
limits:
  activities_per_account: 1
  activities_per_server: 2
  posts_per_hour: 3
  follows_per_hour: 4
  mentions_per_hour: 7
  mentions_per_post: 5
  accounts_per_request: 6
new_accounts: { age: 48, posts_per_hour: 8, follows_per_hour: 9, mentions_per_hour: 10 }
network:
  allow_private: [fedi.test, 127.0.0.1, 172.18.0.0/16, 'fd00::/8']
  allow_http: ['fedi.test:8080', peer.test]
about:
  operator: ' The Example Society '
  contact: https://example.org/contact
  rules: [Be kind., 'No advertising.']
  blocked_servers: obfuscated
rooms: { federate: false }
metrics: { bind: "::1", port: 9712 }
tracing: { url: "http://127.0.0.1:4318/v1/traces", percent: 5 }
admin_page: { bind: "::1", port: 9713, url: https://admin.example.org/, openid: 'on' }
logging: { level: debug, format: json }
moderation: { allow_list: 'on', bridged_users: ['@_*', '@x_*:y.example'], matrix_bridges: [bridge.example], reports_room: '!reports:y.example' }
`

describe('a valid configuration', () => {
  test('fills in the defaults', () => {
    expect(configOf(load(validFile))).toEqual({
      homeserver: { url: 'http://127.0.0.1:8008', serverName: 'example.org' },
      appservice: {
        id: 'footbridge',
        bind: '127.0.0.1',
        port: 8710,
        url: 'http://127.0.0.1:8710',
        asToken: 'as-token-of-the-tests',
        hsToken: 'hs-token-of-the-tests',
        botLocalpart: 'apbot',
        prefix: '_ap_',
        commandPrefix: '!ap',
        hasSpaces: true,
        sendsStatus: false,
      },
      activitypub: {
        bind: '127.0.0.1',
        port: 8711,
        publicUrl: 'https://fedi.example.org',
        handleDomain: 'example.org',
        fetchMode: 'signed',
        unsignedFetchFrom: [],
      },
      permissions: { 'example.org': 'user' },
      database: 'sqlite:/etc/footbridge/footbridge.db',
      encryptionKey: 'encryption-key-of-the-tests-1234567',
      pruneAfter: 90 * 86_400_000,
      publish: { joinMediaWithin: 0 },
      media: { sensitive: 'spoiler', emojiReactions: 'text', cacheSize: 256_000_000 },
      signatures: { maxAge: 3_600_000, ahead: 3_600_000 },
      limits: usualLimits,
      moderation: { allowListOnly: false, bridgedUsers: ['@_*'] },
      network: { allowPrivate: [], allowHttp: [] },
      about: { rules: [], blockedServers: 'shown' },
      logging: { level: 'info', format: 'auto' },
    })
  })

  test('keeps every value of a file that gives all of them', () => {
    expect(configOf(load(full))).toEqual({
      homeserver: { url: 'https://matrix.example.org', serverName: 'example.org:8448' },
      appservice: {
        id: 'bridge',
        bind: '0.0.0.0',
        port: 9000,
        url: 'http://footbridge:9000',
        asToken: 'as-token-of-the-tests',
        hsToken: 'hs-token-of-the-tests',
        previous: {
          asToken: 'as-token-from-before',
          hsToken: 'hs-token-from-before',
          until: Date.UTC(2030, 0, 31, 12),
        },
        botLocalpart: 'fedi',
        prefix: '_fedi_',
        commandPrefix: '!fedi',
        hasSpaces: false,
        sendsStatus: true,
      },
      activitypub: {
        bind: '::',
        port: 9001,
        publicUrl: 'http://fedi.test:9001',
        handleDomain: 'fedi.test:9001',
        fetchMode: 'public',
        unsignedFetchFrom: ['threads.net'],
        rotateKeysAfter: 365 * 86_400_000,
      },
      permissions: { '*': 'none', 'example.org': 'user', '@root:example.org': 'admin' },
      database: 'sqlite:/var/lib/footbridge.db',
      encryptionKey: 'encryption-key-of-the-tests-1234567',
      oldEncryptionKey: 'encryption-key-of-the-tests-before',
      pruneAfter: 365 * 86_400_000,
      localRoomsOnly: true,
      publish: { joinMediaWithin: 3_000 },
      media: {
        maxSize: 20_000_000,
        sensitive: 'link',
        emojiReactions: 'picture',
        cacheSize: 0,
      },
      provisioning: { token: 'token-of-the-programs-of-the-tests-1' },
      signatures: { maxAge: 1_800_000, ahead: 300_000 },
      limits: {
        activitiesPerActor: 1,
        activitiesPerServer: 2,
        postsPerHour: 3,
        followsPerHour: 4,
        mentionsPerHour: 7,
        newAccounts: {
          ...{ age: 48 * 3_600_000, postsPerHour: 8 },
          ...{ followsPerHour: 9, mentionsPerHour: 10 },
        },
        mentionsPerPost: 5,
        accountsPerRequest: 6,
      },
      moderation: {
        allowListOnly: true,
        bridgedUsers: ['@_*', '@x_*:y.example'],
        matrixBridges: ['bridge.example'],
        reportsRoom: '!reports:y.example',
      },
      network: {
        allowPrivate: ['fedi.test', '127.0.0.1', '172.18.0.0/16', 'fd00::/8'],
        allowHttp: ['fedi.test:8080', 'peer.test'],
      },
      about: {
        operator: 'The Example Society',
        contact: 'https://example.org/contact',
        rules: ['Be kind.', 'No advertising.'],
        blockedServers: 'obfuscated',
      },
      metrics: { bind: '::1', port: 9712 },
      tracing: { url: 'http://127.0.0.1:4318/v1/traces', share: 0.05 },
      adminPage: { bind: '::1', port: 9713, url: 'https://admin.example.org', takesOpenId: true },
      logging: { level: 'debug', format: 'json' },
    })
  })

  test('is the same when the environment gives all of it, the tokens by files', () => {
    const values = parse(full) as Record<string, Record<string, unknown>>
    const environment: Record<string, string> = {}
    const files: Record<string, string> = {}
    for (const { path, setting } of allSettings()) {
      const [section = '', key] = path
      const value = key === undefined ? values[section] : values[section]?.[key]
      // The file above misses none.
      expect([path, value]).not.toEqual([path, undefined])
      const name = variableOf(path)
      if (setting.isSecret !== true) environment[name] = asVariable(value)
      else environment[`${name}_FILE`] = `/run/${name}`
      files[`/run/${name}`] = `${String(value)}\n`
    }
    expect(configOf(load(undefined, environment, files))).toEqual(configOf(load(full)))
  })

  test('treats a section without settings as absent', () => {
    expect(configOf(load(`${validFile}network:\nlogging:\n`)).network.allowHttp).toEqual([])
  })

  test('makes the address for the homeserver from bind and port', () => {
    const bound = (bind: string) =>
      configOf(load(validFile, { FOOTBRIDGE_APPSERVICE_BIND: bind })).appservice.url
    expect(['0.0.0.0', '::', '::1', '10.0.0.2', 'localhost'].map(bound)).toEqual([
      'http://127.0.0.1:8710',
      'http://[::1]:8710',
      'http://[::1]:8710',
      'http://10.0.0.2:8710',
      'http://localhost:8710',
    ])
  })

  test('of an ordinary deployment has no warnings', () => {
    expect(warningsOf(load(validFile))).toEqual([])
  })

  test('warns loudly about what only tests should have', () => {
    expect(warningsOf(load(full))).toEqual([
      'config.yaml:47: network.allow_private lets fediverse traffic reach fedi.test, 127.0.0.1, 172.18.0.0/16, fd00::/8.\n' +
        '  Whoever sends a link can make Footbridge fetch from there; list as little as possible.',
      'config.yaml:48: network.allow_http speaks without TLS to fedi.test:8080, peer.test.\n' +
        '  Anybody on the way can read and forge it: for tests only.',
      'config.yaml:21: activitypub.public_url is http://fedi.test:9001, without TLS.\n' +
        '  Servers on the internet will not talk to it: for tests only.',
    ])
  })

  test.each([
    'http://me:secret@127.0.0.1:4318/',
    'ftp://127.0.0.1/',
    '127.0.0.1:4318',
    'http://a/#b',
  ])('takes no traces to %s', (url) => {
    const given = load(
      validFile.replace('permissions:', `tracing: { url: "${url}" }\npermissions:`),
    )
    expect(given).toEqual({
      problems: [expect.objectContaining({ what: expect.stringContaining('tracing.url is') })],
    })
  })

  test.each([
    ['port: 8713', undefined],
    ['bind: 192.168.1.7', undefined],
    ['port: 8713\n  bind: 0.0.0.0', undefined],
    ['port: 8713\n  bind: "::1"', undefined],
    ['port: 8713\n  url: http://localhost:9000', undefined],
    ['port: 8713\n  bind: 192.168.1.7\n  url: https://admin.example.org', undefined],
    ['port: 8713\n  bind: 192.168.1.7', 'admin_page.bind lets admins log in at http://192.168.1.7'],
    ['port: 8713\n  bind: fd00::7', 'admin_page.bind lets admins log in at http://[fd00::7]'],
    [
      'port: 8713\n  url: http://a.example',
      'admin_page.url lets admins log in at http://a.example',
    ],
  ])('with a page for admins: %j', (lines, warning) => {
    const mend =
      'Put it behind a proxy with TLS, or bind it to 127.0.0.1 and reach it by SSH (docs/admin-page.md).'
    const found = warningsOf(load(`${validFile}admin_page:\n  ${lines}\n`))
    const where = /config\.yaml:\d+: /
    expect(found.map((one) => one.replace(where, ''))).toEqual(
      warning === undefined ? [] : [`${warning} without TLS.\n  ${mend}`],
    )
  })

  test.each([
    ['port: 8711', 'is 8711, like activitypub.port.'],
    ['port: 8710', 'is 8710, like appservice.port.'],
    ['url: https://example.org/admin', 'is "https://example.org/admin".'],
    ['openid: maybe', 'is "maybe".'],
  ])('refuses a page for admins with %j', (line, problem) => {
    expect(problemsOf(load(`${validFile}admin_page:\n  ${line}\n`)).join('\n')).toContain(
      `admin_page.${line.split(':')[0] ?? ''} ${problem}`,
    )
  })

  test('warns when nobody or everybody may use it', () => {
    const withLine = (line: string) =>
      warningsOf(load(validFile.replace('  example.org: user', `  ${line}`)))
    expect([withLine('example.org: none'), withLine('"*": user')]).toEqual([
      [
        'config.yaml:10: permissions lets nobody use Footbridge.\n  Give a domain or a user id the level user.',
      ],
      [
        'config.yaml:10: permissions lets users of every homeserver in, as user.\n  Name your own domain instead, unless you mean it.',
      ],
    ])
  })
})

/** A value as a variable gives it. */
function asVariable(value: unknown): string {
  if (Array.isArray(value)) return value.join(',')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, one]) => `${key}=${String(one)}`)
    .join(',')
}

test('what stands in the wrong place of a file is not shown: it may be a token', () => {
  const problems = problemsOf(load(validFile.replace(/^homeserver:/m, '')))
  expect(problems.length).toBeGreaterThan(3)
  for (const problem of problems) expect(problem).not.toMatch(/token-of|"/)
  expect(problems).toContainEqual(
    expect.stringContaining('Unexpected scalar token in YAML stream.'),
  )
})

test('an empty file misses every required setting', () => {
  const missing = problemsOf(load('')).map((line) => line.split('\n')[0])
  expect(missing).toEqual([
    'config.yaml: homeserver.url is missing.',
    'config.yaml: homeserver.server_name is missing.',
    'config.yaml: appservice.as_token is missing.',
    'config.yaml: appservice.hs_token is missing.',
    'config.yaml: activitypub.public_url is missing.',
    'config.yaml: activitypub.handle_domain is missing.',
    'config.yaml: permissions is missing.',
    'config.yaml: encryption_key is missing.',
  ])
})
