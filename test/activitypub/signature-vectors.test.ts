import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { cavageTexts } from '../../src/activitypub/signature-cavage.ts'
import { messageText } from '../../src/activitypub/signature-message.ts'
import {
  readSignature,
  verifySignature,
  type Verification,
} from '../../src/activitypub/signature.ts'

const fault = (reason: string) => ({ ok: false, reason })
const right = { ok: true }

/** Whether the cryptography holds, whatever the signature leaves out. */
function holds(request: Verification): boolean {
  const signature = readSignature(request.headers)
  if (signature === undefined) return false
  const isCavage = signature.scheme === 'cavage'
  const [text] = isCavage
    ? (cavageTexts(signature, request) ?? [])
    : [messageText(signature, request)]
  const hash = request.publicKey.asymmetricKeyType === 'rsa' ? 'sha256' : null
  return (
    text !== undefined && verify(hash, Buffer.from(text), request.publicKey, signature.signature)
  )
}

describe('draft-cavage-http-signatures-12, appendix C', () => {
  const der =
    'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C36rPJj+CvfSC8+q28hxA161QF' +
    'NUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv' +
    '8FPGfJTotc+2xjJwoYi+1hqp1fIekaxsyQIDAQAB'
  const date = 'Sun, 05 Jan 2014 21:31:40 GMT'
  test.each<{ name: string; covered: string; base64: string; expected: object }>([
    {
      name: 'C.1',
      covered: 'date',
      base64:
        'SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7Sazz6m79cNfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV' +
        '5lp7q25WqS+lavg7T8hc0GppauB6hbgEKTwblDHYGEtbGmtdHgVCk9SuS13F0hZ8FD0k/5OxEPXe5WozsbM=',
      // It says nothing of method, host and body: anybody could send it with others.
      expected: fault('not-covered'),
    },
    {
      name: 'C.2',
      covered: '(request-target) host date',
      base64:
        'qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3' +
        'HMbe8VfEdKFYRqzic+efkb3nndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0=',
      expected: fault('not-covered'),
    },
    {
      name: 'C.3',
      covered: '(request-target) host date content-type digest content-length',
      base64:
        'vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52' +
        'LaEUHFv120V01IL+TAD48XaERZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE=',
      expected: right,
    },
  ])('$name', ({ covered, base64, expected }) => {
    const request: Verification = {
      method: 'POST',
      target: '/foo?param=value&pet=dog',
      headers: {
        host: 'example.com',
        date,
        'content-type': 'application/json',
        digest: 'SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=',
        'content-length': '18',
        signature: `keyId="Test",algorithm="rsa-sha256",headers="${covered}",signature="${base64}"`,
      },
      body: Buffer.from('{"hello": "world"}'),
      now: Date.parse(date),
      publicKey: createPublicKey({ key: Buffer.from(der, 'base64'), format: 'der', type: 'spki' }),
    }
    expect(holds(request)).toBe(true)
    expect(verifySignature(request)).toMatchObject(expected)
  })
})

describe('RFC 9421, appendix B', () => {
  const key = createPublicKey({
    key: Buffer.from('MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=', 'base64'),
    ...{ format: 'der', type: 'spki' },
  })
  const created = 1_618_884_473
  const request = (input: string, signature: string): Verification => ({
    method: 'POST',
    target: '/foo?param=Value&Pet=dog',
    headers: {
      host: 'example.com',
      date: 'Tue, 20 Apr 2021 02:07:55 GMT',
      'content-type': 'application/json',
      'content-digest':
        'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
      'content-length': '18',
      'signature-input': input,
      signature,
    },
    body: Buffer.from('{"hello": "world"}'),
    now: created * 1000,
    publicKey: key,
  })

  test('B.2.6 holds; it does not cover the body, so it is refused', () => {
    const given = request(
      `sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=${created};keyid="test-key-ed25519"`,
      'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
    )
    expect(holds(given)).toBe(true)
    expect(verifySignature(given)).toEqual(fault('not-covered'))
  })

  const anything = 'sig=:AAAA:'
  test.each<readonly [string, string, string]>([
    [
      'B.2.1: nothing',
      `();created=${created};keyid="k";alg="rsa-pss-sha512";nonce="n"`,
      'algorithm',
    ],
    [
      'B.2.2: a part of the query',
      `("@query-param";name="Pet");created=${created};keyid="k"`,
      'no-signature',
    ],
    [
      'B.2.5: a shared secret',
      `("date");created=${created};keyid="k";alg="hmac-sha256"`,
      'algorithm',
    ],
    [
      'B.3: an elliptic curve',
      `("@path");created=${created};keyid="k";alg="ecdsa-p256-sha256"`,
      'algorithm',
    ],
  ])('%s is not taken', (_name, member, reason) => {
    expect(verifySignature(request(`sig=${member}`, anything))).toEqual(fault(reason))
  })

  test('2.5: the text that is signed, component by component', () => {
    const names = [
      ...['@method', '@target-uri', '@authority', '@scheme', '@request-target', '@path', '@query'],
      ...['host', 'content-type'],
    ]
    const list = names.map((name) => `"${name}"`).join(' ')
    const input = `sig=(${list});tag="a \\"b\\"";created=${created};on;keyid="k"`
    const given = request(input, anything)
    const signature = readSignature(given.headers)
    expect(signature && messageText(signature, given)?.split('\n')).toEqual([
      '"@method": POST',
      '"@target-uri": https://example.com/foo?param=Value&Pet=dog',
      '"@authority": example.com',
      '"@scheme": https',
      '"@request-target": /foo?param=Value&Pet=dog',
      '"@path": /foo',
      '"@query": ?param=Value&Pet=dog',
      '"host": example.com',
      '"content-type": application/json',
      `"@signature-params": (${list});tag="a \\"b\\"";created=${created};on;keyid="k"`,
    ])
    const bare = signature && messageText(signature, { ...given, target: '/foo' })
    expect(bare).toContain('"@path": /foo\n"@query": ?\n')
  })
})

