import { expect, test } from '@jest/globals'
import type { Finding } from '../../src/model/finding.ts'
import { setUp } from './setup.ts'

const findings: readonly Finding[] = [
  { check: 'homeserver', result: 'ok', what: 'http://127.0.0.1:8008 answers, Matrix v1.15.' },
  { check: 'outbound', result: 'skipped', what: 'no server was named to be reached.' },
  {
    check: 'body size',
    result: 'failed',
    trouble: 'body-limit',
    what: 'the web server of fedi.hs.test does not let a body of 1 MB through: it answers 413.',
    why: 'Long posts are refused.',
    mend: 'In the server block of fedi.hs.test: client_max_body_size `2m`;',
  },
]

test('the doctor tells an admin what is wrong first, with the line to change', async () => {
  const { ask } = await setUp({ permissionOf: () => 'admin', examine: async () => findings })
  expect(await ask('doctor')).toEqual([
    [
      'To be mended: 1.',
      '✗ Body size: the web server of fedi.hs.test does not let a body of 1 MB through: it answers 413.',
      'Long posts are refused.',
      "`In the server block of fedi.hs.test: client_max_body_size '2m';`",
      'More: docs/troubleshooting.md#body-limit',
      '– Outbound: no server was named to be reached.',
      '✓ Homeserver: http://127.0.0.1:8008 answers, Matrix v1.15.',
    ].join('\n'),
  ])
})

test('it says when all is well, and nothing to users', async () => {
  const examine = async () => findings.slice(0, 1)
  const admin = await setUp({ permissionOf: () => 'admin', examine })
  expect((await admin.ask('doctor'))[0]?.split('\n')[0]).toBe('All is well.')
  const user = await setUp({ examine })
  expect((await user.ask('doctor'))[0]).toMatch(/^I do not know `doctor`\./)
})
