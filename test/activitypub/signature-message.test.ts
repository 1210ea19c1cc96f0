import { generateKeyPairSync, hash, sign, type KeyObject } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import {
  readSignature,
  signRequest,
  signRequestInPool,
  type SignRequest,
  verifySignature,
  type Verification,
} from '../../src/activitypub/signature.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed = generateKeyPairSync('ed25519')
const now = Date.UTC(2026, 7, 1, 12)
const seconds = now / 1000
const keyId = 'https://social.test/users/bob#main-key'
const body = '{"type":"Like","content":"ä"}'
const publicUrl = 'https://fedi.example.org'
const post: SignRequest = {
  ...{ method: 'POST', url: `${publicUrl}/inbox?shared=1`, body, keyId },
  ...{ privateKey: rsa.privateKey, date: new Date(now), scheme: 'rfc9421' },
}
const right = { ok: true, signedAt: now }
const fault = (reason: string) => ({ ok: false, reason })
const sum = (kind: 'sha256' | 'sha512') => hash(kind, body, 'base64')

const received = (change: Partial<Verification> = {}): Verification => ({
  ...{ method: 'POST', target: '/inbox?shared=1', headers: signRequest(post) },
  ...{ body: Buffer.from(body), now, publicKey: rsa.publicKey, publicUrl },
  ...change,
})

type Made = {
  readonly covered?: readonly string[]
  /** After the list of components. */
  readonly parameters?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly key?: KeyObject
  readonly label?: string
}

const values: Readonly<Record<string, string>> = {
  '@method': 'POST',
  '@target-uri': `${publicUrl}/inbox?shared=1`,
  '@authority': 'fedi.example.org',
  '@path': '/inbox',
  '@query': '?shared=1',
  '@request-target': '/inbox?shared=1',
  host: 'fedi.example.org',
}
const usual = ['@method', '@target-uri', 'content-digest']
const stated = `;created=${seconds};keyid="${keyId}"`

/** A signature over anything, as a stranger's software might make it. */
function made({ covered = usual, parameters = stated, key = rsa.privateKey, ...rest }: Made = {}) {
  const { label = 'sig1' } = rest
  const headers = { 'content-digest': `sha-256=:${sum('sha256')}:`, ...rest.headers }
  const input = `(${covered.map((name) => `"${name}"`).join(' ')})${parameters}`
  const lines = covered.map((name) => {
    const value = values[name] ?? Object.entries(headers).find(([other]) => other === name)?.[1]
    return `"${name}": ${value ?? ''}\n`
  })
  const text = Buffer.from(`${lines.join('')}"@signature-params": ${input}`)
  const signature = sign(key.asymmetricKeyType === 'rsa' ? 'sha256' : null, text, key)
  return {
    ...headers,
    'signature-input': `${label}=${input}`,
    signature: `${label}=:${signature.toString('base64')}:`,
  }
}

describe('signing', () => {
  test('covers method, URL and digest, and says when, by whom and how', async () => {
    const { signature = '', ...headers } = signRequest(post)
    expect(headers).toEqual({
      host: 'fedi.example.org',
      date: 'Sat, 01 Aug 2026 12:00:00 GMT',
      'content-digest': `sha-256=:${sum('sha256')}:`,
      'content-type': 'application/activity+json',
      'signature-input': `sig1=("@method" "@target-uri" "content-digest");created=${seconds};keyid="${keyId}";alg="rsa-v1_5-sha256"`,
    })
    expect(signature).toMatch(/^sig1=:[A-Za-z0-9+/]{342}==:$/)
    expect(await signRequestInPool(post)).toEqual({ ...headers, signature })
    expect(verifySignature(received())).toEqual(right)
  })

  test('of a GET covers method and URL without its fragment', () => {
    const url = 'http://fedi.test:8080/users/a?b=c#d'
    const get = { method: 'GET', url, keyId, privateKey: ed.privateKey, date: post.date } as const
    const headers = signRequest({ ...get, scheme: 'rfc9421' })
    expect(Object.keys(headers)).toEqual(['host', 'date', 'signature-input', 'signature'])
    expect(headers['signature-input']).toContain(';alg="ed25519"')
    const change = { ...{ method: 'GET', target: '/users/a?b=c', headers }, body: undefined }
    const place = { publicUrl: 'http://fedi.test:8080', publicKey: ed.publicKey }
    expect(verifySignature(received({ ...change, ...place }))).toEqual(right)
    expect(verifySignature(received({ ...change, publicKey: ed.publicKey }))).toEqual(
      fault('wrong-signature'),
    )
  })

  test('takes a sum that is known already', () => {
    const headers = signRequest({ ...post, sha256: sum('sha256') })
    expect(headers).toEqual(signRequest(post))
  })
})