const folder = '../shared/fixtures'
type Recorded = Partial<{
  readonly method: string
  readonly requestTarget: string
  readonly targetUri: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly bodyFile: string
  readonly publicKeyPem: string
  readonly now: string
}>

/** What each recorded request is; `holds`: its signature is right as cryptography. */
const verdicts: Readonly<Record<string, { readonly verdict: object; readonly holds: boolean }>> = {
  'pixelfed/http-signature-a-undo': { verdict: right, holds: true },
  'pixelfed/http-signature-b-follow': { verdict: right, holds: true },
  // Valid as cryptography, but it signs neither target nor date: anybody could send it again.
  'pleroma/http-signature-minimal-host-length': { verdict: fault('not-covered'), holds: true },
  'mastodon/http-signature-draft-cavage-with-a-valid-signature-on-a-get-request': {
    verdict: right,
    holds: true,
  },
  // Whose key that is the keyring refuses to find out: it fetches https alone.
  'mastodon/http-signature-draft-cavage-with-an-acct-key-id': { verdict: right, holds: true },
  'mastodon/http-signature-draft-cavage-when-the-query-string-is-missing-from-the-signature': {
    verdict: right,
    holds: false,
  },
  'mastodon/http-signature-draft-cavage-when-the-digest-of-a-post-request-is-not-signed': {
    verdict: fault('not-covered'),
    holds: true,
  },
  'mastodon/http-signature-draft-cavage-with-a-request-older-than-a-day': {
    verdict: fault('clock'),
    holds: true,
  },
  'mastodon/http-signature-draft-cavage-with-an-unparsable-date': {
    verdict: fault('clock'),
    holds: true,
  },
  // Recorded without the bytes of its body: everything else is right.
  'mastodon/http-signature-draft-cavage': { verdict: fault('digest'), holds: true },
  // Recorded without the key of its signer.
  'mastodon/http-signature-forwarded-reply-foreign-signer': {
    verdict: fault('digest'),
    holds: false,
  },
  'mastodon/http-signature-rfc9421-when-the-digest-of-a-post-request-is-not-signed': {
    verdict: fault('not-covered'),
    holds: false,
  },
  'mastodon/http-signature-rfc9421-with-a-malformed-content-digest-header': {
    verdict: fault('digest'),
    holds: false,
  },
  'mastodon/http-signature-rfc9421-with-a-tampered-body-on-a-post-request': {
    verdict: fault('digest'),
    holds: true,
  },
  'mastodon/http-signature-rfc9421-with-a-valid-signature-on-a-get-request': {
    verdict: right,
    holds: true,
  },
  'mastodon/http-signature-rfc9421-with-a-valid-signature-on-a-post-request': {
    verdict: right,
    holds: true,
  },
}

const read = (name: string): unknown => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'))

function requestOf(name: string): Verification {
  const { headers = {}, body, ...recorded } = read(name) as Recorded
  const isGet = (recorded.method ?? 'POST') === 'GET'
  const { publicKey } = read('mastodon/key-http-signature-public-key') as { publicKey: string }
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
  const isLost = recorded.bodyFile !== undefined
  const { origin } = new URL(recorded.targetUri ?? `https://${headers.host ?? ''}`)
  return {
    method: isGet ? 'GET' : 'POST',
    target: recorded.requestTarget ?? '/accounts/ronan/inbox',
    headers,
    body: isGet
      ? undefined
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? '')),
    now: Date.parse(recorded.now ?? headers.date ?? ''),
    publicKey: isLost ? stranger : createPublicKey(recorded.publicKeyPem ?? publicKey),
    publicUrl: origin,
  }
}

const recorded = existsSync(folder) ? describe : describe.skip
recorded('recorded requests of other software', () => {
  test('are all judged here', () => {
    const rows = existsSync(folder) ? readFileSync(`${folder}/SIGNATURES.tsv`, 'utf8') : ''
    const listed = rows.split('\n').flatMap((row) => {
      const [path = '', scheme = ''] = row.split('\t')
      return scheme.startsWith('http') ? [path.replace(/\.json$/, '')] : []
    })
    expect(Object.keys(verdicts).sort()).toEqual(listed.sort())
  })

  test.each(Object.entries(verdicts))('%s', (name, expected) => {
    const request = requestOf(name)
    expect(holds(request)).toBe(expected.holds)
    expect(verifySignature(request)).toMatchObject(expected.verdict)
  })
})
