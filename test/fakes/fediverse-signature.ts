import { createHash, createSign, createVerify, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/**
 * A second, independent reading of draft-cavage-http-signatures-12: what the product signs is
 * checked by code that shares nothing with it.
 */
export type FakeKey = {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  readonly pem: string
}

const pool: FakeKey[] = []
const poolSize = 4

/**
 * RSA keys are slow to make, so a test process has a few; neighbours never share one. They are the
 * shortest that the product takes, because a simulation signs many thousand times.
 */
export function fakeKey(index: number): FakeKey {
  const place = index % poolSize
  const known = pool[place]
  if (known !== undefined) return known
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const key = { publicKey, privateKey, pem }
  pool[place] = key
  return key
}

export type Signed = {
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const digestOf = (body: Uint8Array): string =>
  `SHA-256=${createHash('sha256').update(body).digest('base64')}`

/** The headers of a GET as Mastodon signs it, without its host. */
export function signGet(
  url: URL,
  { keyId, key, now }: { readonly keyId: string; readonly key: FakeKey; readonly now: number },
): Readonly<Record<'date' | 'signature', string>> {
  const date = new Date(now).toUTCString()
  const text = `(request-target): get ${url.pathname}${url.search}\nhost: ${url.host}\ndate: ${date}`
  const signature = createSign('sha256').update(text).sign(key.privateKey, 'base64')
  const head = `keyId="${keyId}",algorithm="rsa-sha256",headers="(request-target) host date"`
  return { date, signature: `${head},signature="${signature}"` }
}

/** A POST as Mastodon sends it. */
export function signPost(
  url: string,
  body: Buffer,
  by: { readonly keyId: string; readonly key: KeyObject; readonly now: number },
): Signed {
  const { host, pathname, search } = new URL(url)
  const target = pathname + search
  const headers: Record<string, string> = {
    host,
    date: new Date(by.now).toUTCString(),
    digest: digestOf(body),
    'content-type': 'application/activity+json',
  }
  const names = Object.keys(headers)
  const lines = names.map((name) => `${name}: ${headers[name] ?? ''}`)
  const text = [`(request-target): post ${target}`, ...lines].join('\n')
  const signature = createSign('sha256').update(text).sign(by.key, 'base64')
  const covered = ['(request-target)', ...names].join(' ')
  const value = `keyId="${by.keyId}",algorithm="rsa-sha256",headers="${covered}",signature="${signature}"`
  return { target, headers: { ...headers, signature: value }, body }
}

type Incoming = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** The key id of a signature that holds, or why it does not. */
export async function verifyIncoming(
  request: Incoming,
  now: number,
  findKey: (keyId: string) => Promise<KeyObject | undefined>,
): Promise<{ readonly keyId: string } | { readonly wrong: string }> {
  const { headers, method, body } = request
  const fields = new Map(
    [...(headers['signature'] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2]]),
  )
  const keyId = fields.get('keyId')
  const covered = fields.get('headers')?.split(' ') ?? []
  if (keyId === undefined) return { wrong: 'unsigned' }
  const needed = ['(request-target)', 'host', 'date', ...(method === 'POST' ? ['digest'] : [])]
  if (!needed.every((name) => covered.includes(name))) return { wrong: 'not covered' }
  if (method === 'POST' && headers['digest'] !== digestOf(body)) return { wrong: 'digest' }
  if (Math.abs(Date.parse(headers['date'] ?? '') - now) > 300_000) return { wrong: 'date' }
  const { host, pathname, search } = new URL(request.url)
  if (headers['host'] !== host) return { wrong: 'host' }
  const valueOf = (name: string): string =>
    name === '(request-target)'
      ? `${method.toLowerCase()} ${pathname}${search}`
      : (headers[name] ?? '')
  const text = covered.map((name) => `${name}: ${valueOf(name)}`).join('\n')
  const key = await findKey(keyId)
  if (key === undefined) return { wrong: 'unknown key' }
  const signature = Buffer.from(fields.get('signature') ?? '', 'base64')
  const isRight = createVerify('sha256').update(text).verify(key, signature)
  return isRight ? { keyId } : { wrong: 'signature' }
}
