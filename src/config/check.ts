import { isPrivateHost, parseHostPort } from './hosts.ts'
import type { Problem, WhereIs } from './problem.ts'
import type { Values } from './settings.ts'
import { parseOrigin } from './values.ts'

/** The rules between settings, each of which is valid by itself. */
export function checkTogether(
  values: Values,
  whereIs: WhereIs,
): { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] } {
  const at = (path: string, what: string, mend: string): Problem => ({
    where: whereIs(path.split('.')),
    what: `${path} ${what}`,
    mend,
  })
  return {
    problems: [
      ...listenerProblems(values, at),
      ...portProblems(values, at),
      ...keyProblems(values, at),
      ...oldTokenProblems(values, at),
      ...publicProblems(values, at),
    ],
    warnings: [
      ...networkWarnings(values, at),
      ...plainWarnings(values, at),
      ...adminPageWarnings(values, at),
    ],
  }
}

type At = (path: string, what: string, mend: string) => Problem

function* portProblems(values: Values, at: At): Iterable<Problem> {
  const mend = 'Give each listener a port of its own, such as 8710 to 8713.'
  const taken = new Map<number, string>()
  for (const name of ['appservice', 'activitypub', 'metrics', 'admin_page'] as const) {
    const { port } = values[name]
    if (port === undefined) continue
    const other = taken.get(port)
    if (other !== undefined) yield at(`${name}.port`, `is ${port}, like ${other}.port.`, mend)
    else taken.set(port, name)
  }
}

function* listenerProblems({ appservice }: Values, at: At): Iterable<Problem> {
  if (appservice.as_token === appservice.hs_token) {
    const mend = 'Give it a token of its own; `openssl rand -hex 32` prints one.'
    yield at('appservice.hs_token', 'is the same as appservice.as_token.', mend)
  }
  if (appservice.bot_localpart.startsWith(appservice.prefix)) {
    const what = `is "${appservice.bot_localpart}", among the names of fediverse accounts.`
    yield at(
      'appservice.bot_localpart',
      what,
      `Allowed: a name without ${appservice.prefix} in front.`,
    )
  }
}

function* keyProblems(values: Values, at: At): Iterable<Problem> {
  const { encryption_key: key, old_encryption_key: old, appservice } = values
  const mend = 'Give it a key of its own; `openssl rand -hex 32` prints one.'
  for (const name of ['as_token', 'hs_token'] as const) {
    if (appservice[name] === key)
      yield at('encryption_key', `is the same as appservice.${name}.`, mend)
  }
  if (old === key) {
    yield at(
      'old_encryption_key',
      'is the same as encryption_key.',
      'Remove it, or give the old one.',
    )
  }
}

const oldTokens = ['old_as_token', 'old_hs_token', 'old_tokens_until'] as const

function* oldTokenProblems({ appservice }: Values, at: At): Iterable<Problem> {
  const missing = oldTokens.filter((name) => appservice[name] === undefined)
  const mend = '"footbridge registration rotate" writes all three, and "--finish" takes them out.'
  if (missing.length > 0 && missing.length < oldTokens.length) {
    yield at(`appservice.${missing[0] ?? ''}`, 'is missing beside the other old tokens.', mend)
  }
  const tokens = [appservice.as_token, appservice.hs_token]
  for (const name of ['old_as_token', 'old_hs_token'] as const) {
    if (tokens.includes(appservice[name] ?? ''))
      yield at(`appservice.${name}`, 'is a token that is in use now.', mend)
  }
}

function* publicProblems({ activitypub, network }: Values, at: At): Iterable<Problem> {
  const { public_url: publicUrl, handle_domain: handleDomain } = activitypub
  const isPlain = publicUrl.startsWith('http:')
  const hostname = parseOrigin(publicUrl)?.hostname ?? ''
  if (isPlain && !isPrivateHost(hostname)) {
    const mend = `Allowed: https, so https://${hostname}; http only for test names and private addresses.`
    yield at('activitypub.public_url', `is ${publicUrl}, without TLS on a public host.`, mend)
  }
  if (!isPlain && network.allow_http.length > 0) {
    const mend = 'Remove network.allow_http: it is for tests whose public_url is http too.'
    yield at('network.allow_http', `is set although public_url is ${publicUrl}.`, mend)
  }
  if (!isPlain && parseHostPort(handleDomain)?.port !== undefined) {
    const mend = 'Remove the port: other servers look handles up on port 443 only.'
    yield at('activitypub.handle_domain', `is ${handleDomain}, with a port.`, mend)
  }
}

function* networkWarnings({ network }: Values, at: At): Iterable<Problem> {
  if (network.allow_private.length > 0) {
    const what = `lets fediverse traffic reach ${network.allow_private.join(', ')}.`
    yield at(
      'network.allow_private',
      what,
      'Whoever sends a link can make Footbridge fetch from there; list as little as possible.',
    )
  }
  if (network.allow_http.length > 0) {
    const what = `speaks without TLS to ${network.allow_http.join(', ')}.`
    yield at(
      'network.allow_http',
      what,
      'Anybody on the way can read and forge it: for tests only.',
    )
  }
}

function* plainWarnings({ activitypub, permissions }: Values, at: At): Iterable<Problem> {
  if (activitypub.public_url.startsWith('http:')) {
    const mend = 'Servers on the internet will not talk to it: for tests only.'
    yield at('activitypub.public_url', `is ${activitypub.public_url}, without TLS.`, mend)
  }
  if (Object.values(permissions).every((level) => level === 'none')) {
    yield at(
      'permissions',
      'lets nobody use Footbridge.',
      'Give a domain or a user id the level user.',
    )
  } else if (permissions['*'] !== undefined && permissions['*'] !== 'none') {
    const what = `lets users of every homeserver in, as ${permissions['*']}.`
    yield at('permissions', what, 'Name your own domain instead, unless you mean it.')
  }
}

/** Who is on the way reads the link that logs in, and what comes after it. */
function* adminPageWarnings({ admin_page: page }: Values, at: At): Iterable<Problem> {
  const { bind, port, url } = page
  const here = url ?? `http://${bind.includes(':') ? `[${bind}]` : bind}`
  const host = parseOrigin(here)?.hostname ?? ''
  const isHere = /^(?:localhost|127\.[\d.]+|\[::1?\]|0\.0\.0\.0)$/.test(host)
  if (port === undefined || here.startsWith('https:') || isHere) return
  yield at(
    url === undefined ? 'admin_page.bind' : 'admin_page.url',
    `lets admins log in at ${here} without TLS.`,
    'Put it behind a proxy with TLS, or bind it to 127.0.0.1 and reach it by SSH (docs/admin-page.md).',
  )
}