describe('what is accepted', () => {
  test.each<readonly [string, Made, Partial<Verification>]>([
    ['no name of an algorithm', {}, {}],
    ['its name', { parameters: `${stated};alg="rsa-v1_5-sha256"` }, {}],
    ['Ed25519', { key: ed.privateKey }, { publicKey: ed.publicKey }],
    [
      'Ed25519 by name',
      { key: ed.privateKey, parameters: `${stated};alg="ed25519"` },
      { publicKey: ed.publicKey },
    ],
    ['parameters of all kinds', { parameters: `;tag="a \\"b\\"";x=:YQ==:;y;z=1.5${stated}` }, {}],
    ['another label', { label: 'fedi-1' }, {}],
    ['an expiry', { parameters: `${stated};expires=${seconds + 10}` }, {}],
    [
      'authority, path and query',
      { covered: ['@method', '@authority', '@path', '@query', 'content-digest'] },
      {},
    ],
    ['host and target', { covered: ['@request-target', 'host', '@method', 'content-digest'] }, {}],
    ['SHA-512', { headers: { 'content-digest': `sha-512=:${sum('sha512')}:` } }, {}],
    [
      'both sums, and one that nobody knows',
      {
        headers: {
          'content-digest': `sha-256=:${sum('sha256')}:, sha-512=:${sum('sha512')}:, md5=:AA==:`,
        },
      },
      {},
    ],
  ])('%s', (_name, given, change) => {
    expect(verifySignature(received({ headers: made(given), ...change }))).toEqual(right)
  })

  test('an expiry that was a moment ago', () => {
    const headers = made({ parameters: `${stated};expires=${seconds + 10}` })
    expect(verifySignature(received({ headers, now: now + 300_000 }))).toEqual(right)
    expect(verifySignature(received({ headers, now: now + 311_000 }))).toEqual(fault('expired'))
  })

  test('white space that changes nothing', () => {
    const { 'signature-input': input, ...headers } = made()
    const spaced = input.replace('("', '(  "').replaceAll(';', ';  ').replace('" "', '"   "')
    expect(
      verifySignature(received({ headers: { ...headers, 'signature-input': spaced } })),
    ).toEqual(right)
  })

  test('our own host in the place of a header that a proxy rewrote', () => {
    const headers = { ...made(), host: '127.0.0.1:8711' }
    expect(verifySignature(received({ headers }))).toEqual(right)
  })

  test('the date in a header that is not covered may be any', () => {
    expect(verifySignature(received({ headers: { ...made(), date: 'yesterday' } }))).toEqual(right)
  })
})

