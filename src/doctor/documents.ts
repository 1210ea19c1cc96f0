import type { CheckName, Finding } from '../model/finding.ts'
import type { HttpResponse } from '../model/http.ts'
import { askFollowing, jsonOf, linksOf, looksOf, objectAt, shorten, textAt } from './ask.ts'
import { failed, ok, skipped, warning } from './findings.ts'
import type { Means, Patient } from './ports.ts'
import { examineCertificate } from './public-url.ts'

type Scene = { readonly patient: Patient; readonly means: Means }

type Found = HttpResponse & { readonly url: string }

/** A document that is not as we write it: somebody between us and the world answers instead. */
function spoilt(check: CheckName, url: string, how: string): Finding {
  return failed(check, 'documents', {
    what: `${url} does not answer as Footbridge does: ${how}.`,
    why: 'Other servers read it before they speak with yours.',
    mend: `In the web server pass ${new URL(url).pathname} on to Footbridge, with the accept header, and keep no copies of answers`,
  })
}

async function nodeInfo({ patient, means }: Scene): Promise<Finding> {
  const { publicUrl } = patient.activitypub
  const url = `${publicUrl}/.well-known/nodeinfo`
  const index = await askFollowing(means.web, { url })
  if ('silent' in index) return spoilt('NodeInfo', url, index.silent)
  const [link] = linksOf(jsonOf(index))
  const href = textAt(link, 'href') ?? ''
  if (index.status !== 200 || !href.startsWith(`${publicUrl}/`))
    return spoilt('NodeInfo', url, looksOf(index))
  const document = await askFollowing(means.web, { url: href })
  if ('silent' in document) return spoilt('NodeInfo', href, document.silent)
  if (textAt(objectAt(jsonOf(document), 'software'), 'name') === 'footbridge')
    return ok('NodeInfo', `${url} tells of Footbridge.`)
  return spoilt('NodeInfo', href, looksOf(document))
}

/** The account of the server itself, whose key every other server asks for. */
async function actor({ patient, means }: Scene): Promise<Finding> {
  if (!means.isRunning) return skipped('actor', 'not looked at: Footbridge is not running.')
  const { publicUrl } = patient.activitypub
  const url = `${publicUrl}/actor`
  const headers = { accept: 'application/activity+json' }
  const found = await askFollowing(means.web, { url, headers })
  if ('silent' in found) return spoilt('actor', url, found.silent)
  const document = jsonOf(found)
  if (found.status !== 200 || textAt(document, 'id') !== url)
    return spoilt('actor', url, looksOf(found))
  const pem = textAt(objectAt(document, 'publicKey'), 'publicKeyPem')
  const { publishedPem } = means.signatures
  if (publishedPem !== undefined && pem?.trim() !== publishedPem.trim()) {
    return failed('actor', 'signatures', {
      what: `${url} tells of another key than the one that signs here.`,
      why: 'Other servers refuse whatever Footbridge sends, for it seems forged.',
      mend: `In the web server of ${new URL(url).host} keep no copies of answers (proxy_cache off;), and look for a second Footbridge`,
    })
  }
  return ok('actor', `${url} answers.`)
}

const nginxLine = (path: string, publicUrl: string): string =>
  `location = ${path} { return 301 ${publicUrl}$request_uri; }`

type Asked = { readonly url: string; readonly isSplit: boolean; readonly domain: string }

function notLeading(
  found: Found | { readonly silent: string },
  asked: Asked,
  scene: Scene,
): Finding {
  const { publicUrl } = scene.patient.activitypub
  const { domain, url } = asked
  const isWithoutQuery = 'url' in found && found.status === 400 && !found.url.includes('resource=')
  const how = 'silent' in found ? found.silent : looksOf(found)
  return failed('WebFinger', 'handle-domain', {
    what: isWithoutQuery
      ? `${domain} leads WebFinger here without the question in it ($request_uri is missing).`
      : `WebFinger at ${domain} does not lead to Footbridge: ${how}.`,
    why: `Handles end in @${domain}: other servers ask there whose they are, and refuse accounts that it does not know. Deliveries wait until it answers.`,
    mend: asked.isSplit
      ? `In the server block of ${domain}: ${nginxLine('/.well-known/webfinger', publicUrl)}`
      : `In the web server pass ${new URL(url).pathname} on to Footbridge`,
  })
}

async function webFinger(asked: Asked, scene: Scene): Promise<Finding> {
  const { publicUrl } = scene.patient.activitypub
  const self = `${publicUrl}/actor`
  const url = `${asked.url}?resource=${encodeURIComponent(self)}`
  const found = await askFollowing(scene.means.web, {
    url,
    headers: { accept: 'application/jrd+json' },
  })
  if ('silent' in found) return notLeading(found, asked, scene)
  const selves = linksOf(jsonOf(found)).flatMap((link) =>
    link['rel'] === 'self' && typeof link['href'] === 'string' ? [link['href']] : [],
  )
  if (found.status === 200 && selves.includes(self))
    return ok('WebFinger', `handles @…@${asked.domain} lead here.`)
  return notLeading(found, asked, scene)
}

async function hostMeta(base: string, asked: Asked, scene: Scene): Promise<Finding> {
  const { publicUrl } = scene.patient.activitypub
  const url = `${base}/.well-known/host-meta`
  const found = await askFollowing(scene.means.web, { url })
  const isOurs =
    !('silent' in found) &&
    found.status === 200 &&
    found.body.toString('utf8').includes('/.well-known/webfinger?resource={uri}')
  if (isOurs) return ok('host-meta', `${url} answers.`)
  const how = 'silent' in found ? shorten(found.silent) : looksOf(found)
  return warning('host-meta', asked.isSplit ? 'handle-domain' : 'documents', {
    what: `${url} does not lead to WebFinger: ${how}.`,
    why: 'A few servers ask there first, and find nobody.',
    mend: `In the server block of ${asked.domain}: ${nginxLine('/.well-known/host-meta', publicUrl)}`,
  })
}

/**
 * The documents by which others find accounts. `isOurs`: our public URL leads here; if it does not, only
 * the domain of the handles is worth a look.
 */
export async function examineDocuments(scene: Scene, isOurs: boolean): Promise<readonly Finding[]> {
  const { publicUrl, handleDomain } = scene.patient.activitypub
  const { protocol, host } = new URL(publicUrl)
  const isSplit = host !== handleDomain
  const base = `${protocol}//${handleDomain}`
  const asked = { url: `${base}/.well-known/webfinger`, isSplit, domain: handleDomain }
  const split =
    isSplit && protocol === 'https:' ? [await examineCertificate(handleDomain, scene)] : []
  if (!isOurs) return split
  return [
    await nodeInfo(scene),
    await actor(scene),
    ...split,
    await webFinger(asked, scene),
    await hostMeta(base, asked, scene),
  ]
}
