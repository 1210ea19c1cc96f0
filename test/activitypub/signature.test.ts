import { generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'

import {
  readSignature,
  signRequest,
  signRequestInPool,
  type Verdict,
  type Verification,
  verifySignature,
} from '../../src/activitypub/signature.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
const now = Date.UTC(2026, 7, 1, 12)
const keyId = 'https://social.test/users/bob#main-key'
const body = '{"type":"Like","content":"ä"}'
const post = {
  method: 'POST',
  url: 'https://fedi.example.org/inbox?shared=1',
  body,
  keyId,
  privateKey,
  date: new Date(now),
}

const received = (more: Partial<Verification> = {}): Verification => ({
  method: 'POST',
  target: '/inbox?shared=1',
  headers: signRequest(post),
  body: Buffer.from(body),
  now,
  publicKey,
  ...more,
})

/** A signature over anything, as a stranger's software might make it. */
function signedBy(
  lines: readonly (readonly [string, string])[],
  parameters: string,
  key: KeyObject = privateKey,
): string {
  const text = lines.map(([name, value]) => `${name}: ${value}`).join('\n')
  const value = sign('sha256', Buffer.from(text), key).toString('base64')
  const names = lines.map(([name]) => name).join(' ')
  return `keyId="${keyId}",headers="${names}",signature="${value}"${parameters}`
}

describe('signing', () => {
  test('covers target with query, host, date, digest and content type', async () => {
    const { signature = '', ...headers } = signRequest(post)
    expect(headers).toEqual({
      host: 'fedi.example.org',
      date: 'Sat, 01 Aug 2026 12:00:00 GMT',
      digest: 'SHA-256=/JOD0q9JzayVaUq+W9zOhbdcfaKd1BZVIoH5Wm8Nn/w=',
      'content-type': 'application/activity+json',
    })
    expect(readSignature({ signature })).toMatchObject({
      scheme: 'cavage',
      keyId,
      algorithm: 'rsa-sha256',
      covered: ['(request-target)', 'host', 'date', 'digest', 'content-type'],
    })
    expect(await signRequestInPool(post)).toEqual({ ...headers, signature })
  })

  test('a GET covers target, host and date, and a port is part of the host', () => {
    const headers = signRequest({
      method: 'GET',
      url: 'http://fedi.test:8080/users/a',
      keyId,
      privateKey,
      date: post.date,
    })
    expect(Object.keys(headers)).toEqual(['host', 'date', 'signature'])
    expect(headers.host).toBe('fedi.test:8080')
    const verdict = verifySignature(
      received({ method: 'GET', target: '/users/a', headers, body: undefined }),
    )
    expect(verdict).toMatchObject({ ok: true })
  })
})

describe('verifying', () => {
  test('accepts what was signed', () =>
    expect(verifySignature(received())).toMatchObject({ ok: true }))

  test('accepts a signature that left the query out', () => {
    const headers = signRequest({ ...post, url: 'https://fedi.example.org/inbox' })
    expect(verifySignature(received({ headers }))).toMatchObject({ ok: true })
  })

  test.each(['59', '-59'])('accepts a clock that is %s minutes away', (minutes) => {
    expect(verifySignature(received({ now: now + Number(minutes) * 60_000 }))).toMatchObject({
      ok: true,
    })
  })

  const headers = signRequest(post)
  const base64 = headers.signature?.split('signature="')[1]?.slice(0, -1) ?? ''
  const signature = headers.signature ?? ''
  const withHeader = (name: string, value: string | undefined) => ({
    headers: { ...headers, [name]: value },
  })
  test.each<readonly [string, Partial<Verification>, string]>([
    ['no signature', withHeader('signature', undefined), 'no-signature'],
    ['an empty signature', withHeader('signature', ''), 'no-signature'],
    [
      'a signature header twice',
      withHeader('signature', `${signature}, ${signature}`),
      'no-signature',
    ],
    ['a parameter twice', withHeader('signature', `${signature},keyId="x"`), 'no-signature'],
    ['a broken parameter', withHeader('signature', `${signature},x="`), 'no-signature'],
    ['an odd created', withHeader('signature', `${signature},created="now"`), 'no-signature'],
    [
      'a covered name twice',
      withHeader('signature', signature.replace('date digest', 'date date digest')),
      'no-signature',
    ],
    [
      'too long a header',
      withHeader('signature', `${signature},x="${'x'.repeat(9_000)}"`),
      'no-signature',
    ],
    [
      'another algorithm',
      withHeader('signature', signature.replace('rsa-sha256', 'hmac-sha256')),
      'algorithm',
    ],
    [
      'none as algorithm',
      withHeader('signature', signature.replace('rsa-sha256', 'none')),
      'algorithm',
    ],
    [
      'digest not covered',
      withHeader('signature', signature.replace('date digest', 'date')),
      'not-covered',
    ],
    [
      'date not covered',
      withHeader('signature', signature.replace('host date', 'host')),
      'not-covered',
    ],
    ['host not covered', withHeader('signature', signature.replace(' host', '')), 'not-covered'],
    [
      'target not covered',
      withHeader('signature', signature.replace('(request-target) ', '')),
      'not-covered',
    ],
    [
      'another order',
      withHeader('signature', signature.replace('host date', 'date host')),
      'wrong-signature',
    ],
    ['another method', { method: 'PUT' }, 'wrong-signature'],
    ['another path', { target: '/users/alice/inbox?shared=1' }, 'wrong-signature'],
    ['another query', { target: '/inbox?shared=2' }, 'wrong-signature'],
    ['another case of the path', { target: '/Inbox?shared=1' }, 'wrong-signature'],
    ['another host', withHeader('host', 'evil.test'), 'wrong-signature'],
    ['another case of the host', withHeader('host', 'FEDI.example.org'), 'wrong-signature'],
    ['our own host is another', { publicUrl: 'https://other.example.org' }, 'wrong-signature'],
    ['no host', withHeader('host', undefined), 'missing-header'],
    ['another date', withHeader('date', 'Sat, 01 Aug 2026 12:00:01 GMT'), 'wrong-signature'],
    ['another form of the date', withHeader('date', '2026-08-01T12:00:00Z'), 'clock'],
    ['no date', withHeader('date', undefined), 'clock'],
    ['a date that is none', withHeader('date', 'Sat, 99 Abc 2026 99:00:00 GMT'), 'clock'],
    ['61 minutes later', { now: now + 61 * 60_000 }, 'clock'],
    ['61 minutes earlier', { now: now - 61 * 60_000 }, 'clock'],
    ['too old', { now: now + 301_000, window: { maxAge: 300_000, ahead: 600_000 } }, 'clock'],
    ['too far ahead', { now: now - 301_000, window: { maxAge: 600_000, ahead: 300_000 } }, 'clock'],
    ['another body', { body: Buffer.from(body.replace('ä', 'a')) }, 'digest'],
    ['no body', { body: undefined }, 'digest'],
    ['no digest', withHeader('digest', undefined), 'missing-header'],
    [
      'two digests',
      withHeader('digest', `${headers.digest ?? ''}, ${headers.digest ?? ''}`),
      'digest',
    ],
    ['another digest', withHeader('digest', headers.digest?.replace('=/', '=A')), 'digest'],
    ['only a digest of another kind', withHeader('digest', 'SHA-512=abc'), 'digest'],
    [
      'another case of the digest header',
      withHeader('digest', headers.digest?.replace('SHA', 'sha')),
      'wrong-signature',
    ],
    ['another content type', withHeader('content-type', 'application/json'), 'wrong-signature'],
    [
      'content type twice',
      { headers: { ...headers, 'content-type': ['a', 'b'] } },
      'missing-header',
    ],
    ['another key', { publicKey: other.publicKey }, 'wrong-signature'],
    [
      'a key that is not RSA',
      { publicKey: generateKeyPairSync('ed25519').publicKey },
      'wrong-signature',
    ],
    [
      'a changed signature',
      withHeader('signature', signature.replace(base64, `AAAA${base64.slice(4)}`)),
      'wrong-signature',
    ],
    [
      'a signature that is no base64',
      withHeader('signature', signature.replace(base64, '!!!')),
      'wrong-signature',
    ],
  ])('refuses %s', (_name, change, reason) => {
    expect(verifySignature(received(change))).toEqual({ ok: false, reason })
  })

  test('our own host stands in for a header that a proxy rewrote', () => {
    const change = {
      ...withHeader('host', '127.0.0.1:8008'),
      publicUrl: 'https://fedi.example.org',
    }
    expect(verifySignature(received(change))).toMatchObject({ ok: true })
  })

  const sha512 = `SHA-512=${hash('sha512', body, 'base64')}`
  test.each<readonly [string, string, boolean]>([
    ['a second sum of a kind that nobody knows', `x-sum=abc,${headers.digest ?? ''}`, true],
    ['a second sum of another kind', `${sha512}, ${headers.digest ?? ''}`, true],
    ['only a sum of another kind', sha512, true],
    ['a second sum that is wrong', `SHA-512=abc,${headers.digest ?? ''}`, false],
    ['only a sum of a kind that nobody knows', 'x-sum=abc', false],
  ])('%s', (_name, digest, ok) => {
    const lines = [
      ['(request-target)', 'post /inbox?shared=1'],
      ['host', 'fedi.example.org'],
      ['date', headers.date ?? ''],
      ['digest', digest],
    ] as const
    const change = { headers: { ...headers, digest, signature: signedBy(lines, '') } }
    expect(verifySignature(received(change))).toMatchObject({ ok })
  })
})

describe('the kind of key decides', () => {
  const ed = generateKeyPairSync('ed25519')
  const names = ['(request-target)', 'host', 'date']
  const date = new Date(now).toUTCString()
  const text = `(request-target): get /x?y=1\nhost: fedi.example.org\ndate: ${date}`
  const withSignature = (algorithm: string | undefined, bytes: Buffer) => ({
    ...{ method: 'GET', target: '/x?y=1', body: undefined },
    headers: {
      ...{ host: 'fedi.example.org', date },
      signature:
        `keyId="${keyId}",headers="${names.join(' ')}",signature="${bytes.toString('base64')}"` +
        (algorithm === undefined ? '' : `,algorithm="${algorithm}"`),
    },
  })
  const by = {
    sha256: sign('sha256', Buffer.from(text), privateKey),
    sha512: sign('sha512', Buffer.from(text), privateKey),
    ed25519: sign(null, Buffer.from(text), ed.privateKey),
  }
  const right: Verdict = { ok: true, signedAt: now }
  const no = (reason: string) => ({ ok: false, reason })
  const wrong = no('wrong-signature')
  test.each<readonly [keyof typeof by, string | undefined, Verdict | { reason: string }]>([
    ['sha256', undefined, right],
    ['sha256', 'hs2019', right],
    ['sha256', 'rsa-sha256', right],
    ['sha256', 'rsa-sha512', wrong],
    ['sha256', 'ed25519', wrong],
    ['sha512', undefined, right],
    ['sha512', 'hs2019', right],
    ['sha512', 'rsa-sha512', right],
    ['sha512', 'rsa-sha256', wrong],
    ['sha512', 'rsa-sha1', no('algorithm')],
    ['ed25519', undefined, right],
    ['ed25519', 'hs2019', right],
    ['ed25519', 'ed25519', right],
    ['ed25519', 'rsa-sha256', wrong],
    ['ed25519', 'hmac-sha256', no('algorithm')],
  ])('%s as %s', (way, algorithm, expected) => {
    const key = way === 'ed25519' ? ed.publicKey : publicKey
    const request = received({ ...withSignature(algorithm, by[way]), publicKey: key })
    expect(verifySignature(request)).toEqual(expected)
    const another = way === 'ed25519' ? publicKey : ed.publicKey
    expect(verifySignature({ ...request, publicKey: another })).toMatchObject({ ok: false })
  })

  test('a key of Ed25519 signs as hs2019', () => {
    const headers = signRequest({ ...post, privateKey: ed.privateKey })
    expect(readSignature(headers)?.algorithm).toBe('hs2019')
    expect(verifySignature(received({ headers, publicKey: ed.publicKey }))).toEqual(right)
  })
})

describe('created and expires', () => {
  const seconds = now / 1000
  const timed = (parameters: string, names: readonly (readonly [string, string])[]) => ({
    method: 'GET',
    target: '/x',
    body: undefined,
    headers: {
      host: 'fedi.example.org',
      signature: signedBy(
        [['(request-target)', 'get /x'], ['host', 'fedi.example.org'], ...names],
        parameters,
      ),
    },
  })
  const created = (at: number) => [['(created)', String(at)]] as const
  test.each<readonly [string, ReturnType<typeof timed>, { ok: boolean; reason?: string }]>([
    ['stand for a date', timed(`,created=${String(seconds)}`, created(seconds)), { ok: true }],
    [
      'hs2019',
      timed(`,algorithm="hs2019",created=${String(seconds)}`, created(seconds)),
      { ok: true },
    ],
    [
      'not with rsa-sha256',
      timed(`,algorithm="rsa-sha256",created=${String(seconds)}`, created(seconds)),
      { ok: false, reason: 'algorithm' },
    ],
    [
      'created long ago',
      timed(`,created=${String(seconds - 3_700)}`, created(seconds - 3_700)),
      { ok: false, reason: 'clock' },
    ],
    [
      'covered but not stated',
      timed('', created(seconds)),
      { ok: false, reason: 'missing-header' },
    ],
    [
      'stated otherwise',
      timed(`,created=${String(seconds - 1)}`, created(seconds)),
      { ok: false, reason: 'wrong-signature' },
    ],
    [
      'expired',
      timed(
        `,created=${String(seconds - 600)},expires=${String(seconds - 301)}`,
        created(seconds - 600),
      ),
      { ok: false, reason: 'expired' },
    ],
    [
      'just expired',
      timed(
        `,created=${String(seconds - 20)},expires=${String(seconds - 10)}`,
        created(seconds - 20),
      ),
      { ok: true },
    ],
    [
      'expires before created',
      timed(`,created=${String(seconds)},expires=${String(seconds - 1)}`, created(seconds)),
      { ok: false, reason: 'expired' },
    ],
    [
      'expires covered',
      timed(`,created=${String(seconds)},expires=${String(seconds + 60)}`, [
        ...created(seconds),
        ['(expires)', String(seconds + 60)],
      ]),
      { ok: true },
    ],
  ])('%s', (_name, change, expected) => {
    expect(verifySignature(received(change))).toMatchObject(expected)
  })
})
