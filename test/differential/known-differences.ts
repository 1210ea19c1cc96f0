import { now, type Plan, type Sent } from './requests.ts'

/**
 * Where our verdict and Fedify's are known to differ, each with why ours is meant. `they`: what Fedify
 * says there. A difference is only let pass by a row whose `when` is true of the request itself.
 */
export type Difference = {
  readonly name: string
  readonly why: string
  readonly they: 'accept' | 'refuse'
  readonly when: (request: Sent, plan: Plan) => boolean
}

const isMessage = ({ headers }: Sent): boolean => 'signature-input' in headers
const signatureOf = ({ headers }: Sent): string => headers['signature'] ?? ''
const inputOf = ({ headers }: Sent): string => headers['signature-input'] ?? ''
const isGet = ({ method }: Sent): boolean => method === 'GET' || method === 'HEAD'
const search = ({ url }: Sent): string => new URL(url).search

/** What draft-cavage covers, as it stands there. */
const coveredOf = (request: Sent): readonly string[] =>
  (/headers="([^"]*)"/.exec(signatureOf(request))?.[1] ?? '').split(' ')
/** What RFC 9421 covers, of the first signature. */
const componentsOf = (request: Sent): readonly string[] =>
  [...(/\(([^)]*)\)/.exec(inputOf(request))?.[1] ?? '').matchAll(/"([^"]*)"/g)].map(
    ([, name = '']) => name,
  )
const algorithmOf = (request: Sent): string | undefined =>
  /(?:algorithm|;alg)="([^"]*)"/.exec(signatureOf(request) + inputOf(request))?.[1]
const keyOf = (request: Sent): string =>
  /(?:keyId|keyid)="([^"]*)"/.exec(signatureOf(request) + inputOf(request))?.[1] ?? ''
const hasEd25519 = (request: Sent): boolean => keyOf(request).endsWith('#ed')
const has = (request: Sent, name: string): boolean => coveredOf(request).includes(name)
const repeats = (items: readonly string[]): boolean => new Set(items).size !== items.length

const cavage = (when: Difference['when']) => (request: Sent, plan: Plan) =>
  !isMessage(request) && when(request, plan)
const message = (when: Difference['when']) => (request: Sent, plan: Plan) =>
  isMessage(request) && when(request, plan)
const expiresOf = (request: Sent): number =>
  1000 * Number(/expires=(\d+)/.exec(signatureOf(request))?.[1] ?? NaN)
const createdOf = (request: Sent): number =>
  1000 * Number(/created=(\d+)/.exec(signatureOf(request))?.[1] ?? NaN)