describe('what is refused', () => {
  const without = (name: string): Made => ({ covered: usual.filter((one) => one !== name) })
  const dated = (at: number) => ({ parameters: `;created=${at};keyid="${keyId}"` })
  test.each<{ name: string; given?: Made; change?: Partial<Verification>; reason: string }>([
    { name: 'no method', given: without('@method'), reason: 'not-covered' },
    { name: 'no URL', given: without('@target-uri'), reason: 'not-covered' },
    { name: 'no digest', given: without('content-digest'), reason: 'not-covered' },
    { name: 'nothing', given: { covered: [] }, reason: 'not-covered' },
    {
      name: 'a path without its query',
      given: { covered: ['@method', '@authority', '@path', 'content-digest'] },
      reason: 'not-covered',
    },
    {
      name: 'a target without its host',
      given: { covered: ['@method', '@request-target', 'content-digest'] },
      reason: 'not-covered',
    },
    { name: 'no time', given: { parameters: `;keyid="${keyId}"` }, reason: 'no-signature' },
    { name: 'no key', given: { parameters: `;created=${seconds}` }, reason: 'no-signature' },
    { name: 'an old one', given: dated(seconds - 3_601), reason: 'clock' },
    { name: 'one of the future', given: dated(seconds + 3_601), reason: 'clock' },
    {
      name: 'a time in words',
      given: { parameters: `;created="1";keyid="k"` },
      reason: 'no-signature',
    },
    {
      name: 'a time before all',
      given: { parameters: `;created=-1;keyid="k"` },
      reason: 'no-signature',
    },
    {
      name: 'an expiry before its beginning',
      given: { parameters: `${stated};expires=${seconds - 1}` },
      reason: 'expired',
    },
    {
      name: 'an expiry in words',
      given: { parameters: `${stated};expires="soon"` },
      reason: 'no-signature',
    },
    ...['rsa-pss-sha512', 'hmac-sha256', 'ecdsa-p256-sha256', 'RSA-V1_5-SHA256', 'none', ''].map(
      (name) => ({
        name: `the algorithm "${name}"`,
        given: { parameters: `${stated};alg="${name}"` },
        reason: 'algorithm',
      }),
    ),
    {
      name: 'an algorithm that is no string',
      given: { parameters: `${stated};alg=rsa-v1_5-sha256` },
      reason: 'algorithm',
    },
    {
      name: 'the algorithm of another kind of key',
      given: { parameters: `${stated};alg="ed25519"` },
      reason: 'wrong-signature',
    },
    {
      name: 'something covered that is not there',
      given: { covered: [...usual, 'x-more'] },
      reason: 'missing-header',
    },
    {
      name: 'something of an answer',
      given: { covered: [...usual, '@status'] },
      reason: 'missing-header',
    },
    { name: 'something twice', given: { covered: [...usual, '@method'] }, reason: 'no-signature' },
    { name: 'another method', change: { method: 'PUT' }, reason: 'wrong-signature' },
    { name: 'another path', change: { target: '/outbox?shared=1' }, reason: 'wrong-signature' },
    { name: 'another query', change: { target: '/inbox?shared=2' }, reason: 'wrong-signature' },
    {
      name: 'another server',
      change: { publicUrl: 'https://other.example' },
      reason: 'wrong-signature',
    },
    {
      name: 'another scheme',
      change: { publicUrl: 'http://fedi.example.org' },
      reason: 'wrong-signature',
    },
    { name: 'another key', change: { publicKey: ed.publicKey }, reason: 'wrong-signature' },
    { name: 'another body', change: { body: Buffer.from('{}') }, reason: 'digest' },
    { name: 'no body', change: { body: undefined }, reason: 'digest' },
    ...[
      `SHA-256=:${sum('sha256')}:`,
      `sha-256=${sum('sha256')}`,
      `sha-256=:${sum('sha512')}:`,
      `sha-256=:${sum('sha256')}:, sha-512=:AAAA:`,
      `sha-256=:${sum('sha256')}:, sha-256=:${sum('sha256')}:`,
      'md5=:AA==:',
      '',
    ].map((header) => ({
      name: `the digest "${header}"`,
      given: { headers: { 'content-digest': header } },
      reason: 'digest',
    })),
  ])('$name', ({ given = {}, change = {}, reason }) => {
    expect(verifySignature(received({ headers: made(given), ...change }))).toEqual(fault(reason))
  })

  test('a component with a parameter, whatever it means', () => {
    const { 'signature-input': input, ...headers } = made()
    const odd = input.replace('"@method"', '"@method";req')
    expect(readSignature({ ...headers, 'signature-input': odd })).toBeUndefined()
  })

  test.each(['', 'sig1', 'sig1=1', 'sig1=()', '=', 'sig1=("@method"'])(
    'the input %j, though a signature of draft-cavage stands beside it',
    (input) => {
      const { signature } = signRequest({ ...post, scheme: 'cavage' })
      expect(readSignature({ signature, 'signature-input': input })).toBeUndefined()
    },
  )
})

describe('several signatures', () => {
  const join = (...all: readonly ReturnType<typeof made>[]) => ({
    'content-digest': all[0]?.['content-digest'],
    'signature-input': all.map((one) => one['signature-input']).join(', '),
    signature: all.map((one) => one.signature).join(', '),
  })
  const proxy = made({
    ...{ label: 'proxy', covered: ['@authority'], key: ed.privateKey },
    parameters: `;created=${seconds};keyid="proxy"`,
  })
  const sender = made()

  test.each([
    ['first', join(proxy, sender)],
    ['last', join(sender, proxy)],
  ])('of which one that says too little comes %s', (_name, headers) => {
    expect(readSignature(headers)?.keyId).toBe(keyId)
    expect(verifySignature(received({ headers }))).toEqual(right)
  })

  test('are each judged by what belongs to their label', () => {
    const other = made({ label: 'sig2', key: ed.privateKey })
    const headers = join(sender, other)
    const crossed = headers.signature
      .replace('sig1', 'x')
      .replace('sig2', 'sig1')
      .replace('x', 'sig2')
    expect(verifySignature(received({ headers: { ...headers, signature: crossed } }))).toEqual(
      fault('wrong-signature'),
    )
  })

  test('more than four are not looked at', () => {
    const many = Array.from({ length: 5 }, (_, n) => made({ label: `sig${n}` }))
    expect(readSignature(join(...many.slice(1)))?.keyId).toBe(keyId)
    expect(readSignature(join(...many))).toBeUndefined()
  })
})
