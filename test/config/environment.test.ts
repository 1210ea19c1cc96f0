import { describe, expect, test } from '@jest/globals'
import { configOf, load, problemsOf, validFile } from './example.ts'
import { isConfiguration } from '../../src/config/environment.ts'

const everything = {
  FOOTBRIDGE_HOMESERVER_URL: 'http://synapse:8008',
  FOOTBRIDGE_HOMESERVER_SERVER_NAME: 'example.net',
  FOOTBRIDGE_APPSERVICE_AS_TOKEN_FILE: '/run/as',
  FOOTBRIDGE_APPSERVICE_HS_TOKEN_FILE: '/run/hs',
  FOOTBRIDGE_APPSERVICE_PORT: '9000',
  FOOTBRIDGE_ACTIVITYPUB_PUBLIC_URL: 'https://fedi.example.net',
  FOOTBRIDGE_ACTIVITYPUB_HANDLE_DOMAIN: 'example.net',
  FOOTBRIDGE_PERMISSIONS: 'example.net=user, @root:example.net=admin',
  FOOTBRIDGE_NETWORK_ALLOW_PRIVATE: 'fedi.internal, 10.0.0.0/8',
  FOOTBRIDGE_DATABASE: 'sqlite:data/footbridge.db',
  FOOTBRIDGE_ENCRYPTION_KEY_FILE: '/run/key',
  FOOTBRIDGE_CONFIG: '/elsewhere/config.yaml',
  FOOTBRIDGE_LOGGING_LEVEL: '',
  PATH: '/bin',
}
const secrets = {
  '/run/as': 'as-token-in-a-file\n',
  '/run/hs': 'hs-token-in-a-file\n',
  '/run/key': 'encryption-key-in-a-file-0123456789\n',
}

describe('environment variables', () => {
  test('can give everything without a file', () => {
    const config = configOf(load(undefined, everything, secrets))
    expect([config.homeserver, config.permissions, config.network.allowPrivate]).toEqual([
      { url: 'http://synapse:8008', serverName: 'example.net' },
      { 'example.net': 'user', '@root:example.net': 'admin' },
      ['fedi.internal', '10.0.0.0/8'],
    ])
    expect([config.appservice.asToken, config.appservice.hsToken, config.database]).toEqual([
      'as-token-in-a-file',
      'hs-token-in-a-file',
      'sqlite:/srv/data/footbridge.db',
    ])
  })

  test('win over the file', () => {
    const config = configOf(load(validFile, { FOOTBRIDGE_HOMESERVER_SERVER_NAME: 'example.net' }))
    expect(config.homeserver.serverName).toBe('example.net')
  })

  test('that are empty count as absent', () => {
    expect(configOf(load(validFile, { FOOTBRIDGE_APPSERVICE_PORT: '' })).appservice.port).toBe(8710)
  })

  test.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'unknown',
      { FOOTBRIDGE_HOMESERVER_URI: 'x' },
      'FOOTBRIDGE_HOMESERVER_URI: no setting has this environment variable.\n  Did you mean FOOTBRIDGE_HOMESERVER_URL?',
    ],
    [
      'unknown and like no other',
      { FOOTBRIDGE_X: 'x' },
      'FOOTBRIDGE_X: no setting has this environment variable.\n  Unset it; config.sample.yaml names the variable of each setting.',
    ],
    [
      'of several lines',
      { 'FOOTBRIDGE_X\ny': 'x' },
      '"FOOTBRIDGE_X\\ny": no setting has this environment variable.\n  Unset it; config.sample.yaml names the variable of each setting.',
    ],
    [
      'a file for what is no secret',
      { FOOTBRIDGE_HOMESERVER_URL_FILE: '/run/as' },
      'FOOTBRIDGE_HOMESERVER_URL_FILE: no setting has this environment variable.\n  Did you mean FOOTBRIDGE_HOMESERVER_URL?',
    ],
    [
      'given twice',
      { FOOTBRIDGE_APPSERVICE_AS_TOKEN: 'x', FOOTBRIDGE_APPSERVICE_AS_TOKEN_FILE: '/run/as' },
      'FOOTBRIDGE_APPSERVICE_AS_TOKEN: it is given twice, directly and as a file.\n  Unset one of FOOTBRIDGE_APPSERVICE_AS_TOKEN and FOOTBRIDGE_APPSERVICE_AS_TOKEN_FILE.',
    ],
    [
      'an unreadable file',
      { FOOTBRIDGE_APPSERVICE_AS_TOKEN_FILE: '/run/none' },
      'FOOTBRIDGE_APPSERVICE_AS_TOKEN_FILE: the file cannot be read: ENOENT: no such file.\n  Make the file "/run/none" readable for the user Footbridge runs as.',
    ],
    [
      'no number',
      { FOOTBRIDGE_APPSERVICE_PORT: 'http' },
      'FOOTBRIDGE_APPSERVICE_PORT: appservice.port is "http".\n  Allowed: a number from 1 to 65535.',
    ],
    [
      'a short token in a file, which is not shown',
      { FOOTBRIDGE_APPSERVICE_AS_TOKEN_FILE: '/run/short' },
      'FOOTBRIDGE_APPSERVICE_AS_TOKEN_FILE: appservice.as_token is a string of 6 characters.\n  Allowed: at least 16 printable characters without spaces; `openssl rand -hex 32` prints one.',
    ],
    [
      'a bad entry of a list',
      { FOOTBRIDGE_NETWORK_ALLOW_PRIVATE: 'fedi.internal,10.0.0.0/33' },
      'FOOTBRIDGE_NETWORK_ALLOW_PRIVATE: network.allow_private[1] is "10.0.0.0/33".\n  Allowed: a list of host names, IP addresses or networks, such as [fedi.internal, 172.18.0.0/16].',
    ],
    [
      'a bad permission',
      { FOOTBRIDGE_PERMISSIONS: 'example.org=owner' },
      'FOOTBRIDGE_PERMISSIONS: permissions["example.org"] is "owner".\n  Allowed: one line for each user id, domain or "*" with none, follow, user or admin, such as example.org: user.',
    ],
  ])('%s', (_title, environment, message) => {
    const files = { ...secrets, '/run/short': 'short!' }
    expect(problemsOf(load(validFile, environment, files))).toEqual([message])
  })

  test.each([
    [false, 'FOOTBRIDGE_CONFIG', 'names the file'],
    [false, 'FOOTBRIDGE_APPSERVICE_BIND', 'is what the image gives'],
    [false, 'FOOTBRIDGE_APPSERVICE_URL', 'has a derived default'],
    [true, 'FOOTBRIDGE_HOMESERVER_URL', 'is needed'],
    [true, 'FOOTBRIDGE_APPSERVICE_AS_TOKEN_FILE', 'is needed'],
    [true, 'FOOTBRIDGE_HOMESERVER_ULR', 'is a slip'],
  ])('make a configuration: %p for %s, which %s', (expected, name) => {
    expect(isConfiguration({ PATH: '/bin', [name]: 'x' })).toBe(expected)
  })
})
