import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'

import {
  readSignature,
  signRequest,
  signRequestInPool,
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
    expect(verdict).toEqual({ ok: true })
  })
})

describe('verifying', () => {
  test('accepts what was signed', () => expect(verifySignature(received())).toEqual({ ok: true }))

  test('accepts a signature that left the query out', () => {
    const headers = signRequest({ ...post, url: 'https://fedi.example.org/inbox' })
    expect(verifySignature(received({ headers }))).toEqual({ ok: true })
  })

  test.each(['59', '-59'])('accepts a clock that is %s minutes away', (minutes) => {
    expect(verifySignature(received({ now: now + Number(minutes) * 60_000 }))).toEqual({ ok: true })
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
    ['our own host is another', { host: 'other.example.org' }, 'wrong-signature'],
    ['no host', withHeader('host', undefined), 'missing-header'],
    ['another date', withHeader('date', 'Sat, 01 Aug 2026 12:00:01 GMT'), 'wrong-signature'],
    ['another form of the date', withHeader('date', '2026-08-01T12:00:00Z'), 'clock'],
    ['no date', withHeader('date', undefined), 'clock'],
    ['a date that is none', withHeader('date', 'Sat, 99 Abc 2026 99:00:00 GMT'), 'clock'],
    ['61 minutes later', { now: now + 61 * 60_000 }, 'clock'],
    ['61 minutes earlier', { now: now - 61 * 60_000 }, 'clock'],
    ['a narrow window', { now: now + 2_000, window: 1_000 }, 'clock'],
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
    const change = { ...withHeader('host', '127.0.0.1:8008'), host: 'fedi.example.org' }
    expect(verifySignature(received(change))).toEqual({ ok: true })
  })

  test('a second digest of another kind is no harm', () => {
    const digest = `SHA-512=abc,${headers.digest ?? ''}`
    const lines = [
      ['(request-target)', 'post /inbox?shared=1'],
      ['host', 'fedi.example.org'],
      ['date', headers.date ?? ''],
      ['digest', digest],
    ] as const
    const change = { headers: { ...headers, digest, signature: signedBy(lines, '') } }
    expect(verifySignature(received(change))).toEqual({ ok: true })
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
  test.each<readonly [string, ReturnType<typeof timed>, unknown]>([
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
    expect(verifySignature(received(change))).toEqual(expected)
  })
})

const folder = '../shared/fixtures'
type Vector = {
  readonly method: string
  readonly requestTarget: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly publicKeyPem: string
  readonly now?: string
}
const wrong = (reason: string) => ({ ok: false, reason })
const vectors = [
  ['pixelfed/http-signature-a-undo', { ok: true }],
  ['pixelfed/http-signature-b-follow', { ok: true }],
  ['mastodon/http-signature-draft-cavage-with-a-valid-signature-on-a-get-request', { ok: true }],
  ['mastodon/http-signature-draft-cavage-with-an-acct-key-id', { ok: true }],
  [
    'mastodon/http-signature-draft-cavage-when-the-query-string-is-missing-from-the-signature',
    { ok: true },
  ],
  [
    'mastodon/http-signature-draft-cavage-when-the-digest-of-a-post-request-is-not-signed',
    wrong('not-covered'),
  ],
  ['mastodon/http-signature-draft-cavage-with-a-request-older-than-a-day', wrong('clock')],
  ['mastodon/http-signature-draft-cavage-with-an-unparsable-date', wrong('clock')],
  // RFC 9421 is not read yet: a sender that tries both schemes comes back with the other one.
  [
    'mastodon/http-signature-rfc9421-with-a-valid-signature-on-a-get-request',
    wrong('no-signature'),
  ],
  // Valid as cryptography, but it signs neither target nor date: anybody could send it again.
  ['pleroma/http-signature-minimal-host-length', wrong('not-covered')],
] as const

const recorded = existsSync(folder) ? describe : describe.skip
recorded('recorded requests of other software', () => {
  test.each(vectors)('%s', (name, expected) => {
    const vector = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as Partial<Vector>
    const headers = vector.headers ?? {}
    const verdict = verifySignature({
      method: vector.method ?? 'GET',
      target: vector.requestTarget ?? '/',
      headers,
      body: vector.body === undefined ? undefined : Buffer.from(vector.body),
      now: Date.parse(vector.now ?? headers.date ?? ''),
      publicKey: createPublicKey(vector.publicKeyPem ?? ''),
    })
    expect(verdict).toEqual(expected)
  })
})
