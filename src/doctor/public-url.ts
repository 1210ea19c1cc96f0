import { echoHeader } from '../model/echo.ts'
import type { Finding } from '../model/finding.ts'
import type { HttpResponse } from '../model/http.ts'
import type { Certificate } from '../model/machine.ts'
import {
  askFollowing,
  jsonOf,
  linksOf,
  looksOf,
  objectAt,
  placeOf,
  shorten,
  textAt,
} from './ask.ts'
import { echoTarget, sendToUs, usIn, type Echoed } from './echo.ts'
import { failed, ok, skipped, warning } from './findings.ts'
import type { Means, Patient } from './ports.ts'

type Scene = { readonly patient: Patient; readonly means: Means }

const unseen =
  'Other servers cannot reach Footbridge: nobody finds your users, and nothing comes in.'

const plain = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')

/** Where the name leads, as this machine resolves it. */
async function address({ patient, means }: Scene): Promise<Finding | undefined> {
  const { publicUrl } = patient.activitypub
  const { hostname } = new URL(publicUrl)
  const host = plain(hostname)
  const found = await means.addressesOf(host)
  if ('silent' in found) {
    return failed('public URL', 'public-url-unreachable', {
      what: `${host} has no address: ${found.silent}.`,
      why: unseen,
      mend: `In the DNS of its domain: ${host}. A <the public address of your web server>`,
    })
  }
  if (patient.isTestNetwork || found.some((one) => means.isPublic(one, host))) return undefined
  return warning('public URL', 'private-address', {
    what: `${host} is at ${found.slice(0, 3).join(', ')}, which is no public address.`,
    why: 'If others get the same answer, they cannot reach Footbridge; if only your own network does, all is well.',
    mend: `In the DNS of its domain: ${host}. A <the public address of your web server>; dig ${host} @9.9.9.9 shows what others get`,
  })
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)
const day = 86_400_000

/** They are renewed when a third of their time is left, which may be a month or some hours. */
const isRenewalLate = ({ validFrom, validTo }: Certificate, now: number): boolean =>
  validTo - now < Math.min(14 * day, (validTo - validFrom) / 6)

