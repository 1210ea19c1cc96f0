import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from './support/peers.ts'
import { makeFolder, repository } from './support/process.ts'
import { type Stack, startStack } from './support/stack.ts'
import type { Homeserver } from './support/homeserver.ts'
import { startSynapse } from './support/synapse.ts'

type Found = Readonly<Record<'check' | 'result' | 'what', string>> & {
  readonly trouble?: string
  readonly mend?: string
}
type Look = { readonly code: number; readonly findings: readonly Found[] }

const wrongOf = ({ findings }: Look) =>
  findings.filter(({ result }) => result === 'failed').map(({ trouble }) => trouble)

describeWith(['synapse'], 'the doctor beside a real homeserver', () => {
  let stack: Stack
  const others: Homeserver[] = []

  /** `footbridge doctor --json`; `homeserver`: as if that one stood in the configuration. */
  const look = (homeserver?: Homeserver): Promise<Look> =>
    new Promise((resolve, reject) => {
      const config = path.join(path.dirname(stack.databasePath), 'config.yaml')
      const args = [path.join(repository, 'bin/footbridge.js'), 'doctor', '--json', '-c', config]
      const env = {
        PATH: process.env['PATH'] ?? '',
        ...(homeserver === undefined ? {} : { FOOTBRIDGE_HOMESERVER_URL: homeserver.url }),
      }
      execFile(process.execPath, args, { env }, (error, out, err) => {
        if (!out.startsWith('{')) {
          reject(new Error(`the doctor said: ${out}${err}`))
          return
        }
        const { findings } = JSON.parse(out) as { findings: readonly Found[] }
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, findings })
      })
    })

  const another = async (options: Parameters<typeof startSynapse>[0]): Promise<Homeserver> => {
    const synapse = await startSynapse(options)
    others.push(synapse)
    return synapse
  }

  beforeAll(async () => {
    stack = await startStack()
  })
  afterAll(() => Promise.all([stack.stop(), ...others.map((one) => one.stop())]))

  const allOfMatrix = ['homeserver', 'token', 'names', 'encryption', 'ping']
  const well = (found: Look) =>
    found.findings.flatMap(({ check, result }) => (result === 'ok' ? [check] : []))

  test('finds nothing wrong while the bridge runs', async () => {
    const found = await look()
    expect([wrongOf(found), found.code]).toEqual([[], 0])
    expect(well(found)).toEqual(expect.arrayContaining([...allOfMatrix, 'actor', 'WebFinger']))
  })

  test('tells an admin the same in the chat, its ping included', async () => {
    await stack.permit({ 'matrix.test': 'user', '@root:matrix.test': 'admin' })
    const root = await stack.meet('root')
    const answer = await root.command('doctor')
    const text = answer.startsWith('Looking') ? await root.command('doctor') : answer
    expect(text).toMatch(/^(?:All is well\.|Nothing has to be mended)/)
    expect(text).toContain('✓ Ping: the homeserver and Footbridge reach each other.')
    expect(text).toContain('✓ Actor: ')
  })

  test('finds nothing wrong while the bridge is down, and answers the ping in its place', async () => {
    await stack.bridge.stop()
    const found = await look()
    expect([wrongOf(found), found.code]).toEqual([[], 0])
    expect(well(found)).toEqual(expect.arrayContaining(allOfMatrix))
    expect(found.findings.find(({ check }) => check === 'actor')?.result).toBe('skipped')
  })

  test('names a registration that is not loaded', async () => {
    const found = await look(await another({}))
    expect([wrongOf(found), found.code]).toEqual([['registration-not-loaded'], 8])
  })

  test('names another hs_token, and forced encryption', async () => {
    const right = path.join(path.dirname(stack.databasePath), 'registration.yaml')
    const registrationFile = path.join(await makeFolder('wrong'), 'registration.yaml')
    const text = await readFile(right, 'utf8')
    await writeFile(registrationFile, text.replace(/^hs_token: .*$/m, 'hs_token: another-token'))
    const found = await look(await another({ registrationFile, encrypts: 'all' }))
    expect(wrongOf(found)).toEqual(['encryption-forced', 'wrong-token'])
  })

  test('names a wrong url and foreign namespaces', async () => {
    const right = path.join(path.dirname(stack.databasePath), 'registration.yaml')
    const registrationFile = path.join(await makeFolder('wrong'), 'registration.yaml')
    const text = await readFile(right, 'utf8')
    const wrong = text.replace(/^url: .*$/m, 'url: http://127.0.0.1:9').replace('_ap_', '_old_')
    await writeFile(registrationFile, wrong)
    const found = await look(await another({ registrationFile }))
    expect(wrongOf(found)).toEqual(['namespaces', 'homeserver-cannot-reach-us'])
  })

  test('names a wrong server name', async () => {
    const registrationFile = path.join(path.dirname(stack.databasePath), 'registration.yaml')
    const renamed = await look(await another({ registrationFile, serverName: 'other.test' }))
    expect(wrongOf(renamed)).toEqual(['wrong-server-name'])
    expect(renamed.findings.find(({ trouble }) => trouble !== undefined)?.mend).toContain(
      'server_name: other.test',
    )
  })
})
