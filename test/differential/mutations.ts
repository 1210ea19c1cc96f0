import type { Chance } from '../simulation/chance.ts'
import { publicUrl, type Key, type Sent } from './requests.ts'

type Mutation = (request: Sent, chance: Chance, keys: readonly Key[]) => Sent

const withHeader = (request: Sent, name: string, value: string | undefined): Sent => {
  const rest = Object.entries(request.headers).filter(([other]) => other !== name)
  const added = value === undefined ? [] : [[name, value] as const]
  return { ...request, headers: Object.fromEntries([...rest, ...added]) }
}

const change = (request: Sent, name: string, by: (value: string) => string): Sent => {
  const value = request.headers[name]
  return value === undefined ? request : withHeader(request, name, by(value))
}

const flip = (text: string, chance: Chance): string => {
  const at = chance.int(text.length)
  const other = text[at] === 'A' ? 'B' : 'A'
  return `${text.slice(0, at)}${other}${text.slice(at + 1)}`
}

const anyHeader = (request: Sent, chance: Chance): string =>
  chance.pick(Object.keys(request.headers)) ?? 'date'

const withUrl = (request: Sent, by: (url: URL) => void): Sent => {
  const url = new URL(request.url)
  by(url)
  return { ...request, url: url.href }
}

const seconds = /(created|expires)=(\d+)/

/** The SHA-256 of no bytes. */
const empty = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

