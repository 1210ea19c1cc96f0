import { generateKeyPairSync } from 'node:crypto'
import { canonicalize } from '../../src/activitypub/canonical-json.ts'
import { isContentDigestOf, isDigestOf } from '../../src/activitypub/digest.ts'
import { readRetryAfter } from '../../src/activitypub/follow.ts'
import { readSyncHeader } from '../../src/activitypub/followers-sync.ts'
import { decodeMultikey } from '../../src/activitypub/multikey.ts'
import { isJson, type Json } from '../../src/activitypub/parse-values.ts'
import {
  addProof,
  proofContext,
  readProof,
  verifyProof,
  withoutProof,
} from '../../src/activitypub/proof.ts'
import { readSignature, signRequest, verifySignature } from '../../src/activitypub/signature.ts'
import { readDictionary } from '../../src/activitypub/structured-fields.ts'
import type { Chance } from '../simulation/chance.ts'
import { mangle } from './bytes.ts'
import { mutate, write } from './mutate.ts'
import { fromInput, promise, toInput, type Measure, type Target } from './target.ts'
import { oddText, pickFrom } from './values.ts'

const publicUrl = 'https://us.test'
const now = Date.UTC(2026, 4, 1, 10)
const keyId = 'https://social.test/bob#main-key'
const body = '{"type":"Like"}'
const { publicKey, privateKey } = generateKeyPairSync('ed25519')

type Headers = Readonly<Record<string, string>>

const signed: readonly Headers[] = (['cavage', 'rfc9421'] as const).map((scheme) =>
  signRequest({
    method: 'POST',
    url: `${publicUrl}/inbox`,
    body,
    keyId,
    privateKey,
    date: new Date(now),
    scheme,
  }),
)

/** As other software writes them. */
const samples: readonly string[] = [
  ...[
    'keyId="a",headers="(request-target) host date digest",signature="aGk="',
    'sig1=("@method" "@target-uri");created=1;keyid="a"',
  ],
  ...[
    'algorithm="hs2019",(created),(expires)',
    'sha-256=:aGk=:, sha-512=:aGk=:',
    'SHA-256=aGk=,sha-512=x',
    'a=(1 2);x=?1, b=:AA==:',
  ],
  ...[
    'collectionId="https://a.test/f", url="https://social.test/f", digest="00"',
    'Thu, 01 Jan 2026 00:00:00 GMT',
    '120',
    '@1',
    '-0.5',
  ],
  ...[
    '"',
    '\\',
    '=',
    ',',
    ';',
    '(',
    ')',
    ':',
    '("',
    '";req',
    '";bs',
    '";sf',
    '"@query-param";name="x"',
    ' '.repeat(200),
    '('.repeat(500),
  ],
  ...[
    'a=1,'.repeat(300),
    ';x'.repeat(300),
    '"\\'.repeat(500),
    'keyId="'.repeat(300),
    '==',
    '\u0000',
    'é',
    ','.repeat(2_000),
  ],
]

function changedHeader(text: string, chance: Chance): string {
  const at = chance.int(text.length + 1)
  switch (chance.int(6)) {
    case 0:
      return pickFrom(chance, samples, '')
    case 1:
      return text.slice(0, at) + pickFrom(chance, samples, '') + text.slice(at)
    case 2:
      return text + text
    case 3:
      return oddText(chance)
    case 4:
      return text.slice(0, at)
    default:
      return mangle(text, chance).toString('latin1')
  }
}

function hostileHeaders(chance: Chance): Headers {
  const headers: Record<string, string> = { ...pickFrom(chance, signed, {}) }
  const count = chance.int(4)
  for (let done = 0; done < count; done++) {
    const name = pickFrom(
      chance,
      [...Object.keys(headers), 'signature', 'signature-input', 'x'],
      'date',
    )
    if (chance.happens(0.15)) Reflect.deleteProperty(headers, name)
    // Node gives headers of at most 16 KB.
    else headers[name] = changedHeader(headers[name] ?? '', chance).slice(0, 16_000)
  }
  return headers
}

type Request = {
  readonly headers: Headers
  readonly target: string
  readonly method: string
  readonly header: string
}

function checkRequest({ headers, target, method, header }: Request, measure: Measure): void {
  measure(() => {
    readSignature(headers)
    const given = { method, target, headers, body: Buffer.from(body), now, publicKey, publicUrl }
    return verifySignature(given)
  })
  measure(() => {
    readDictionary(header)
    isDigestOf(header, body)
    isContentDigestOf(header, body)
    readSyncHeader(header, 'https://social.test/bob')
    readRetryAfter(header, now)
    decodeMultikey(header)
  })
}

const document: Json = {
  ...{
    '@context': ['https://www.w3.org/ns/activitystreams', proofContext],
    id: 'https://social.test/bob/1',
    type: 'Note',
  },
  ...{
    actor: 'https://social.test/bob',
    content: 'hello',
    to: ['as:Public'],
    tag: [{ type: 'Mention', href: 'x' }],
    n: 1.5,
  },
}
const proven = addProof(document, { keyId, privateKey }, now)

/** What two readers have to agree on is the same again when it is read, and is none where it is no JSON. */
function checkCanonical(value: unknown, measure: Measure): void {
  let text: string
  try {
    text = measure(() => canonicalize(value))
  } catch (error) {
    if (error instanceof TypeError) return
    throw error
  }
  promise(canonicalize(JSON.parse(text)) === text, 'its canonical form has another')
}

function checkProof(text: string, measure: Measure): void {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return
  }
  checkCanonical(value, measure)
  if (!isJson(value)) return
  const given = value
  const isProven = measure(() => {
    const proof = readProof(given, now)
    return proof !== undefined && verifyProof(proof, publicKey)
  })
  // A linked-data signature may come after the proof: nobody looks at what it says.
  const said = { ...withoutProof(given) }
  Reflect.deleteProperty(said, 'signature')
  if (isProven) promise(canonicalize(said) === canonicalize(document), 'what was changed is proven')
}

type Input = { readonly request: Request } | { readonly text: string }

export const signaturesTarget: Target = {
  name: 'signatures',
  share: 220,
  make: (chance) =>
    chance.happens(0.3)
      ? toInput({ text: write(mutate(proven, document, chance)).slice(0, 300_000) })
      : toInput({
          request: {
            headers: hostileHeaders(chance),
            target: chance.happens(0.8) ? '/inbox' : oddText(chance),
            method: chance.happens(0.9) ? 'POST' : oddText(chance),
            header: changedHeader(pickFrom(chance, samples, ''), chance),
          },
        }),
  check(input, measure) {
    const given = fromInput(input) as Input
    if ('text' in given) checkProof(given.text, measure)
    else checkRequest(given.request, measure)
  },
}
