import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { makeRegistration, printRegistration } from '../../src/config/registration.ts'
import { configOf, load, validFile } from './example.ts'

const config = configOf(load(validFile))

describe('the registration', () => {
  test('says everything a homeserver needs', async () => {
    expect(await makeRegistration(config)).toEqual({
      id: 'footbridge',
      url: 'http://127.0.0.1:8710',
      as_token: 'as-token-of-the-tests',
      hs_token: 'hs-token-of-the-tests',
      sender_localpart: 'apbot',
      rate_limited: false,
      namespaces: {
        users: [
          { exclusive: true, regex: '^@_ap_.*:example\\.org$' },
          { exclusive: true, regex: '^@apbot:example\\.org$' },
        ],
        aliases: [{ exclusive: true, regex: '^#_ap_.*:example\\.org$' }],
      },
      protocols: ['activitypub'],
      receive_ephemeral: false,
      'io.element.msc4190': true,
    })
  })

  test('reads the same as YAML', async () => {
    expect(parse(await printRegistration(config))).toEqual(await makeRegistration(config))
  })

  test('claims our names and nobody else’s', async () => {
    const { namespaces } = await makeRegistration(config)
    const isClaimed = (id: string) =>
      namespaces.users.some(({ regex }) => new RegExp(regex).test(id))
    const ours = ['@_ap_bob_fedi.test:example.org', '@apbot:example.org']
    const others = [
      '@alice:example.org',
      '@_ap_bob_fedi.test:exampleXorg',
      '@_ap_bob_fedi.test:example.org.evil.net',
      '@apbot2:example.org',
      '@x_ap_bob:example.org',
    ]
    expect([...ours, ...others].filter(isClaimed)).toEqual(ours)
  })

  test('escapes a bot name that holds signs of expressions', async () => {
    const dotted = { ...config, appservice: { ...config.appservice, botLocalpart: 'ap.bot+1' } }
    const { namespaces } = await makeRegistration(dotted)
    expect(namespaces.users[1]?.regex).toBe('^@ap\\.bot\\+1:example\\.org$')
  })
})