/** One change each; most make a right request wrong, some change nothing that counts. */
export const mutations: Readonly<Record<string, Mutation>> = {
  'a header gone': (request, chance) => withHeader(request, anyHeader(request, chance), undefined),
  'a header changed': (request, chance) =>
    change(request, anyHeader(request, chance), (value) => flip(value, chance)),
  'a header in capitals': (request, chance) =>
    change(request, chance.pick(['host', 'digest', 'content-type', 'accept']) ?? '', (value) =>
      value.toUpperCase(),
    ),
  'a header more': (request, chance) => withHeader(request, 'x-more', chance.id()),
  'a digest on a GET': (request) =>
    request.method === 'GET'
      ? withHeader(
          withHeader(request, 'digest', `SHA-256=${empty}`),
          'content-digest',
          `sha-256=:${empty}:`,
        )
      : request,
  'another method': (request) => ({
    ...request,
    method: request.method === 'POST' ? 'PUT' : 'DELETE',
  }),
  'another path': (request) => withUrl(request, (url) => void (url.pathname += 'x')),
  'another query': (request) => withUrl(request, (url) => void (url.search += 'x=1')),
  'no query': (request) => withUrl(request, (url) => void (url.search = '')),
  'another body': (request, chance) =>
    request.body === undefined ? request : { ...request, body: flip(request.body, chance) },
  'another host': (request) => withHeader(request, 'host', 'other.example.org'),
  'a date in another form': (request) =>
    change(request, 'date', (date) =>
      Number.isNaN(Date.parse(date)) ? date : new Date(date).toISOString(),
    ),
  'no date': (request) => change(request, 'date', () => 'yesterday'),
  'another key': (request, chance, keys) => {
    const { keyId } = chance.pick(keys) ?? { keyId: '' }
    const by = (value: string) => value.replace(/(keyId|keyid)="[^"]*"/, `$1="${keyId}"`)
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'an unknown key': (request) => {
    const by = (value: string) => value.replace('/users/', '/people/')
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'a key id that is no URL': (request) => {
    const by = (value: string) => value.replace(/(keyId|keyid)="[^"]*"/, '$1="main-key"')
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'another order': (request) => {
    const by = (value: string) =>
      value
        .replace(/headers="(\S+) (\S+)/, 'headers="$2 $1')
        .replace(/\(("\S+") ("[^")]+")/, '($2 $1')
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'something covered less': (request) => {
    const by = (value: string) =>
      value.replace(/headers="\S+ /, 'headers="').replace(/\("\S+" /, '(')
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'something covered more': (request) => {
    const by = (value: string) =>
      value.replace('headers="', 'headers="x-more ').replace('("', '("x-more" "')
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'something covered twice': (request) => {
    const by = (value: string) =>
      value.replace(/headers="(\S+)/, 'headers="$1 $1').replace(/\(("[^")]+")/, '($1 $1')
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'a component with a parameter': (request) =>
    change(request, 'signature-input', (value) => value.replace('"@method"', '"@method";req')),
  'names in capitals': (request) => {
    const by = (value: string) =>
      value.replace(/headers="[^"]*"/, (names) => names.toUpperCase().replace('HEADERS', 'headers'))
    return change(request, 'signature', by)
  },
  'another time': (request, chance) => {
    const by = (value: string) =>
      value.replace(seconds, (_, name, time) => `${name}=${Number(time) + chance.between(-5, 5)}`)
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'a time that is none': (request) => {
    const by = (value: string) => value.replace(seconds, '$1="soon"')
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'a parameter twice': (request) => {
    const by = (value: string) =>
      value.replace(/keyId="[^"]*"/, '$&,$&').replace(/;keyid="[^"]*"/, '$&$&')
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'a parameter more': (request, chance) => {
    const by = (value: string) => `${value};nonce="${chance.id()}"`
    const isMessage = 'signature-input' in request.headers
    return isMessage
      ? change(request, 'signature-input', by)
      : change(request, 'signature', (value) => `${value},opaque="x"`)
  },
  'parameters in another order': (request) => {
    const by = (value: string) => value.replace(/(;created=\d+)(.*)$/, '$2$1')
    const parts = (value: string) => value.split(',').reverse().join(',')
    return 'signature-input' in request.headers
      ? change(request, 'signature-input', by)
      : change(request, 'signature', parts)
  },
  'white space': (request) => {
    const by = (value: string) => value.replace(/",(?=[a-z])/g, '" , ').replace('("', '( "')
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'another algorithm': (request, chance) => {
    const name = chance.pick(['rsa-sha256', 'hs2019', 'none', 'rsa-v1_5-sha512', 'ed25519']) ?? ''
    const by = (value: string) =>
      value.replace(/(algorithm|alg)="[^"]*"/, (_, key) => `${key}="${name}"`)
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'another signature': (request, chance) =>
    change(request, 'signature', (value) =>
      value.replace(/[A-Za-z0-9+/]{80,}/, (base64) => flip(base64, chance)),
    ),
  'half a signature': (request) =>
    change(request, 'signature', (value) => value.replace(/[A-Za-z0-9+/]{40}(?==*[":])/, '')),
  'another label': (request) =>
    change(request, 'signature-input', (value) => value.replace(/^sig1=/, 'sig2=')),
  'a second signature that is wrong': (request) => {
    const twice = (by: (value: string) => string) => (value: string) =>
      `${by(value).replace(/^sig1=/, 'sig0=')}, ${value}`
    const input = twice((value) => value.replace(/created=\d+/, 'created=1'))
    if (!('signature-input' in request.headers)) return request
    return change(
      change(request, 'signature-input', input),
      'signature',
      twice((value) => value),
    )
  },
  'broken quotes': (request) => {
    const by = (value: string) => value.replace('="', '=')
    return change(change(request, 'signature', by), 'signature-input', by)
  },
  'the digest of another kind': (request) =>
    change(
      change(request, 'digest', (value) => value.replace('SHA-256', 'MD5')),
      'content-digest',
      (value) => value.replace('sha-256', 'md5'),
    ),
  'digest names in another case': (request) =>
    change(
      change(request, 'digest', (value) => value.replace('SHA', 'sha')),
      'content-digest',
      (value) => value.replace('sha', 'SHA'),
    ),
  'no body': (request) => {
    if (request.body === undefined) return request
    return { ...request, body: '' }
  },
  'the whole moved to another server': (request) =>
    withHeader(
      { ...request, url: request.url.replace(publicUrl, 'https://fedi.example.net') },
      'host',
      'fedi.example.net',
    ),
}

/** Those that may also be what was signed: an odd request with a signature that is right. */
export const beforeSigning: readonly string[] = [
  ...['a header more', 'a digest on a GET', 'a date in another form', 'no date', 'another host'],
  ...['the digest of another kind', 'digest names in another case', 'a header gone'],
]
