import { generateKeyPairSync, hash, sign } from 'node:crypto'
import type { Chance } from '../simulation/chance.ts'

export const publicUrl = 'https://fedi.example.org'
export const now = Date.UTC(2026, 7, 1, 12)

/** A request as it comes over the wire; names of headers in lower case. */
export type Sent = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export type Key = {
  readonly keyId: string
  readonly kind: 'rsa' | 'ed25519'
  readonly publicPem: string
  readonly privatePem: string
}

function makeKey(keyId: string, kind: Key['kind']): Key {
  const pair =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ed25519')
  return {
    ...{ keyId, kind },
    publicPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privatePem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** Two of each kind: a verdict depends on which key it is, never on the numbers inside. */
export const makeKeys = (): readonly Key[] =>
  ['bob', 'eve'].flatMap((name) => {
    const actor = `https://social.test/users/${name}`
    return [makeKey(`${actor}#main-key`, 'rsa'), makeKey(`${actor}#ed`, 'ed25519')]
  })

/** What a made-up signer does; every part may be odd. */
export type Plan = {
  readonly scheme: 'cavage' | 'rfc9421'
  readonly by: 'us' | 'fedify' | 'hand'
  readonly key: Key
  readonly covered: readonly string[]
  readonly algorithm?: string
  /** What the signature is really made with. */
  readonly hash: 'sha256' | 'sha512' | null
  readonly created?: number
  readonly expires?: number
}

const some = <T>(chance: Chance, items: readonly T[]): T => {
  const item = chance.pick(items)
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

const digests = (body: string) => ({
  digest: `SHA-256=${hash('sha256', body, 'base64')}`,
  'content-digest': `sha-256=:${hash('sha256', body, 'base64')}:`,
})

/** A request without a signature. */
export function makeBare(chance: Chance): Sent {
  const isGet = chance.happens(0.3)
  const path = some(chance, ['/inbox', '/actors/Vb0p/inbox', '/objects/1', '/a%20b/%C3%A4', '/'])
  const query = some(chance, ['', '', '', '?page=1', '?a=b&c=%20d'])
  const body = isGet ? undefined : JSON.stringify({ type: 'Like', content: chance.id() })
  const sent = chance.happens(0.85) ? now : now + chance.between(-4_000, 4_000) * 1000
  const sums = body === undefined ? {} : digests(body)
  return {
    method: isGet ? 'GET' : 'POST',
    url: `${publicUrl}${path}${query}`,
    headers: {
      host: new URL(publicUrl).host,
      date: new Date(sent).toUTCString(),
      ...(isGet
        ? { accept: 'application/activity+json' }
        : { 'content-type': 'application/activity+json' }),
      ...(body === undefined ? {} : sums),
      ...(body !== undefined && chance.happens(0.1)
        ? {
            digest: `SHA-512=${hash('sha512', body, 'base64')}`,
            'content-digest': `sha-512=:${hash('sha512', body, 'base64')}:`,
          }
        : {}),
    },
    ...(body === undefined ? {} : { body }),
  }
}

const coveredBy = {
  cavage: (isGet: boolean) => ['(request-target)', 'host', 'date', ...(isGet ? [] : ['digest'])],
  rfc9421: (isGet: boolean) => ['@method', '@target-uri', ...(isGet ? [] : ['content-digest'])],
} as const
const further = {
  cavage: ['(created)', '(expires)', 'content-type', 'accept', 'digest', 'x-more'],
  rfc9421: [
    ...['@authority', '@scheme', '@path', '@query', '@request-target', '@method', '@target-uri'],
    ...['host', 'date', 'content-type', 'accept', 'content-digest', '@status'],
  ],
} as const
const algorithms = {
  cavage: ['rsa-sha256', 'hs2019', '', 'rsa-sha512', 'ed25519', 'rsa-sha1', 'hmac-sha256'],
  rfc9421: ['rsa-v1_5-sha256', 'ed25519', '', 'rsa-pss-sha512', 'hmac-sha256', 'RSA-V1_5-SHA256'],
} as const

const usual = {
  cavage: ['rsa-sha256', 'hs2019', ''],
  rfc9421: ['usual', ''],
} as const

export function makePlan(chance: Chance, keys: readonly Key[], isGet: boolean): Plan {
  const scheme = some(chance, ['cavage', 'rfc9421'] as const)
  const by = some(chance, ['us', 'fedify', 'hand', 'hand'] as const)
  const isRsa = by === 'fedify' || (by === 'us' && scheme === 'cavage') || chance.happens(0.6)
  const key = some(
    chance,
    keys.filter(({ kind }) => (kind === 'rsa') === isRsa),
  )
  const isOdd = chance.happens(0.4)
  const base: string[] = [...coveredBy[scheme](isGet)]
  const added = isOdd ? [some(chance, further[scheme]), some(chance, further[scheme])] : []
  const left = isOdd && chance.happens(0.3) ? base.filter(() => chance.happens(0.8)) : base
  const all = [...new Set([...left, ...added])]
  const algorithm = isOdd ? some(chance, algorithms[scheme]) : some(chance, usual[scheme])
  const named = key.kind === 'rsa' ? 'rsa-v1_5-sha256' : 'ed25519'
  const seconds =
    Math.floor(now / 1000) + (chance.happens(0.85) ? 0 : chance.between(-4_000, 4_000))
  const isTimed = scheme === 'rfc9421' || all.includes('(created)') || chance.happens(0.1)
  const isBounded = all.includes('(expires)') || chance.happens(0.1)
  const expires = seconds + chance.between(-1_000, 1_000)
  return {
    ...{ scheme, by, key },
    covered: chance.happens(0.3) ? chance.shuffled(all) : all,
    ...(algorithm === '' ? {} : { algorithm: algorithm === 'usual' ? named : algorithm }),
    hash: key.kind === 'ed25519' ? null : isOdd && chance.happens(0.3) ? 'sha512' : 'sha256',
    ...(isTimed ? { created: seconds } : {}),
    ...(isBounded ? { expires } : {}),
  }
}

/** The value of something covered, by the letter of draft and RFC. */
function valueOf(name: string, { method, url, headers }: Sent, plan: Plan): string {
  const { pathname, search, host, href } = new URL(url)
  switch (name) {
    case '(request-target)':
      return `${method.toLowerCase()} ${pathname}${search}`
    case '(created)':
      return String(plan.created ?? '')
    case '(expires)':
      return String(plan.expires ?? '')
    case '@method':
      return method
    case '@target-uri':
      return href
    case '@authority':
      return host
    case '@scheme':
      return 'https'
    case '@request-target':
      return `${pathname}${search}`
    case '@path':
      return pathname
    case '@query':
      return search === '' ? '?' : search
    default:
      return headers[name] ?? ''
  }
}

const signText = (text: string, { key, hash: way }: Plan): string =>
  sign(way, Buffer.from(text), key.privatePem).toString('base64')

/** A third signer, which can sign anything in any way. */
export function signByHand(request: Sent, plan: Plan): Sent {
  const { covered, key, created, expires, algorithm, scheme } = plan
  if (scheme === 'cavage') {
    const text = covered.map((name) => `${name}: ${valueOf(name, request, plan)}`).join('\n')
    const parts = [
      `keyId="${key.keyId}"`,
      ...(algorithm === undefined ? [] : [`algorithm="${algorithm}"`]),
      ...(created === undefined ? [] : [`created=${created}`]),
      ...(expires === undefined ? [] : [`expires=${expires}`]),
      `headers="${covered.join(' ')}"`,
      `signature="${signText(text, plan)}"`,
    ]
    return { ...request, headers: { ...request.headers, signature: parts.join(',') } }
  }
  const list = covered.map((name) => `"${name}"`).join(' ')
  const parameters = [
    ...(created === undefined ? [] : [`;created=${created}`]),
    ...(expires === undefined ? [] : [`;expires=${expires}`]),
    `;keyid="${key.keyId}"`,
    ...(algorithm === undefined ? [] : [`;alg="${algorithm}"`]),
  ]
  const input = `(${list})${parameters.join('')}`
  const lines = covered.map((name) => `"${name}": ${valueOf(name, request, plan)}\n`)
  const value = signText(`${lines.join('')}"@signature-params": ${input}`, plan)
  const added = { 'signature-input': `sig1=${input}`, signature: `sig1=:${value}:` }
  return { ...request, headers: { ...request.headers, ...added } }
}
