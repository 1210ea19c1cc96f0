import { stringify } from 'yaml'
import type { Config } from './config.ts'
import { settings } from './settings.ts'

type Namespace = { readonly exclusive: boolean; readonly regex: string }

/** The application service registration, as the homeserver reads it. */
export type Registration = {
  readonly id: string
  readonly url: string
  readonly as_token: string
  readonly hs_token: string
  readonly sender_localpart: string
  readonly rate_limited: false
  readonly namespaces: {
    readonly users: readonly Namespace[]
    readonly aliases: readonly Namespace[]
  }
  readonly protocols: readonly string[]
  readonly receive_ephemeral: false
  readonly 'io.element.msc4190': true
}

/** What a registration is made from. */
export type RegistrationSource = {
  readonly appservice: Pick<
    Config['appservice'],
    'id' | 'url' | 'asToken' | 'hsToken' | 'botLocalpart' | 'prefix'
  >
  readonly homeserver: Pick<Config['homeserver'], 'serverName'>
}

const head = `# Tells the homeserver about Footbridge. Written by "footbridge registration -c config.yaml": change
# the configuration instead of this file. Synapse reads it when it stands in app_service_config_files.
`

/**
 * The registration through `AppServiceRegistration` of matrix-appservice-bridge, which checks that
 * nothing is missing. That package is heavy and no part of the running bridge, so it is loaded here
 * and only here.
 */
export async function makeRegistration(source: RegistrationSource): Promise<Registration> {
  const { AppServiceRegistration } = await import('matrix-appservice-bridge')
  const { appservice, homeserver } = source
  const registration = new AppServiceRegistration(appservice.url)
  registration.setId(appservice.id)
  registration.setAppServiceToken(appservice.asToken)
  registration.setHomeserverToken(appservice.hsToken)
  registration.setSenderLocalpart(appservice.botLocalpart)
  registration.setRateLimited(false)
  const named = (sigil: string, localpart: string) =>
    `^${sigil}${localpart}:${literally(homeserver.serverName)}$`
  // Anchored: some homeservers search for the pattern anywhere in an id.
  registration.addRegexPattern('users', named('@', `${literally(appservice.prefix)}.*`), true)
  registration.addRegexPattern('users', named('@', literally(appservice.botLocalpart)), true)
  registration.addRegexPattern('aliases', named('#', `${literally(appservice.prefix)}.*`), true)
  const { id, url, as_token, hs_token, sender_localpart, namespaces } = registration.getOutput()
  if (url === null) throw new Error('the registration has no url')
  return {
    id,
    url,
    as_token,
    hs_token,
    sender_localpart,
    rate_limited: false,
    namespaces: { users: namespaces?.users ?? [], aliases: namespaces?.aliases ?? [] },
    // Clients list the fediverse among the networks whose people can be looked up.
    protocols: ['activitypub'],
    receive_ephemeral: false,
    // MSC4190: lets us create the device a repeated send is masked with (MSC4326). Synapse from
    // 1.141 and servers of Matrix 1.17 need no flag and ignore it, Synapse before that needs it.
    'io.element.msc4190': true,
  }
}

/** The registration as the text of a YAML file. */
export async function printRegistration(source: RegistrationSource): Promise<string> {
  return head + stringify(await makeRegistration(source), { lineWidth: 0 })
}

/** The committed `registration.yaml`: what the sample configuration would give. */
export async function printSampleRegistration(): Promise<string> {
  const { appservice, homeserver } = settings
  return printRegistration({
    appservice: {
      id: appservice.id.fallback ?? '',
      url: appservice.url.derived ?? '',
      asToken: appservice.as_token.sample ?? '',
      hsToken: appservice.hs_token.sample ?? '',
      botLocalpart: appservice.bot_localpart.fallback ?? '',
      prefix: appservice.prefix.fallback ?? '',
    },
    homeserver: { serverName: homeserver.server_name.sample ?? '' },
  })
}

// Only what both Python's and Go's expressions read the same way.
const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
