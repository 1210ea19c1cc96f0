import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { printSampleRegistration } from '../../src/config/registration.ts'
import { printConfig, printSample } from '../../src/config/sample.ts'
import { allSettings } from '../../src/config/settings.ts'
import { configOf, load, problemsOf } from './example.ts'

const committed = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')

describe('the sample files', () => {
  test('config.sample.yaml is what the schema prints (npm run print:config)', () => {
    expect(committed('config.sample.yaml')).toBe(printSample())
  })

  test('registration.yaml is what the sample prints (npm run print:registration)', async () => {
    expect(committed('registration.yaml')).toBe(await printSampleRegistration())
  })

  test('the sample is refused only for the values that each must choose', () => {
    expect(problemsOf(load(printSample())).map((line) => line.split('\n')[0])).toEqual(
      ['homeserver.server_name', 'appservice.as_token', 'appservice.hs_token']
        .concat(['activitypub.public_url', 'activitypub.handle_domain', 'permissions'])
        .concat(['encryption_key'])
        .map((path) => expect.stringMatching(`:\\d+: ${path} still has the value of the sample`)),
    )
  })

  test('every default shown in it is a valid value of its setting', () => {
    const shown = allSettings().map(({ path, setting }) => {
      const value = setting.sample ?? setting.derived ?? setting.fallback
      return [path.join('.'), setting.value.schema.safeParse(value).success]
    })
    expect(shown.filter(([, valid]) => valid !== true)).toEqual([])
  })

  test('its lines fit a terminal of 100 columns', () => {
    expect(
      printSample()
        .split('\n')
        .filter((line) => line.length > 100),
    ).toEqual([])
  })

  test('a printed configuration says again what it was made from', () => {
    const values = new Map<string, unknown>([
      ['homeserver.url', 'http://synapse:8008'],
      ['homeserver.server_name', 'example.net'],
      ['appservice.as_token', '#: {as-token-with-signs}'],
      ['appservice.hs_token', "'hs-token-with-signs'"],
      ['activitypub.public_url', 'https://fedi.example.net'],
      ['activitypub.handle_domain', 'example.net'],
      ['encryption_key', '#{an-encryption-key-with-signs}#-of-32'],
      ['permissions', { 'example.net': 'user', '@me:example.net': 'admin', '*': 'none' }],
    ])
    expect(problemsOf(load(printConfig(values)))).toEqual([
      expect.stringMatching('as_token is a string of 24 characters'),
    ])
    values.set('appservice.as_token', '#:{as-token-with-signs}')
    const config = configOf(load(printConfig(values)))
    expect([config.appservice.asToken, config.appservice.hsToken, config.permissions]).toEqual([
      '#:{as-token-with-signs}',
      "'hs-token-with-signs'",
      values.get('permissions'),
    ])
  })
})