const meaningOf = (refusal: string, { validTo, names }: Certificate, host: string): string => {
  switch (refusal) {
    case 'CERT_HAS_EXPIRED':
      return `the certificate of ${host} has expired on ${dayOf(validTo)}`
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `the web server of ${host} shows its certificate without the chain up to a known authority`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return `the certificate of ${host} is signed by no known authority`
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate is for ${names.slice(0, 3).join(', ')}, not for ${host}`
    default:
      return `the certificate of ${host} is refused (${shorten(refusal)})`
  }
}

const mendOf = (refusal: string, host: string): string => {
  switch (refusal) {
    case 'CERT_HAS_EXPIRED':
      return `certbot renew --cert-name ${host}, then reload the web server`
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `In the web server: ssl_certificate /etc/letsencrypt/live/${host}/fullchain.pem; (not cert.pem)`
    default:
      return `certbot certonly -d ${host}, and in the web server: ssl_certificate /etc/letsencrypt/live/${host}/fullchain.pem;`
  }
}

/** As other servers judge it; they have the authorities that this machine has. */
export async function examineCertificate(
  host: string,
  { means }: { readonly means: Pick<Means, 'lookAtCertificate' | 'now'> },
): Promise<Finding> {
  const { hostname, port } = new URL(`https://${host}`)
  const found = await means.lookAtCertificate(plain(hostname), port === '' ? 443 : Number(port))
  if ('silent' in found) return skipped('certificate', `${host} shows none: ${found.silent}.`)
  const name = plain(hostname)
  if (found.refusal !== undefined) {
    return failed('certificate', 'certificate', {
      what: `${meaningOf(found.refusal, found, name)}.`,
      why: 'Servers refuse to speak with it: nothing comes in, and accounts cannot be looked up.',
      mend: mendOf(found.refusal, name),
    })
  }
  if (!isRenewalLate(found, means.now()))
    return ok('certificate', `that of ${name} is good until ${dayOf(found.validTo)}.`)
  return warning('certificate', 'certificate', {
    what: `the certificate of ${name} ends on ${dayOf(found.validTo)}, and was not renewed.`,
    why: 'From then on servers refuse to speak with it.',
    mend: mendOf('CERT_HAS_EXPIRED', name),
  })
}

async function softwareAt({ patient, means }: Scene): Promise<string | undefined> {
  const { publicUrl } = patient.activitypub
  const index = await askFollowing(means.web, { url: `${publicUrl}/.well-known/nodeinfo` })
  const [link] = 'silent' in index ? [] : linksOf(jsonOf(index))
  const url = URL.parse(textAt(link, 'href') ?? '')
  if (url === null) return undefined
  const answer = await askFollowing(means.web, { url: url.href })
  if ('silent' in answer) return undefined
  const name = textAt(objectAt(jsonOf(answer), 'software'), 'name')
  return name === undefined ? undefined : `${shorten(name)} at ${url.host}`
}

const passLine = (bind: string, port: number): string =>
  `proxy_pass http://${/^(?:0\.0\.0\.0|::)$/.test(bind) ? '127.0.0.1' : bind}:${port};`

/** Why the answer at our public URL is not ours. */
async function somebodyElse(answer: HttpResponse, scene: Scene): Promise<Finding> {
  const { publicUrl, bind, port } = scene.patient.activitypub
  const { host } = new URL(publicUrl)
  const line = `In the server block of ${host}: location / { ${passLine(bind, port)} proxy_set_header Host $http_host; }`
  if (answer.status === 502 || answer.status === 503 || answer.status === 504) {
    return failed('public URL', 'web-server-cannot-reach-us', {
      what: `the web server of ${host} does not reach Footbridge, which listens on ${bind}:${port}: ${looksOf(answer)}.`,
      why: unseen,
      mend: line,
    })
  }
  const location = placeOf(answer, publicUrl)
  const software = await softwareAt(scene)
  const who =
    software ?? (location === null ? looksOf(answer) : `it redirects to ${shorten(location.host)}`)
  return failed('public URL', 'another-server', {
    what: `at ${publicUrl} answers something else than this Footbridge: ${who}.`,
    why: unseen,
    mend: `${line}; or in ${scene.patient.configFile}, under activitypub: public_url: <its own host>, which cannot change after the first user`,
  })
}

const isTls = (code: string): boolean =>
  /^(?:CERT_|UNABLE_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS|ERR_SSL)/.test(code)

function silence({ silent, code }: { silent: string; code: string }, scene: Scene): Finding {
  const { publicUrl } = scene.patient.activitypub
  const host = new URL(publicUrl).host
  return failed('public URL', isTls(code) ? 'certificate' : 'public-url-unreachable', {
    what: `${publicUrl} does not answer from here: ${silent}.`,
    why: isTls(code)
      ? unseen
      : `${unseen} From inside some networks one's own public name cannot be reached: ask it from elsewhere, too.`,
    mend: isTls(code)
      ? mendOf(code, host)
      : `Start the web server of ${host}, and let port 443 through the firewall; then from elsewhere: curl -i ${publicUrl}/.well-known/nodeinfo`,
  })
}

const nginxKeeps = (name: string): string =>
  name === 'host'
    ? 'proxy_set_header Host $http_host;'
    : `proxy_set_header ${name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())} $http_${name.replaceAll('-', '_')};`

/** What of the headers that were sent did not arrive as they were. */
function changedIn(
  sent: Readonly<Record<string, string>>,
  arrived: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(sent).flatMap(([name, value]) =>
    name === echoHeader || arrived[name] === value ? [] : [name],
  )
}

type Sent = { readonly headers: Readonly<Record<string, string>>; readonly body: string }

function judgeHeaders(
  { echo }: Extract<Echoed, { echo: unknown }>,
  sent: Sent,
  { publicUrl }: Patient['activitypub'],
): Finding | undefined {
  const { host } = new URL(publicUrl)
  const changed = changedIn({ ...sent.headers, host }, echo.headers)
  const [first] = changed
  if (first === undefined) return undefined
  const missing = changed.filter((name) => echo.headers[name] === undefined)
  const words = missing.length === changed.length ? 'does not pass on' : 'changes'
  const isHostAlone = changed.length === 1 && first === 'host'
  return (isHostAlone ? warning : failed)('headers', 'proxy-headers', {
    what: `the web server of ${host} ${words} ${changed.join(', ')}.`,
    why: isHostAlone
      ? 'Footbridge checks signatures against public_url and bears it; other software behind the same web server would not.'
      : 'Servers prove by these headers who they are: whatever they send is refused.',
    mend: `In the location block of ${host}: ${changed.map(nginxKeeps).join(' ')}`,
  })
}

const small = JSON.stringify({ type: 'Note', content: 'How are you?' })

/** One request as a server would deliver it: what arrives, and whether its signature holds. */
async function deliver(scheme: 'cavage' | 'rfc9421', { patient, means }: Scene): Promise<Finding> {
  const { publicUrl } = patient.activitypub
  const { host } = new URL(publicUrl)
  const url = `${publicUrl}${echoTarget}`
  const headers = await means.signatures.sign({ method: 'POST', url, body: small }, scheme)
  const found = await sendToUs(usIn(patient), means, { method: 'POST', headers, body: small })
  if (!('echo' in found)) {
    return failed('headers', 'proxy-headers', {
      what: `the web server of ${host} does not let a delivery through: ${'other' in found ? looksOf(found.other) : found.silent}.`,
      why: 'What other servers send is refused before Footbridge sees it.',
      mend: `In the web server (or the firewall before it) let POST with content-type application/activity+json through for ${host}`,
    })
  }
  const wrong = judgeHeaders(found, { headers, body: small }, patient.activitypub)
  if (wrong?.result === 'failed') return wrong
  const { target } = found.echo
  const arrived = { method: 'POST', target, headers: found.echo.headers, body: small } as const
  const fault = means.signatures.faultOf(arrived)
  if (fault === undefined) return wrong ?? ok('signatures', `what is signed (${scheme}) holds.`)
  const isPath = target !== new URL(url).pathname + new URL(url).search
  return failed('signatures', isPath ? 'proxy-path' : 'signatures', {
    what: isPath
      ? `the web server of ${host} spells paths anew: ${shorten(target)} arrived.`
      : `a signature made here (${scheme}) does not hold after the web server of ${host}: ${fault}.`,
    why: 'Whatever other servers send is refused, for it seems forged.',
    mend: isPath
      ? `In the location block of ${host}: ${passLine(patient.activitypub.bind, patient.activitypub.port)} (with nothing after the port, not even a slash)`
      : `In the location block of ${host} pass every header and the body on as they are`,
  })
}

/** As large as the largest that is taken. */
const largest = 999_000

async function bodySize({ patient, means }: Scene): Promise<Finding> {
  const { host } = new URL(patient.activitypub.publicUrl)
  const headers = { 'content-type': 'application/activity+json' }
  const body = 'x'.repeat(largest)
  const found = await sendToUs(usIn(patient), means, { method: 'POST', headers, body })
  if ('echo' in found && found.echo.size === largest)
    return ok('body size', 'bodies of 1 MB arrive.')
  const why =
    'Long posts and posts with many mentions are refused, and servers do not send them again.'
  const how =
    'other' in found ? looksOf(found.other) : 'silent' in found ? found.silent : 'it is cut'
  return failed('body size', 'body-limit', {
    what: `the web server of ${host} does not let a body of 1 MB through: ${how}.`,
    why,
    mend: `In the server block of ${host}: client_max_body_size 2m;`,
  })
}

/** Signs and checks without a network, where that cannot be done by the public URL. */
async function signHere({ patient, means }: Scene): Promise<Finding> {
  const url = `${patient.activitypub.publicUrl}/inbox`
  for (const scheme of ['cavage', 'rfc9421'] as const) {
    const headers = await means.signatures.sign({ method: 'POST', url, body: small }, scheme)
    const arrived = { method: 'POST', target: '/inbox', headers, body: small } as const
    const fault = means.signatures.faultOf(arrived)
    if (fault === undefined) continue
    return failed('signatures', 'signatures', {
      what: `a signature made here (${scheme}) does not hold here: ${fault}.`,
      why: 'Other servers would refuse whatever Footbridge sends.',
      mend: 'Please report it, with the version of Node.js and OpenSSL: node -p process.versions',
    })
  }
  return ok('signatures', 'what is signed here holds here.')
}

async function throughProxy(scene: Scene): Promise<readonly Finding[]> {
  const { host } = new URL(scene.patient.activitypub.publicUrl)
  const deliveries = [await deliver('cavage', scene), await deliver('rfc9421', scene)]
  const bad = deliveries.filter(({ result }) => result !== 'ok')
  const headers = bad.some(({ check }) => check === 'headers')
    ? []
    : [ok('headers', `the web server of ${host} passes on what is signed.`)]
  const hold = ok(
    'signatures',
    'what is signed holds, by RFC 9421 and by the older draft (cavage).',
  )
  const told = bad.some(({ result }) => result === 'failed') ? bad : [...bad, hold]
  // Both ways fail by the same fault most often.
  const once = told.filter((one, at) => told.findIndex(({ what }) => what === one.what) === at)
  return [...headers, ...once, await bodySize(scene)]
}

/** What servers elsewhere meet at our public URL, as far as this machine can see it. */
export async function examinePublicUrl(
  scene: Scene,
): Promise<{ readonly findings: readonly Finding[]; readonly isOurs: boolean }> {
  const { patient, means } = scene
  const { publicUrl } = patient.activitypub
  const where = await address(scene)
  if (where?.result === 'failed') return { findings: [where, await signHere(scene)], isOurs: false }
  const isTls = publicUrl.startsWith('https:')
  const certificate = isTls ? [await examineCertificate(new URL(publicUrl).host, scene)] : []
  const placed = [...(where === undefined ? [] : [where]), ...certificate]
  const found = await sendToUs(usIn(patient), means, { method: 'GET' })
  if ('echo' in found) {
    const reached = ok('public URL', `${publicUrl} leads here.`)
    return { findings: [...placed, reached, ...(await throughProxy(scene))], isOurs: true }
  }
  const isSaid = certificate.some(({ result }) => result === 'failed') && 'silent' in found
  const why = isSaid
    ? []
    : ['other' in found ? await somebodyElse(found.other, scene) : silence(found, scene)]
  return { findings: [...placed, ...why, await signHere(scene)], isOurs: false }
}
