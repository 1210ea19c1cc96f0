import { expect, test } from '@jest/globals'
import { examineCertificate } from '../../src/doctor/public-url.ts'

const hour = 3_600_000
const day = 24 * hour
const now = Date.UTC(2030, 0, 31)

const look = async (lifetime: number, left: number) => {
  const shown = {
    names: ['fedi.example.org'],
    validFrom: now + left - lifetime,
    validTo: now + left,
  }
  const means = { lookAtCertificate: async () => shown, now: () => now }
  return examineCertificate('fedi.example.org', { means })
}

test.each([
  ['of three months, renewed when a third is left', 90 * day, 20 * day],
  ['of six days, in the middle', 6 * day, 3 * day],
  ['of half a day, as web servers give themselves', 12 * hour, 4 * hour],
  ['of ten years, two weeks before its end', 3650 * day, 15 * day],
])('a certificate %s, is well', async (_, lifetime, left) => {
  expect(await look(lifetime, left)).toMatchObject({
    result: 'ok',
    what: expect.stringMatching(/^that of fedi\.example\.org is good until 2030-0[12]-/),
  })
})

test.each([
  ['of three months, ten days before its end', 90 * day, 10 * day],
  ['of six days, on the last one', 6 * day, 20 * hour],
  ['of half a day, an hour before its end', 12 * hour, hour],
])('a certificate %s, was not renewed', async (_, lifetime, left) => {
  expect(await look(lifetime, left)).toMatchObject({
    result: 'warning',
    what: expect.stringMatching(/ends on 2030-0[12]-\d\d, and was not renewed\.$/),
  })
})