export const knownDifferences: readonly Difference[] = [
  {
    name: 'draft-cavage: the query is signed',
    why: 'the draft signs path and query (2.3); Fedify the path alone',
    they: 'refuse',
    when: cavage((request) => search(request) !== ''),
  },
  {
    name: 'draft-cavage: host is not covered',
    why: 'what is signed for another server would count here',
    they: 'accept',
    when: cavage((request) => !has(request, 'host')),
  },
  {
    name: 'draft-cavage: (created) in place of date',
    why: 'the draft has it for that (2.3), as has Mastodon',
    they: 'refuse',
    when: cavage((request) => has(request, '(created)') && !has(request, 'date')),
  },
  {
    name: 'draft-cavage: SHA-512',
    why: 'GoToSocial takes hs2019 so, and so do we',
    they: 'refuse',
    when: cavage(
      (request, { hash }) =>
        hash === 'sha512' && ['hs2019', 'rsa-sha512', undefined].includes(algorithmOf(request)),
    ),
  },
  {
    name: 'draft-cavage: Ed25519',
    why: 'GoToSocial takes hs2019 so, and so do we',
    they: 'refuse',
    when: cavage(hasEd25519),
  },
  {
    name: 'draft-cavage: the algorithm that is named is another one, or none that we know',
    why: 'a name that is wrong is a lie or a mistake; Fedify does not look at it',
    they: 'accept',
    when: cavage((request) => {
      const algorithm = algorithmOf(request)
      return algorithm !== undefined && !['rsa-sha256', 'hs2019'].includes(algorithm)
    }),
  },
  {
    name: 'draft-cavage: rsa-sha256 with (created) or (expires)',
    why: 'the draft forbids it (2.3)',
    they: 'accept',
    when: cavage(
      (request) =>
        algorithmOf(request)?.startsWith('rsa') === true &&
        (has(request, '(created)') || has(request, '(expires)')),
    ),
  },
  {
    name: 'draft-cavage: it expired less than five minutes ago',
    why: 'two clocks are never the same; a signer that gives ten seconds would be refused at random',
    they: 'refuse',
    when: cavage((request) => expiresOf(request) < now && expiresOf(request) >= now - 300_000),
  },
  {
    name: 'draft-cavage: it expires before it was created',
    why: 'nobody means that',
    they: 'accept',
    when: cavage((request) => expiresOf(request) < createdOf(request)),
  },
  {
    name: 'draft-cavage: something is said twice',
    why: 'two readers may choose differently',
    they: 'accept',
    when: cavage(
      (request) =>
        repeats(coveredOf(request)) || (signatureOf(request).match(/keyId=/g)?.length ?? 0) > 1,
    ),
  },
  {
    name: 'draft-cavage: a part of the header that is no parameter',
    why: 'what cannot be read is not read past',
    they: 'accept',
    when: cavage(
      (request) => !/^(?:\s*[A-Za-z]+=(?:"[^"]*"|\d+)\s*(?:,|$))+$/.test(signatureOf(request)),
    ),
  },
  {
    name: 'draft-cavage: names of headers in capitals',
    why: 'the text to sign has them in lower case (2.3); Fedify takes them as the parameter has them',
    they: 'refuse',
    when: cavage((request) => coveredOf(request).some((name) => name !== name.toLowerCase())),
  },
  {
    name: 'draft-cavage: a date that is none of HTTP',
    why: 'RFC 9110, 5.6.7: the one form that may be sent',
    they: 'accept',
    when: cavage(({ headers }) => !/^[A-Z][a-z]{2}, .* GMT$/.test(headers['date'] ?? '')),
  },
  {
    name: 'draft-cavage: a digest of a GET',
    why: 'there is no body whose digest had to be signed',
    they: 'refuse',
    when: cavage((request) => isGet(request) && 'digest' in request.headers),
  },
  {
    name: 'the Host header is another than the host of our URL',
    why: 'proxies rewrite it, so our own host stands in for it',
    they: 'refuse',
    when: ({ headers, url }) => headers['host'] !== new URL(url).host,
  },
  {
    name: 'the Host header is another, and covered so',
    why: 'it was signed for another server',
    they: 'accept',
    when: ({ headers, url }) => headers['host'] !== new URL(url).host,
  },
  {
    name: 'RFC 9421: method, URL or body are not covered',
    why: 'Mastodon asks for them as well: else the signature could be put on another request',
    they: 'accept',
    when: message((request) => {
      const names = componentsOf(request)
      const path = names.includes('@request-target') || names.includes('@path')
      const isPlaced = (names.includes('@authority') || names.includes('host')) && path
      const isBound = isGet(request) || names.includes('content-digest')
      return !(names.includes('@method') && isBound && (names.includes('@target-uri') || isPlaced))
    }),
  },
  {
    name: 'RFC 9421: the path is covered, and the query is not',
    why: 'as above',
    they: 'accept',
    when: message(
      (request) =>
        search(request) !== '' &&
        !componentsOf(request).includes('@query') &&
        !componentsOf(request).includes('@target-uri'),
    ),
  },
  {
    name: 'RFC 9421: @query',
    why: 'it begins with a question mark (2.2.7); in Fedify it does not',
    they: 'refuse',
    when: message((request) => componentsOf(request).includes('@query')),
  },
  {
    name: 'RFC 9421: @request-target',
    why: 'it is the target alone (2.2.5); Fedify puts the method before it',
    they: 'refuse',
    when: message((request) => componentsOf(request).includes('@request-target')),
  },
  {
    name: 'RFC 9421: expires',
    why: 'the signer says so (2.3); Fedify does not look at it',
    they: 'accept',
    when: message((request) => /;expires=/.test(inputOf(request))),
  },
  {
    name: 'RFC 9421: a second signature',
    why: 'we judge the first that covers enough, Fedify each until one holds',
    they: 'accept',
    when: message((request) => /, sig1=/.test(inputOf(request))),
  },
  {
    name: 'RFC 9421: something is said twice',
    why: 'two readers may choose differently; a component may not be covered twice (2.5)',
    they: 'accept',
    when: message(
      (request) => repeats(componentsOf(request)) || /;keyid=[^,]*;keyid=/.test(inputOf(request)),
    ),
  },
  {
    name: 'RFC 9421: the name of a digest in capitals',
    why: 'RFC 9651, 4.2.3.3: keys are in lower case; Mastodon refuses it as well',
    they: 'accept',
    when: message(({ headers }) => (headers['content-digest'] ?? '').startsWith('SHA')),
  },
  {
    name: 'RFC 9421: a digest of a GET is covered',
    why: 'what is signed is checked',
    they: 'accept',
    when: message((request) => isGet(request) && componentsOf(request).includes('content-digest')),
  },
  {
    name: 'RFC 9421: the name of the algorithm in capitals',
    why: 'the registry has it in lower case (6.2)',
    they: 'accept',
    when: message((request) => /[A-Z]/.test(algorithmOf(request) ?? '')),
  },
]
