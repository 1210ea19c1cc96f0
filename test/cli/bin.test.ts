import { describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../../bin/footbridge.js', import.meta.url))

type Ended = { readonly code: number | string; readonly out: string; readonly err: string }

const start = (nodeFlags: readonly string[], args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '' }
    execFile(process.execPath, [...nodeFlags, script, ...args], { env }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    )
  })

const pretend = (version: string) =>
  `--import=data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`

describe('bin/footbridge.js', () => {
  test('starts the command line', async () => {
    expect(await start([], ['--version'])).toEqual({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: '',
    })
  })

  test('passes the exit code on, and nothing but text into a pipe', async () => {
    const { code, out, err } = await start([], ['check', '-c', '/does/not/exist.yaml'])
    expect([code, out]).toEqual([3, ''])
    expect(err).toBe(
      'footbridge: /does/not/exist.yaml: there is no such file.\n  Write one with "footbridge init", or name another with -c.\n',
    )
  })

  test.each(['20.19.0', '22.17.1'])(
    'on Node %s says so in two lines, exit code 4',
    async (version) => {
      expect(await start([pretend(version)], ['run'])).toEqual({
        code: 4,
        out: '',
        err:
          `footbridge: Node.js ${version} is too old; it needs 22.18 or newer.\n` +
          '  Install a newer one from https://nodejs.org. In a checkout, "npm ci" brings one; "npx footbridge" uses it.\n',
      })
    },
  )

  test.each(['22.18.0', '24.0.0'])('accepts Node %s', async (version) => {
    expect((await start([pretend(version)], ['--version'])).code).toBe(0)
  })
})
