import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Finding } from '../../src/model/finding.ts'
import { makeFolder, removeFolder } from '../cli/temporary.ts'
import { rows } from './broken.ts'
import { makeCertificates, type Certificates } from './certificates.ts'
import { lookAt } from './deployment.ts'

let folder = ''
let certificates: Certificates
const usual = tls.getCACertificates('default')
beforeAll(async () => {
  folder = makeFolder()
  certificates = await makeCertificates(folder)
  tls.setDefaultCACertificates([...usual, certificates.authority])
})
afterAll(() => {
  tls.setDefaultCACertificates(usual)
  removeFolder(folder)
})

const wrongOf = (findings: readonly Finding[]) =>
  findings.flatMap((finding) => ('trouble' in finding ? [finding] : []))

describe('the doctor', () => {
  test('finds nothing in a deployment that is well', async () => {
    const findings = await lookAt({}, { folder, certificates })
    expect(wrongOf(findings)).toEqual([])
    const seen = findings.flatMap(({ check, result }) => (result === 'ok' ? [check] : []))
    expect(new Set(seen)).toEqual(
      new Set([
        ...['configuration', 'listeners', 'database', 'disk', 'homeserver', 'token', 'names'],
        ...['encryption', 'ping', 'public URL', 'certificate', 'headers', 'signatures'],
        ...['body size', 'NodeInfo', 'WebFinger', 'host-meta', 'outbound', 'clock'],
      ]),
    )
  })

  test('looks at a bridge that runs as well, and at its account', async () => {
    const findings = await lookAt({ isRunning: true }, { folder, certificates })
    expect(findings.filter(({ result }) => result !== 'ok')).toEqual([])
    expect(findings.map(({ check }) => check)).toContain('actor')
    expect(findings.find(({ check }) => check === 'database')?.what).toMatch(
      /is in use by the running Footbridge\.$/,
    )
  })

  test('says where a homeserver without a ping stands', async () => {
    const broken = { homeserver: { knowsNoPing: true } }
    const findings = await lookAt(broken, { folder, certificates })
    expect(wrongOf(findings)).toEqual([])
    expect(findings.find(({ check }) => check === 'ping')).toEqual({
      check: 'ping',
      result: 'skipped',
      what: expect.stringMatching(/write to the bot .*docs\/deploying\.md#homeservers$/),
    })
  })

  test.each(rows)('names it: $title', async ({ broken, troubles, what, mend, isWarning }) => {
    const findings = await lookAt(broken, { folder, certificates })
    const wrong = wrongOf(findings)
    expect(wrong.map(({ trouble }) => trouble).toSorted()).toEqual([...troubles].toSorted())
    const first = wrong.find(({ trouble }) => trouble === troubles[0])
    expect(first).toMatchObject({
      result: isWarning === true ? 'warning' : 'failed',
      what: expect.stringMatching(what),
      mend: expect.stringMatching(mend),
      why: expect.stringMatching(/\.$/),
    })
  })
})
